package spreadsheet

import (
	"encoding/xml"
	"io"
	"path"
	"strconv"
	"strings"

	"hocba/internal/fault"
)

// Workbook is a read .xlsx: the cells with content of its visible sheets.
type Workbook struct {
	Sheets []*Sheet
}

// Read reads an .xlsx within the Max limits. Faults, all Invalid: the Code…File
// and CodeTooMany… codes. Hidden sheets are left out, for nobody who looks at
// the file would expect them to be imported.
func Read(r io.Reader) (*Workbook, error) {
	p, err := openParts(r)
	if err != nil {
		return nil, err
	}
	book, err := readBook(p)
	if err != nil {
		return nil, readFault(err)
	}
	return book, nil
}

// bookParts is what the workbook part says about the others.
type bookParts struct {
	dir      string
	sheets   []sheetPart
	date1904 bool
	targets  map[string]string // relationship id → part name
	strings  string
	styles   string
}

type sheetPart struct {
	name, id string
	hidden   bool
}

func readBook(p *parts) (*Workbook, error) {
	bp, err := readBookParts(p)
	if err != nil {
		return nil, err
	}
	texts, err := readSharedStrings(p, bp.strings)
	if err != nil {
		return nil, err
	}
	dates, err := readDateStyles(p, bp.styles)
	if err != nil {
		return nil, err
	}
	book := &Workbook{}
	cells := 0
	for _, part := range bp.sheets {
		target, ok := bp.targets[part.id]
		if part.hidden || !ok || !strings.Contains(target, "worksheets/") {
			continue // a hidden sheet, or a chart sheet
		}
		reader := &sheetReader{parts: p, texts: texts, dates: dates, date1904: bp.date1904, cells: &cells}
		sheet, err := reader.read(part.name, target)
		if err != nil {
			return nil, err
		}
		book.Sheets = append(book.Sheets, sheet)
	}
	return book, nil
}

func readBookParts(p *parts) (*bookParts, error) {
	name := "xl/workbook.xml"
	top, err := readRelations(p, "_rels/.rels", "")
	if err != nil {
		return nil, err
	}
	for _, rel := range top {
		if strings.HasSuffix(rel.kind, "/officeDocument") {
			name = rel.target
		}
	}
	if strings.HasSuffix(name, ".bin") {
		return nil, fault.New(fault.Invalid, CodeFileOldFormat)
	}
	bp := &bookParts{dir: path.Dir(name), targets: map[string]string{}}
	if ok, err := bp.readWorkbook(p, name); err != nil {
		return nil, err
	} else if !ok {
		return nil, fault.New(fault.Invalid, CodeFileNotXLSX)
	}
	rels, err := readRelations(p, path.Join(bp.dir, "_rels", path.Base(name)+".rels"), bp.dir)
	if err != nil {
		return nil, err
	}
	for id, rel := range rels {
		bp.targets[id] = rel.target
		switch {
		case strings.HasSuffix(rel.kind, "/sharedStrings"):
			bp.strings = rel.target
		case strings.HasSuffix(rel.kind, "/styles"):
			bp.styles = rel.target
		}
	}
	return bp, nil
}

// readWorkbook lists the sheets; ok is false when the part is no workbook (a
// Word file renamed).
func (bp *bookParts) readWorkbook(p *parts, name string) (ok bool, err error) {
	found := false
	err = eachStart(p, name, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "workbook":
			found = true
		case "workbookPr":
			bp.date1904 = attrTrue(e, "date1904")
		case "sheet":
			if len(bp.sheets) == MaxSheets {
				return fault.New(fault.Invalid, CodeTooManySheets, "limit", strconv.Itoa(MaxSheets))
			}
			state := attr(e, "state")
			bp.sheets = append(bp.sheets, sheetPart{
				name: attr(e, "name"), id: relationID(e), hidden: state == "hidden" || state == "veryHidden",
			})
		}
		return nil
	})
	return found, err
}

