package evaluation

// Commendation is a title of Điều 13 (TT 27/2020); the codes are those of the
// signed XML (LOAI_KHEN_THUONG).
type Commendation string

// The commendations. Only the first two follow from the year's result.
const (
	NoCommendation Commendation = ""
	// Outstanding: Học sinh Xuất sắc, for every HTXS.
	Outstanding Commendation = "HOC_SINH_XUAT_SAC"
	// Exemplary: Học sinh Tiêu biểu hoàn thành tốt trong học tập và rèn luyện,
	// for an HTT who also excels in something and is recognised by the class.
	Exemplary Commendation = "HOC_SINH_TIEU_BIEU"
	// Special: khen thưởng đột xuất, at any time of the year.
	Special Commendation = "DOT_XUAT"
	// Higher: khen thưởng cấp trên, proposed by the school.
	Higher Commendation = "CAP_TREN"
	// Letter: thư khen, written by a teacher or manager.
	Letter Commendation = "THU_KHEN"
	// OtherTitle: whatever else the school writes on the line.
	OtherTitle Commendation = "KHAC"
)

// ParseCommendation reads a commendation's code; "" is none.
func ParseCommendation(s string) (Commendation, bool) {
	switch c := Commendation(s); c {
	case NoCommendation, Outstanding, Exemplary, Special, Higher, Letter, OtherTitle:
		return c, true
	}
	return "", false
}

// Proposal is the commendation that goes with an overall level.
type Proposal struct {
	Title Commendation
	// NeedsRecognition: the level alone does not give the title; the homeroom
	// teacher must name the outstanding result or progress and the class must
	// have recognised it (Điều 13.1b).
	NeedsRecognition bool
}

// Propose returns the year-end commendation that goes with the level; its
// Title is "" when none does.
func (r *RuleSet) Propose(o Overall) Proposal {
	rule := r.rowOf(o)
	return Proposal{Title: rule.Commendation, NeedsRecognition: rule.NeedsRecognition}
}

// MayAward reports whether a commendation may stand beside the level: a
// year-end title only beside its own level, the others always.
func (r *RuleSet) MayAward(c Commendation, o Overall) bool {
	switch c {
	case Outstanding, Exemplary:
		return r.Propose(o).Title == c
	}
	_, ok := ParseCommendation(string(c))
	return ok
}

// Completes reports whether the level confirms the completion of the grade
// (Điều 11.1): HTXS, HTT and HT do.
func Completes(o Overall) bool {
	for _, r := range ruleSets {
		if r.rowOf(o).Completes {
			return true
		}
	}
	return false
}

func (r *RuleSet) rowOf(o Overall) overallRule {
	for _, rule := range r.overall {
		if rule.Level == o {
			return rule
		}
	}
	return overallRule{}
}

// ParseOverall reads an overall level.
func ParseOverall(s string) (Overall, bool) {
	for _, o := range Overalls {
		if Overall(s) == o {
			return o, true
		}
	}
	return "", false
}
