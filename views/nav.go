package views

import (
	"strings"

	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views/ui"
)

// Taught is a subject of a class that a person teaches, for the navigation.
type Taught struct {
	ClassID   int64
	ClassName string
	Subject   school.Subject
}

// HomeClass is a class whose homeroom teacher a person is.
type HomeClass struct {
	ID   int64
	Name string
}

// NavInput is what the navigation of a person is made from.
type NavInput struct {
	Role   workflow.Role
	Year   school.Year
	Period school.Period // the period whose grid opens first
	Taught []Taught
	Homes  []HomeClass
	Past   bool   // the year is over
	Path   string // of the page shown, to mark where one stands
	Counts map[string]int
}

// maxTaught is how many grids the navigation lists one by one; who teaches
// more finds them on the first page.
const maxTaught = 12

// Nav returns the navigation of a role, grouped by duty.
func Nav(in NavInput) []NavGroup {
	y := in.Year
	groups := []NavGroup{{Items: []NavItem{{Label: "Việc chờ tôi", URL: YearURL(y), Icon: ui.IconHome}}}}
	add := func(title string, items ...NavItem) { groups = append(groups, NavGroup{Title: title, Items: items}) }
	item := func(label string, icon ui.Icon, parts ...any) NavItem {
		return NavItem{Label: label, URL: In(y, parts...), Icon: icon}
	}
	switch in.Role {
	case workflow.Teacher:
		groups = append(groups, teacherNav(in)...)
	case workflow.Principal, workflow.Deputy:
		records := []NavItem{item("Duyệt học bạ", ui.IconTick, "approval"), item("Phát hành", ui.IconStamp, "issuance"),
			item("Nộp Sở", ui.IconSend, "submission")}
		records = append(records, item(CommendationName, ui.IconStar, "commendations"))
		own := []NavItem{item("Tiến độ", ui.IconChart, "school"), item("Chưa có học bạ chốt", ui.IconWarn, "summer", "unclosed"), item("Ai còn việc", ui.IconClock, "people"), item("Lớp học", ui.IconPeople, "classes"),
			item("Mở, khóa nhập", ui.IconCalendar, "entry-windows")}
		if in.Role == workflow.Principal { // what no delegation gives to a deputy
			records = append(records, item("Xét sau hè", ui.IconCalendar, "summer"), item("Chốt", ui.IconLock, "closing"), item("Rút, thay thế", ui.IconBack, "recall"),
				item("Đề nghị thu hồi", ui.IconHistory, "revocation"))
			own = append(own, item(CertificatesName, ui.IconShield, "certificates"), item("Sổ con dấu", ui.IconStamp, "seal-uses"), item("Ủy quyền", ui.IconPerson, "delegations"), item("Xác nhận hồ sơ", ui.IconPeople, "profile-changes"))
		}
		add("Học bạ", records...)
		add("Trường", append(own, item("Kho nhận xét", ui.IconBook, "phrases"), item("Cách ký", ui.IconKey, "signing"))...)
	case workflow.SchoolAdmin:
		add("Nhà trường", item("Lớp, phân công", ui.IconPeople, "classes"), item("Nhập học sinh", ui.IconUpload, "pupils", "import"),
			item("Xác nhận hồ sơ", ui.IconPeople, "profile-changes"),
			item("Tài khoản", ui.IconPerson, "accounts"), item(CertificatesName, ui.IconShield, "certificates"), item("Sổ con dấu", ui.IconStamp, "seal-uses"), item("Cách ký", ui.IconKey, "signing-ways"), item("Mở, khóa nhập", ui.IconCalendar, "entry-windows"),
			item("Kho nhận xét", ui.IconBook, "phrases"))
		add("Học bạ", item("Tiến độ", ui.IconChart, "school"), item("Chưa có học bạ chốt", ui.IconWarn, "summer", "unclosed"), item("Chuẩn bị nộp", ui.IconSend, "submission"),
			item(CommendationName, ui.IconStar, "commendations"))
	case workflow.Authority:
		add("Theo dõi", item("Tiến độ", ui.IconChart, "area"), item("Thời gian chốt", ui.IconCalendar, "closing-time"), item(TimeStampsName, ui.IconClock, "time-stamps"), item(EvidenceName, ui.IconPaper, "evidence"),
			item("Đề nghị thu hồi", ui.IconHistory, "revocations"), item(CertificatesName, ui.IconShield, "certificates"), item(TrustName, ui.IconKey, "trust"))
	case workflow.MiddleAuthority:
		add("Theo dõi", item("Tiến độ", ui.IconChart, "area"), item("Đề nghị thu hồi", ui.IconHistory, "revocations"), item(CertificatesName, ui.IconShield, "certificates"), item(EvidenceName, ui.IconPaper, "evidence"))
	case workflow.Inspector:
		add("Theo dõi", item("Tiến độ", ui.IconChart, "area"), item(CertificatesName, ui.IconShield, "certificates"), item(EvidenceName, ui.IconPaper, "evidence"))
	}
	mark(groups, in)
	return groups
}