// relationID returns r:id, whatever prefix the file binds.
func relationID(e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

type relation struct{ kind, target string }

// readRelations reads a .rels part; targets are resolved against dir.
func readRelations(p *parts, name, dir string) (map[string]relation, error) {
	rels := map[string]relation{}
	err := eachStart(p, name, func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" || attr(e, "TargetMode") == "External" {
			return nil
		}
		if len(rels) == MaxParts {
			return errMarkup
		}
		target := attr(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		rels[attr(e, "Id")] = relation{kind: attr(e, "Type"), target: partName(target)}
		return nil
	})
	return rels, err
}

// eachStart calls fn for each start element of a part; a missing part has none.
func eachStart(p *parts, name string, fn func(xml.StartElement) error) error {
	content, ok, err := p.open(name)
	if err != nil || !ok {
		return err
	}
	defer content.Close()
	w := newWalker(content)
	for {
		tok, err := w.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := tok.(xml.StartElement); ok {
			if err := fn(e); err != nil {
				return err
			}
		}
	}
}

// readSharedStrings returns the table of texts. Runs of a rich text are joined,
// phonetic readings left out.
func readSharedStrings(p *parts, name string) ([]string, error) {
	if name == "" {
		return nil, nil
	}
	content, ok, err := p.open(name)
	if err != nil || !ok {
		return nil, err
	}
	defer content.Close()
	w := newWalker(content)
	var texts []string
	var text strings.Builder
	inText := false
	for {
		tok, err := w.next()
		if err == io.EOF {
			return texts, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "si":
				text.Reset()
			case "t":
				inText = true
			case "rPh":
				w.pass()
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "si":
				if len(texts) == MaxCells {
					return nil, errBudget
				}
				texts = append(texts, unescape(text.String()))
			case "t":
				inText = false
			}
		case xml.CharData:
			if inText {
				text.Write(t)
			}
		}
	}
}

// readDateStyles returns, per cell style, whether numbers under it are dates.
func readDateStyles(p *parts, name string) ([]bool, error) {
	if name == "" {
		return nil, nil
	}
	custom := map[string]bool{}
	var dates []bool
	inCells := false
	err := eachStart(p, name, func(e xml.StartElement) error {
		if len(custom) > maxStyles || len(dates) > maxStyles {
			return errMarkup
		}
		switch e.Name.Local {
		case "numFmt":
			custom[attr(e, "numFmtId")] = dateFormat(attr(e, "formatCode"))
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs":
			inCells = false
		case "xf":
			if inCells {
				id := attr(e, "numFmtId")
				date, ok := custom[id]
				dates = append(dates, ok && date || !ok && builtinDateFormat(id))
			}
		}
		return nil
	})
	return dates, err
}

// builtinDateFormat reports whether one of Excel's built-in formats shows a
// day (ECMA-376 §18.8.30; 27–36 and 50–58 are the East Asian ones).
func builtinDateFormat(id string) bool {
	n, err := strconv.Atoi(id)
	if err != nil {
		return false
	}
	return n >= 14 && n <= 17 || n == 22 || n >= 27 && n <= 31 || n == 36 || n >= 50 && n <= 58
}

// dateFormat reports whether a format code shows a day, month or year.
// Quoted and escaped text, colours and conditions say nothing.
func dateFormat(code string) bool {
	day, digits, minutes := false, false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '\\', '_', '*':
			i++
		case '"', '[':
			end := byte('"')
			if c == '[' {
				end = ']'
			}
			j := strings.IndexByte(code[i+1:], end)
			if j < 0 {
				return day && !digits
			}
			i += j + 1
		case 'd', 'D', 'y', 'Y':
			day = true
		case 'h', 'H', 's', 'S':
			minutes = true
		case 'm', 'M':
			day = day || !minutes && !strings.ContainsAny(code, "hHsS")
		case '0', '#', '?':
			digits = digits || !minutes
		case 'G', 'g':
			if strings.HasPrefix(strings.ToLower(code[i:]), "general") {
				return false
			}
		}
	}
	return day && !digits
}
