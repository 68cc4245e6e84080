package demo

import (
	"math/rand/v2"

	"hocba/internal/school"
)

// Invented people. Family, middle and given names are common ones; the
// mountain school has names of the Cơ-tu besides.
var (
	families    = []string{"Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Hoàng", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Đinh", "Trịnh", "Mai", "Cao"}
	boyMiddles  = []string{"Văn", "Minh", "Gia", "Hữu", "Quốc", "Đức", "Anh", "Thành", "Bảo", "Nhật", "Hoàng", "Khánh", "Tuấn", "Mạnh"}
	girlMiddles = []string{"Thị", "Ngọc", "Khánh", "Thanh", "Bảo", "Quỳnh", "Minh", "Thảo", "Phương", "Mai", "Hà", "Tường", "Yến", "Kim"}
	boyNames    = []string{"An", "Bình", "Cường", "Dũng", "Duy", "Đạt", "Đức", "Hải", "Hiếu", "Hoàng", "Huy", "Khang", "Khôi", "Kiên", "Long", "Minh", "Nam", "Nguyên", "Phong", "Phúc", "Quân", "Quang", "Sơn", "Thắng", "Thịnh", "Tú", "Vinh", "Vũ"}
	girlNames   = []string{"An", "Anh", "Ánh", "Châu", "Chi", "Diễm", "Dung", "Giang", "Hà", "Hân", "Hương", "Huyền", "Lan", "Linh", "Mai", "My", "Nga", "Ngân", "Nhi", "Như", "Oanh", "Phương", "Quỳnh", "Thảo", "Thư", "Trang", "Uyên", "Vy", "Yến", "Ý"}
	hillNames   = []string{"Zơrâm", "Bh'nướch", "Alăng", "Arất", "Bling", "Pơloong", "Bríu", "Hôih", "Tơngôl", "Rapát"}
	remarkable  = []struct {
		name string
		sex  school.Sex
	}{
		{"Công Tằng Tôn Nữ Uyên Nhi", school.Female}, {"Nguyễn Khánh Chi", school.Female}, {"Lê Khánh Duy", school.Male},
		{"Phan Hữu Đức", school.Male},
	}
)

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// childName returns an invented pupil's name.
func childName(r *rand.Rand, sex school.Sex, hills bool) string {
	if hills && r.IntN(3) > 0 {
		if sex == school.Female {
			return pick(r, hillNames) + " Thị " + pick(r, girlNames)
		}
		return pick(r, hillNames) + " " + pick(r, boyNames)
	}
	if sex == school.Female {
		return pick(r, families) + " " + pick(r, girlMiddles) + " " + pick(r, girlNames)
	}
	return pick(r, families) + " " + pick(r, boyMiddles) + " " + pick(r, boyNames)
}

// grownName returns an invented adult's name.
func grownName(r *rand.Rand) (string, school.Sex) {
	if r.IntN(10) < 7 {
		return pick(r, families) + " Thị " + pick(r, girlMiddles[1:]) + " " + pick(r, girlNames), school.Female
	}
	return pick(r, families) + " " + pick(r, boyMiddles) + " " + pick(r, boyNames), school.Male
}