func teacherNav(in NavInput) []NavGroup {
	var out []NavGroup
	teach := NavGroup{Title: "Dạy học"}
	for _, t := range in.Taught {
		if len(teach.Items) == maxTaught {
			break
		}
		teach.Items = append(teach.Items, NavItem{Label: t.Subject.Short() + " " + t.ClassName, Icon: ui.IconGrid,
			URL: GradebookURL(in.Year, t.ClassID, in.Period, t.Subject)})
	}
	if len(teach.Items)+len(in.Homes) > 0 {
		teach.Items = append(teach.Items, NavItem{Label: "Kho nhận xét", Icon: ui.IconBook, URL: PhrasesURL(in.Year)})
		out = append(out, teach)
	}
	for _, c := range in.Homes {
		out = append(out, NavGroup{Title: "Chủ nhiệm " + c.Name, Items: []NavItem{
			{Label: AllSubjectsName, Icon: ui.IconGrid, URL: AllSubjectsURL(in.Year, c.ID, in.Period)},
			{Label: "Phẩm chất, NL", Icon: ui.IconHeart, URL: TraitsURL(in.Year, c.ID, in.Period)},
			{Label: "Bảng tổng hợp", Icon: ui.IconChart, URL: ReviewURL(in.Year, c.ID)},
			{Label: "Bảng theo mẫu", Icon: ui.IconPaper, URL: SummaryURL(in.Year, c.ID, in.Period)},
			{Label: "Ai còn việc", Icon: ui.IconClock, URL: In(in.Year, "people")},
			{Label: ForesightName, Icon: ui.IconSearch, URL: ForesightURL(in.Year, c.ID)},
			{Label: CommendationName, Icon: ui.IconStar, URL: CommendationsURL(in.Year, c.ID)},
			{Label: "Diện riêng", Icon: ui.IconPerson, URL: SpecialURL(in.Year, c.ID)},
			{Label: SummerName, Icon: ui.IconCalendar, URL: SummerURL(in.Year, c.ID)},
		}})
	}
	for i, c := range in.Homes {
		if at := len(out) - len(in.Homes) + i; !in.Past {
			out[at].Items = append(out[at].Items, NavItem{Label: ProfileName, Icon: ui.IconPeople, URL: ProfilesURL(in.Year, c.ID)})
		}
	}
	if len(teach.Items) > 0 {
		out = append(out, NavGroup{Title: "Công cụ", Items: []NavItem{{Label: "Nhập từ Excel", Icon: ui.IconUpload, URL: ImportsURL(in.Year)}}})
	}
	if sign := signingItems(in); len(sign) > 0 {
		sign = append(sign, NavItem{Label: "Cách ký", Icon: ui.IconKey, URL: SignersURL(in.Year)})
		out = append(out, NavGroup{Title: "Ký số", Items: sign})
	}
	return out
}

// signingItems lists each class in which the person has something to sign, once.
func signingItems(in NavInput) []NavItem {
	var items []NavItem
	seen := map[int64]bool{}
	add := func(id int64, name string) {
		if !seen[id] && len(items) < maxTaught {
			seen[id] = true
			items = append(items, NavItem{Label: "Ký lớp " + name, Icon: ui.IconPen, URL: SigningURL(in.Year, id)})
		}
	}
	for _, c := range in.Homes {
		add(c.ID, c.Name)
	}
	for _, t := range in.Taught {
		add(t.ClassID, t.ClassName)
	}
	return items
}

// mark sets the counts and the line on which one stands: the longest address
// that the page's own begins with.
func mark(groups []NavGroup, in NavInput) {
	var best *NavItem
	for g := range groups {
		for i := range groups[g].Items {
			it := &groups[g].Items[i]
			it.Count = in.Counts[it.URL]
			if in.Path != it.URL && !strings.HasPrefix(in.Path, it.URL+"/") {
				continue
			}
			if best == nil || len(it.URL) > len(best.URL) {
				best = it
			}
		}
	}
	if best != nil && (best.URL != YearURL(in.Year) || in.Path == best.URL) {
		best.Current = true
	}
}
