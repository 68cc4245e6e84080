package paper

import (
	_ "embed" // for print.css
	"fmt"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"rsc.io/qr"

	"hocba/internal/paper/fonts"
)

// printCSS is the style of the printed document. Screens have
// static/css/paper.css for the same classes.
//
//go:embed print.css
var printCSS string

// frontPage is the name of the pages before the first year.
const frontPage = "front"

// pageName is the class of a year's pages and the name of their page rule.
func pageName(year int) string { return "paper-year-" + strconv.Itoa(year) }

// sheet is the document's style element: typeface, form, and the head and foot
// of each kind of page. Head and foot are margin boxes (CSS Paged Media), so
// they stand on every page however far a long remark makes the text flow.
func sheet(b Booklet) templ.Component {
	var css strings.Builder
	css.WriteString("<style>")
	css.WriteString(fonts.CSS())
	css.WriteString(printCSS)
	pageRules(&css, ".paper-front", frontPage, b, b.Foot)
	for i, y := range b.Years {
		pageRules(&css, "."+pageName(i), pageName(i), b, y.Foot)
	}
	css.WriteString("</style>")
	return templ.Raw(css.String())
}

// plainSheet is the style of a document without the book's foot.
func plainSheet() templ.Component {
	return templ.Raw("<style>" + fonts.CSS() + printCSS + "@page{margin:20mm 15mm 20mm 25mm}</style>")
}

// dots stands where something is filled in by hand.
func dots(s string) string {
	if s == "" {
		return "………………"
	}
	return s
}

// pageRules writes the page rule of one kind of page.
func pageRules(css *strings.Builder, selector, name string, b Booklet, f Foot) {
	fmt.Fprintf(css, "%s{page:%s}\n@page %s{", selector, name, name)
	if strip := b.strip(); strip != "" {
		fmt.Fprintf(css, "@top-center{border:.8pt solid #000;content:%s}", cssString(strip))
	} else {
		css.WriteString("@top-center{content:none}")
	}
	const number = `"Trang " counter(page) "/" counter(pages)`
	if b.Preview {
		fmt.Fprintf(css, "@bottom-left{padding-top:5mm;content:%s}@bottom-right{content:%s}}\n", cssString(f.Holder), number)
		return
	}
	css.WriteString("@bottom-left{")
	if mark := qrImage(f.URL); mark != "" {
		fmt.Fprintf(css, `padding-left:22mm;background:url("%s") 0 2.5mm/20mm 20mm no-repeat;`, mark)
	}
	fmt.Fprintf(css, "content:%s \"\\a \" %s}", cssString("Bản giấy của học bạ số – kiểm tra tại "+f.Site), cssString(f.Holder))
	fmt.Fprintf(css, "@bottom-right{content:%s \"\\a \" %s \"\\a \" %s}}\n",
		cssString("Mã tra cứu: "+f.Code), cssString(f.Version), number)
}

// cssString quotes s for a style sheet inside HTML: whatever could end the
// string, the rule or the element is written as its code.
func cssString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r < 0x20, r == 0x7f, strings.ContainsRune("\"\\<>&{};", r):
			fmt.Fprintf(&b, `\%x `, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// qrImage returns a QR code of text as a data address of an SVG with one path of
// lines one module thick (half the size of filled squares), quiet zone included; "" when there is no text or it does not fit.
func qrImage(text string) string {
	if text == "" {
		return ""
	}
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return ""
	}
	const quiet = 4 // modules, ISO/IEC 18004
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %d.5h%d", from+quiet, y+quiet, x-from)
			}
		}
	}
	side := code.Size + 2*quiet
	return fmt.Sprintf("data:image/svg+xml,%%3Csvg xmlns='http://www.w3.org/2000/svg' width='20mm' height='20mm' viewBox='0 0 %d %d'%%3E%%3Cpath d='%s' stroke='%%23000'/%%3E%%3C/svg%%3E",
		side, side, path.String())
}

// separator stands after item i of n in a running text.
func separator(i, n int) string {
	if i == n-1 {
		return "."
	}
	return "; "
}
