package registry

import (
	"strconv"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/school"
	"hocba/internal/verify"
)

// Arrival is a record that came with a manifest, verified from its bytes.
type Arrival struct {
	SHA256 string
	Bytes  []byte
	Record *bundle.Record // nil when the bytes do not open
	Listed bundle.Listed  // the manifest's line it answers; zero: unlisted
	// ProvableUntil is how long the bytes alone can be proven; zero: not known.
	ProvableUntil time.Time
	// Answers are what issuers said of the signers' certificates when the record
	// was judged: OCSP responses and lists, DER.
	Answers [][]byte
	reasons []bundle.Reason
	pending bool
}

// Pending reports that nobody can say now whether one of the signers'
// certificates still counts.
func (a *Arrival) Pending() bool { return a.pending }

// UUID returns MA_HOC_BA as the manifest names it, else as the bytes do; ""
// when neither does.
func (a *Arrival) UUID() string {
	switch {
	case a.Listed.Record != "":
		return a.Listed.Record
	case a.Record != nil:
		return a.Record.General.Record
	}
	return ""
}

// Number returns PHIEN_BAN likewise, 0 when nobody says.
func (a *Arrival) Number() int {
	switch {
	case a.Listed.Record != "":
		return a.Listed.Version
	case a.Record != nil:
		return a.Record.General.Version
	}
	return 0
}

// Unlisted reports whether the manifest does not name the record.
func (a *Arrival) Unlisted() bool { return a.Listed.Record == "" }

// Touches names what a decision about the record rests on and changes: its
// binding, its pupil's year, its look-up code. Two records that share none may
// be decided in any order.
func (a *Arrival) Touches() []string {
	var out []string
	if id := a.UUID(); id != "" {
		out = append(out, "record:"+id)
	}
	if a.Record != nil {
		g := a.Record.General
		out = append(out, "record:"+g.Record, "pupil:"+a.Record.Content.Pupil.Code+"/"+string(g.Year), "code:"+string(a.Record.Issuance.Code))
	}
	return out
}

// Examine verifies the bytes of one record and holds them against the manifest.
// It asks nothing of what the registry holds; Decide does.
func (o Office) Examine(p *Paper, s Sender, raw []byte) *Arrival {
	a := &Arrival{SHA256: hash(raw), Bytes: raw}
	seen := holders{}
	report := verify.File(raw, o.options(s, seen))
	a.ProvableUntil = report.ProvableUntil
	if report.Record != nil {
		a.Record = report.Record.Record
	}
	altered := a.match(p.Statement)
	switch {
	case altered:
		// The school's own bytes may be sound: what came is not what it sealed.
		a.reasons = append(a.reasons, reason("registry.bytes_differ", bundle.Resubmit, "expected", a.Listed.SHA256))
		a.reasons = append(a.reasons, failures(report, bundle.Resubmit)...)
		return a
	case a.Unlisted():
		a.reasons = append(a.reasons, reason("registry.unlisted", bundle.Resubmit))
		return a
	}
	a.reasons = failures(report, bundle.Reissue)
	said := o.standing(report, seen, bundle.Reissue)
	a.reasons, a.pending, a.Answers = append(a.reasons, said.against...), said.pending, said.answers
	if a.Record == nil {
		if len(a.reasons) == 0 { // a statement or receipt in a record's place
			a.reasons = append(a.reasons, reason("bundle.root", bundle.Reissue))
		}
		return a
	}
	a.reasons = append(a.reasons, a.against(p.Statement, o)...)
	return a
}

// match finds the manifest's line of the record: by its bytes, else by
// MA_HOC_BA, and then the bytes were altered.
func (a *Arrival) match(s *bundle.Statement) (altered bool) {
	for _, l := range s.Records {
		if l.SHA256 == a.SHA256 {
			a.Listed = l
			return false
		}
	}
	if a.Record == nil {
		return false
	}
	for _, l := range s.Records {
		if l.Record == a.Record.General.Record {
			a.Listed = l
			return true
		}
	}
	return false
}

// against compares the record with the manifest that brought it.
func (a *Arrival) against(s *bundle.Statement, o Office) []bundle.Reason {
	g, c := a.Record.General, a.Record.Content
	var out []bundle.Reason
	differ := func(what, manifest, record string) {
		if manifest != record {
			out = append(out, reason("registry.manifest_differs", bundle.Resubmit, "what", what, "manifest", manifest, "record", record))
		}
	}
	differ("record", a.Listed.Record, g.Record)
	differ("version", strconv.Itoa(a.Listed.Version), strconv.Itoa(g.Version))
	differ("pupil", a.Listed.Pupil, c.Pupil.Code)
	differ("year", string(s.Year), string(g.Year))
	differ("track", strconv.Itoa(int(s.Track)), strconv.Itoa(int(g.Track)))
	differ("class", s.Class.Code, c.Class.Code)
	differ("school", s.School.Code, g.School.Code)
	if g.Department.Code != o.Department.Code {
		out = append(out, reason("registry.other_department", bundle.Reissue, "department", g.Department.Code))
	}
	return out
}

// Held is a version of the record that the registry has accepted before.
type Held struct {
	Number  int
	SHA256  string
	School  string
	Live    bool // in the registry's hands now: not recalled, replaced, revoked
	Locked  bool
	Revoked bool
}

