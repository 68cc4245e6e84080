package profile

import "hocba/internal/school"

// Gap is something a file lacks at the start of a year. Code is profile.gap_empty,
// profile.gap_parents (neither parents nor a guardian are named),
// profile.gap_place (Args province: no province of today is named),
// profile.gap_former (Args former, today: a dissolved unit is named),
// profile.gap_commune (no phường, xã or đặc khu is named) or
// profile.gap_number (the number fits neither sex nor birth date).
type Gap struct {
	Field Field
	Code  string
	Args  map[string]string
}

// asked are the fields that must not stay empty. A personal number may be
// missing for a while, and the parents for ever: a guardian does.
var asked = []Field{PersonalNo, Ethnicity, Birthplace, Hometown, Residence}

// abroad is a nationality whose places are not this country's.
const homeland = "Việt Nam"

// Gaps lists what a file lacks, in the order of the form. Places are judged by
// the units of today: two tiers since 1/7/2025, no district (domain notes §6.1).
func (f File) Gaps() []Gap {
	var out []Gap
	for _, field := range asked {
		if f[field] == "" {
			out = append(out, Gap{Field: field, Code: "profile.gap_empty"})
			continue
		}
		switch field {
		case PersonalNo:
			birth, _ := school.ParseDate(f[BirthDate])
			if !school.PersonalNoAgrees(f[PersonalNo], school.Sex(f[Sex]), birth) {
				out = append(out, Gap{Field: field, Code: "profile.gap_number"})
			}
		case Birthplace, Residence:
			if gap, ok := f.place(field); ok {
				out = append(out, gap)
			}
		}
	}
	if f[FatherName] == "" && f[MotherName] == "" && f[GuardianName] == "" {
		out = append(out, Gap{Field: GuardianName, Code: "profile.gap_parents"})
	}
	return out
}

// place judges an address. Where the child was born may lie abroad; where it
// lives may not.
func (f File) place(field Field) (Gap, bool) {
	p := school.ReadPlace(f[field])
	switch {
	case p.Former != "":
		return Gap{Field: field, Code: "profile.gap_former", Args: map[string]string{"former": p.Former, "today": p.Province}}, true
	case p.Province == "" && (field == Residence || f[Nationality] == homeland):
		return Gap{Field: field, Code: "profile.gap_place"}, true
	case field == Residence && !p.Commune:
		return Gap{Field: field, Code: "profile.gap_commune"}, true
	}
	return Gap{}, false
}
