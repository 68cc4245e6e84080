package spreadsheet

import (
	"strings"

	"hocba/internal/school"
)

// Foreigner is the entry of the list of ethnic groups for pupils without
// Vietnamese nationality, code 55.
const Foreigner = "Người nước ngoài"

// ethnicities are the official names in the order of their statistics codes,
// 1 first; code 55 is Foreigner (domain notes §9.4).
var ethnicities = [...]string{
	"Kinh", "Tày", "Thái", "Hoa", "Khơ-me", "Mường", "Nùng", "Hmông", "Dao", "Gia-rai", "Ngái", "Ê-đê", "Ba-na",
	"Xơ-đăng", "Sán Chay", "Cơ-ho", "Chăm", "Sán Dìu", "Hrê", "Mnông", "Ra-glai", "Xtiêng", "Bru-Vân Kiều", "Thổ",
	"Giáy", "Cơ-tu", "Gié-Triêng", "Mạ", "Khơ-mú", "Co", "Ta-ôi", "Chơ-ro", "Kháng", "Xinh-mun", "Hà Nhì", "Chu-ru",
	"Lào", "La Chi", "La Ha", "Phù Lá", "La Hủ", "Lự", "Lô Lô", "Chứt", "Mảng", "Pà Thẻn", "Cơ Lao", "Cống", "Bố Y",
	"Si La", "Pu Péo", "Brâu", "Ơ Đu", "Rơ-măm", Foreigner,
}

// otherNames are usual spellings and names of parts of a group, beyond what
// folding of case, diacritics, blanks and hyphens already unites.
var otherNames = map[string]string{
	"Việt": "Kinh", "Khmer": "Khơ-me", "Khmer Krom": "Khơ-me", "Miên": "Khơ-me", "Mông": "Hmông", "Mèo": "Hmông",
	"Mán": "Dao", "Jrai": "Gia-rai", "Rade": "Ê-đê", "Rađê": "Ê-đê", "Bahnar": "Ba-na", "Sê-đăng": "Xơ-đăng",
	"Xê-đăng": "Xơ-đăng", "Xơ-teng": "Xơ-đăng", "Ca Dong": "Xơ-đăng", "Cao Lan": "Sán Chay", "Sán Chỉ": "Sán Chay",
	"K'ho": "Cơ-ho", "Kơ-ho": "Cơ-ho", "Cờ Ho": "Cơ-ho", "Chàm": "Chăm", "Hơ-rê": "Hrê", "H're": "Hrê",
	"Mơ-nông": "Mnông", "Roglai": "Ra-glai", "Stiêng": "Xtiêng", "Vân Kiều": "Bru-Vân Kiều", "Bru": "Bru-Vân Kiều",
	"Katu": "Cơ-tu", "Ca Tu": "Cơ-tu", "Kơ-tu": "Cơ-tu", "Giẻ": "Gié-Triêng", "Triêng": "Gié-Triêng",
	"Dẻ Triêng": "Gié-Triêng", "Ve": "Gié-Triêng", "Bhnoong": "Gié-Triêng", "Cor": "Co", "Kor": "Co",
	"Pa Cô": "Ta-ôi", "Pa-kô": "Ta-ôi", "Châu Ro": "Chơ-ro", "Xinh Mul": "Xinh-mun", "Churu": "Chu-ru",
	"Kơ-mú": "Khơ-mú", "Nhắng": "Giáy", "Hán": "Hoa", "Nước ngoài": Foreigner, "Ngoại quốc": Foreigner,
}

var ethnicityIndex = indexEthnicities()

func indexEthnicities() map[string]string {
	index := make(map[string]string, len(ethnicities)+len(otherNames))
	for _, name := range ethnicities {
		index[headingKey(name)] = name
	}
	for name, official := range otherNames {
		index[headingKey(name)] = official
	}
	return index
}

// Ethnicities lists the official names in the order of their codes: 54 groups,
// then Foreigner.
func Ethnicities() []string { return append([]string(nil), ethnicities[:]...) }

// EthnicityCode returns the statistics code of an official name, 1–55; 0 for
// no such name.
func EthnicityCode(name string) int {
	for i, e := range ethnicities {
		if e == name {
			return i + 1
		}
	}
	return 0
}

// ReadEthnicity finds the official name for any usual spelling: "cơ tu",
// "H'Mông", "Dân tộc Kinh". near is a name one letter away when nothing fits.
func ReadEthnicity(s string) (name, near string, ok bool) {
	folded := school.Fold(s)
	for _, prefix := range []string{"dan toc ", "dt ", "nguoi "} {
		folded = strings.TrimPrefix(folded, prefix)
	}
	key := headingKey(folded)
	if name, ok := ethnicityIndex[key]; ok {
		return name, "", true
	}
	if name, ok := ethnicityIndex[headingKey(s)]; ok {
		return name, "", true
	}
	for _, e := range ethnicities {
		if k := headingKey(e); len(k) > 2 && oneEdit(k, key) {
			return "", e, false
		}
	}
	return "", "", false
}

// oneEdit reports whether one letter added, dropped or changed, or two
// neighbours swapped, make b out of a.
func oneEdit(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > 1 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(x) < len(y) {
		return string(x[i:]) == string(y[i+1:])
	}
	if i == len(x) || string(x[i+1:]) == string(y[i+1:]) {
		return true
	}
	return i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && string(x[i+2:]) == string(y[i+2:])
}
