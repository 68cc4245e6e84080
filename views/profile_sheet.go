package views

import (
	"fmt"
	"time"

	"hocba/internal/profile"
	"hocba/internal/school"
	"hocba/views/paper"
	"hocba/views/words"
)

// ProfileSheetsHead is what every sheet of a class says.
func ProfileSheetsHead(u school.Unit, y school.Year, class string, now time.Time) paper.ProfileSheets {
	day := school.DateOf(now)
	place := fmt.Sprintf("ngày %02d tháng %02d năm %d", day.Day, day.Month, day.Year)
	if u.Commune != "" {
		place = u.Commune + ", " + place
	}
	return paper.ProfileSheets{School: u.Name, Year: YearLabel(y), Class: class, Place: place}
}

// sheetLines are the lines of the sheet: what belongs to one person stands in one.
var sheetLines = []profile.Field{profile.FullName, profile.Sex, profile.BirthDate, profile.PersonalNo, profile.Ethnicity, profile.Nationality,
	profile.Birthplace, profile.Hometown, profile.Residence, profile.Village, profile.Phone, profile.FatherName, profile.MotherName, profile.GuardianName}

// sheetPeople are the year of birth and the work that stand behind a name.
var sheetPeople = map[profile.Field][2]profile.Field{profile.FatherName: {profile.FatherBirth, profile.FatherJob},
	profile.MotherName: {profile.MotherBirth, profile.MotherJob}, profile.GuardianName: {profile.GuardianBirth, profile.GuardianJob}}

// ProfileSheet is one pupil's sheet for the family.
func ProfileSheet(name string, file profile.File, waiting []ProfileChange) paper.ProfileSheet {
	out := paper.ProfileSheet{Pupil: name}
	for _, f := range sheetLines {
		line := paper.ProfileLine{Name: words.ProfileField(f), Value: ProfileText(f, file[f])}
		if person, ok := sheetPeople[f]; ok {
			line.Name += ", năm sinh, nghề nghiệp"
			line.Value = joinedBy(", ", file[f], file[person[0]], file[person[1]])
		}
		for _, c := range waiting {
			if c.Field == f {
				line.Waiting = c.after()
			}
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}

// joinedBy puts sep between what is not empty.
func joinedBy(sep string, parts ...string) string {
	out := ""
	for _, p := range parts {
		if p != "" && out != "" {
			out += sep
		}
		out += p
	}
	return out
}