// Facts is what the registry holds about a record when one of its versions
// arrives.
type Facts struct {
	BoundPupil  string      // pupil to whom MA_HOC_BA is bound; "" none
	BoundYear   school.Year // and the year
	OtherRecord string      // another MA_HOC_BA bound to the same pupil and year; "" none
	Held        []Held      // every version ever accepted under MA_HOC_BA
	CodeTaken   bool        // another version bears the look-up code
	Window      Window      // of the record's year and track
	Closed      bool        // the principal's CHOT of class and track was accepted
}

// Ruling is the decision about one record. Only Decide makes one.
type Ruling struct {
	made     bool
	reasons  []bundle.Reason
	version  Version
	replaced int
	lock     Hand
}

// Made reports that the ruling was made by Decide; the zero value was not.
func (r Ruling) Made() bool { return r.made }

// Accepted reports whether the version enters the registry.
func (r Ruling) Accepted() bool { return r.made && len(r.reasons) == 0 }

// Reasons returns why not, numbered.
func (r Ruling) Reasons() []bundle.Reason { return r.reasons }

// Version returns what enters.
func (r Ruling) Version() Version { return r.version }

// Replaced returns the PHIEN_BAN of the version that ends by it; 0 none.
func (r Ruling) Replaced() int { return r.replaced }

// Lock returns by whom the version is locked in the moment of acceptance; ""
// when it is not: a class that is closed, or a time that is over, or a version
// that stands for a revoked one, has nothing that could still be changed.
func (r Ruling) Lock() Hand { return r.lock }

// Decide rules on a record that was examined.
func Decide(a *Arrival, f Facts, now time.Time) Ruling {
	r := Ruling{made: true}
	reasons := a.reasons
	if a.Record != nil && !a.Unlisted() {
		if len(reasons) == 0 {
			r.version = version(a)
		}
		reasons = append(reasons, identity(a.Record, f)...)
		succession, replaced := succeed(a, f, now)
		reasons = append(reasons, succession...)
		r.replaced = replaced
	}
	if len(reasons) > 0 {
		for i := range reasons {
			reasons[i].Record = a.UUID()
		}
		return Ruling{made: true, reasons: number(reasons)}
	}
	switch revoked := anyRevoked(f.Held); {
	case revoked:
		r.lock = ByDepartment
	case f.Closed:
		r.lock = BySchool
	case f.Window.State(now) == Over:
		r.lock = ByDate
	}
	return r
}

// identity holds the binding of MA_HOC_BA to pupil and year, and the code.
func identity(rec *bundle.Record, f Facts) []bundle.Reason {
	var out []bundle.Reason
	switch {
	case f.BoundPupil != "" && (f.BoundPupil != rec.Content.Pupil.Code || f.BoundYear != rec.General.Year):
		out = append(out, reason("registry.bound_to_another", bundle.AskAbove))
	case f.OtherRecord != "":
		out = append(out, reason("registry.pupil_has_record", bundle.AskAbove, "other", f.OtherRecord))
	}
	if f.CodeTaken {
		out = append(out, reason("registry.code_taken", bundle.Reissue))
	}
	return out
}

// succeed decides whether the version may follow what the registry holds, and
// which version ends by it. Gaps in PHIEN_BAN are legal.
func succeed(a *Arrival, f Facts, now time.Time) (reasons []bundle.Reason, replaced int) {
	g := a.Record.General
	var newest, live *Held
	for i := range f.Held {
		h := &f.Held[i]
		if h.Number == g.Version {
			return []bundle.Reason{reason("registry.version_taken", bundle.Reissue, "version", strconv.Itoa(g.Version))}, 0
		}
		if newest == nil || h.Number > newest.Number {
			newest = h
		}
		if h.Live {
			live = h
		}
	}
	want := ""
	if newest != nil {
		want = newest.SHA256
		switch {
		case newest.School != g.School.Code:
			reasons = append(reasons, reason("registry.managed_elsewhere", bundle.AskAbove, "school", newest.School))
		case g.Version < newest.Number:
			reasons = append(reasons, reason("registry.version_old", bundle.Reissue, "version", strconv.Itoa(newest.Number)))
		}
	}
	if g.Replaces != want {
		reasons = append(reasons, reason("registry.replaces", bundle.Reissue, "expected", want))
	}
	if live == nil {
		return reasons, 0
	}
	if live.Locked {
		return append(reasons, reason("registry.locked", bundle.AskAbove, "version", strconv.Itoa(live.Number))), 0
	}
	return append(reasons, f.Window.reason(now)...), live.Number
}

func version(a *Arrival) Version {
	g, c := a.Record.General, a.Record.Content
	return Version{Record: g.Record, Number: g.Version, Pupil: c.Pupil.Code, School: g.School.Code, ClassCode: c.Class.Code,
		ClassName: c.Class.Name, Year: g.Year, Track: g.Track, Birth: c.Pupil.Birth, Code: a.Record.Issuance.Code,
		SHA256: a.SHA256, Bytes: a.Bytes}
}

func anyRevoked(held []Held) bool {
	for _, h := range held {
		if h.Revoked {
			return true
		}
	}
	return false
}
