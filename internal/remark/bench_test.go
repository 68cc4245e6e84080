package remark

import (
	"fmt"
	"testing"

	"hocba/internal/school"
)

// BenchmarkCheck looks at a class of 35 with every subject and group written.
func BenchmarkCheck(b *testing.B) {
	c := Class{Printed: true}
	for i := range 35 {
		p := Pupil{ID: int64(i + 1), Name: fmt.Sprintf("Nguyễn %c Khánh Yến", 'A'+i%26), Sex: school.Female}
		c.Pupils = append(c.Pupils, p)
		for _, it := range Items() {
			phrases := Suiting(StarterBank(), Place{Item: it, Grade: 4, Level: "T", Period: school.YearEnd})
			if len(phrases) > 0 {
				c.Cells = append(c.Cells, Cell{Pupil: p.ID, Item: it, Level: "T", Text: phrases[i%len(phrases)].Text})
			}
		}
	}
	for b.Loop() {
		c.Check()
	}
}
