// Package views holds every page and every word a person reads: templ
// components, the structs that fill them, formatting. A component never
// queries and never decides; what may be done arrives as actions, what must be
// said as codes with arguments. The package knows no database and no session.
package views

import (
	"github.com/a-h/templ"

	"hocba/views/ui"
)

// The addresses the frame itself needs. handlers/routes.go uses the same names.
const (
	HomeURL     = "/"
	SignInURL   = "/dang-nhap"
	SessionURL  = "/session"          // DELETE: sign out
	RoleURL     = "/session/role"     // GET: the chooser; POST: take the role
	PasswordURL = "/session/password" // GET: the form; POST: change
	LookupURL   = "/tra-cuu"
	PrivacyURL  = "/quyen-rieng-tu"
)

// Product is the name of the portal.
const Product = "Học bạ số"

// Demo says that the database is a demonstration. Every page of such a database
// shows a strip; the zero value shows none.
type Demo struct {
	On    bool
	Trial bool   // signatures have no legal value, in a demonstration or not
	Date  string // the assumed day, dd/MM/yyyy; empty when it is today
}

// mark says what has no legal value.
func (d Demo) mark() string {
	switch {
	case d.On && d.Trial:
		return "Dữ liệu thử, chữ ký thử nghiệm"
	case d.On:
		return "Dữ liệu thử"
	}
	return "Chữ ký thử nghiệm"
}

// Link is a name and where it leads; Current marks where one stands.
type Link struct {
	Label   string
	URL     string
	Current bool
}

// NavItem is one line of the navigation. Count appears only above zero: it is
// the number of things that wait.
type NavItem struct {
	Label   string
	URL     string
	Icon    ui.Icon
	Count   int
	Current bool
}

// NavGroup is a duty with its pages; the first group may have no title.
type NavGroup struct {
	Title string
	Items []NavItem
}

// Frame is everything around the content of a staff page. One place in
// handlers fills the upper half from the session, the page fills the lower.
type Frame struct {
	Demo      Demo
	Unit      string // "Trường Tiểu học Hoa Phượng"
	UnitShort string // "TH Hoa Phượng"; empty: Unit
	Place     string // second line under the unit: "Phường Hải Sơn"
	Year      string // "2025–2026"; empty where no year is chosen
	Years     []Link // the years one may change to
	Person    string
	Role      string // "Giáo viên · chủ nhiệm 4A"
	RoleShort string // "GVCN 4A"; empty: Role
	ManyRoles bool   // shows "Đổi vai"
	Nav       []NavGroup

	Title   string // of the browser's tab; empty: Heading
	Crumbs  []Link // from the widest unit to here; the last has no URL
	Heading string
	Lead    string
	Actions templ.Component // at most two buttons beside the heading; may be nil
	Dense   bool            // pages with a grid: smaller heading, less room above
	Scripts []string        // source names of the page's own scripts: "js/gradebook.js"
}

// Public is the frame of pages for everybody: sign-in and look-up.
type Public struct {
	Demo      Demo
	Product   string // "Học bạ số tiểu học", "Kiểm tra học bạ số"; empty: Product
	Authority string // "Sở GD&ĐT Đà Nẵng"
	Title     string // of the browser's tab; empty: Heading
	Heading   string // empty: the content brings its own h1 (the verdict)
	Lead      string
	Above     templ.Component // above the heading: the error summary; may be nil
	Foot      templ.Component // nil: the sentence about privacy
	Scripts   []string
}

func (f Frame) title() string {
	return pageTitle(f.Title, f.Heading)
}

func (p Public) title() string {
	return pageTitle(p.Title, p.Heading)
}

func pageTitle(title, heading string) string {
	if title == "" {
		title = heading
	}
	if title == "" {
		return Product
	}
	return title + " – " + Product
}

func (f Frame) unitShort() string { return first(f.UnitShort, f.Unit) }
func (f Frame) roleShort() string { return first(f.RoleShort, f.Role) }

func (p Public) product() string { return first(p.Product, Product) }

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// joined puts " · " between what is not empty.
func joined(parts ...string) string {
	out := ""
	for _, p := range parts {
		switch {
		case p == "":
		case out == "":
			out = p
		default:
			out += " · " + p
		}
	}
	return out
}

// htmxConfig is the behaviour of htmx under a strict content security policy:
// no evaluation, no style element, nothing of a child's page kept in the
// browser, answers with words for people (409, 422, 423) shown like any other.
const htmxConfig = `{"historyCacheSize":0,"refreshOnHistoryMiss":true,"allowEval":false,"allowScriptTags":false,` +
	`"includeIndicatorStyles":false,"selfRequestsOnly":true,"responseHandling":[{"code":"204","swap":false},` +
	`{"code":"[23]..","swap":true},{"code":"409|422|423","swap":true,"error":false},{"code":"[45]..","swap":false,"error":true}]}`
