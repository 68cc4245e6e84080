package school

import "strings"

// provinces are the 34 provinces and centrally run cities since 1/7/2025, by
// their two-digit codes (QĐ 19/2025/QĐ-TTg; domain notes §9.3).
var provinces = map[string]string{
	"01": "Hà Nội", "04": "Cao Bằng", "08": "Tuyên Quang", "11": "Điện Biên", "12": "Lai Châu", "14": "Sơn La", "15": "Lào Cai",
	"19": "Thái Nguyên", "20": "Lạng Sơn", "22": "Quảng Ninh", "24": "Bắc Ninh", "25": "Phú Thọ", "31": "Hải Phòng", "33": "Hưng Yên",
	"37": "Ninh Bình", "38": "Thanh Hóa", "40": "Nghệ An", "42": "Hà Tĩnh", "44": "Quảng Trị", "46": "Huế", "48": "Đà Nẵng",
	"51": "Quảng Ngãi", "52": "Gia Lai", "56": "Khánh Hòa", "66": "Đắk Lắk", "68": "Lâm Đồng", "75": "Đồng Nai", "79": "Hồ Chí Minh",
	"80": "Tây Ninh", "82": "Đồng Tháp", "86": "Vĩnh Long", "91": "An Giang", "92": "Cần Thơ", "96": "Cà Mau",
}

// formerProvinces tell in which province of today a dissolved one lies (NQ 202/2025/QH15).
var formerProvinces = map[string]string{
	"Hà Giang": "Tuyên Quang", "Yên Bái": "Lào Cai", "Bắc Kạn": "Thái Nguyên", "Vĩnh Phúc": "Phú Thọ", "Hòa Bình": "Phú Thọ",
	"Bắc Giang": "Bắc Ninh", "Thái Bình": "Hưng Yên", "Hải Dương": "Hải Phòng", "Hà Nam": "Ninh Bình", "Nam Định": "Ninh Bình",
	"Quảng Bình": "Quảng Trị", "Quảng Nam": "Đà Nẵng", "Kon Tum": "Quảng Ngãi", "Bình Định": "Gia Lai", "Ninh Thuận": "Khánh Hòa",
	"Đắk Nông": "Lâm Đồng", "Bình Thuận": "Lâm Đồng", "Phú Yên": "Đắk Lắk", "Bà Rịa - Vũng Tàu": "Hồ Chí Minh", "Bình Dương": "Hồ Chí Minh",
	"Bình Phước": "Đồng Nai", "Long An": "Tây Ninh", "Sóc Trăng": "Cần Thơ", "Hậu Giang": "Cần Thơ", "Bến Tre": "Vĩnh Long",
	"Trà Vinh": "Vĩnh Long", "Tiền Giang": "Đồng Tháp", "Bạc Liêu": "Cà Mau", "Kiên Giang": "An Giang", "Thừa Thiên Huế": "Huế",
}

// communeWords begin the name of a unit of today's lower tier, and
// districtWords that of one which was dissolved with the district tier on
// 1/7/2025 (thị trấn became xã or phường). Folded.
var (
	communeWords  = []string{"phuong ", "xa ", "dac khu ", "p. ", "x. "}
	districtWords = []string{"huyen ", "quan ", "thi xa ", "thi tran ", "h. ", "q. ", "tx. ", "tt. "}
	provinceWords = []string{"tinh ", "thanh pho ", "tp. ", "tp "}
)

var provinceKeys, formerKeys = placeKeys()

func placeKeys() (now, former map[string]string) {
	now, former = map[string]string{"tphcm": "Hồ Chí Minh", "sai gon": "Hồ Chí Minh"}, map[string]string{}
	for _, name := range provinces {
		now[placeKey(name)] = name
	}
	for name, today := range formerProvinces {
		former[placeKey(name)] = today
	}
	return now, former
}

// placeKey brings the spellings of a place's name together.
func placeKey(name string) string {
	key := Fold(CleanLine(name))
	for _, word := range provinceWords {
		if rest, ok := strings.CutPrefix(key, word); ok {
			key = rest
			break
		}
	}
	return strings.Join(strings.FieldsFunc(key, func(r rune) bool { return r == ' ' || r == '-' || r == '–' || r == '.' }), " ")
}

// Place is what an address in running text says of today's units.
type Place struct {
	Province string // of today; "" when the address names none
	Commune  bool   // a phường, xã or đặc khu is named
	Former   string // a unit that is no more, as it is written: a district or a dissolved province
	Today    string // where a dissolved province lies now; "" for a district
}

// ReadPlace finds the units in an address whose parts stand between commas,
// the smallest first. Since 1/7/2025 there are two tiers: communes and the 34
// provinces. A place abroad names no province.
func ReadPlace(address string) Place {
	var p Place
	parts := strings.Split(CleanLine(address), ",")
	for i := len(parts) - 1; i >= 0; i-- {
		part := CleanLine(parts[i])
		key := Fold(part) + " "
		switch {
		case begins(key, communeWords):
			p.Commune = true
			continue
		case begins(key, districtWords):
			p.Former, p.Today = part, ""
			continue
		}
		name := placeKey(part)
		if today, ok := provinceKeys[name]; ok && p.Province == "" && p.Former == "" {
			p.Province = today
			continue
		}
		if today, ok := formerKeys[name]; ok && p.Province == "" {
			p.Province, p.Former, p.Today = today, part, today
			continue
		}
		// A town that was run by a province is a district of its day.
		if p.Province != "" && begins(key, provinceWords) && p.Former == "" {
			p.Former = part
		}
	}
	return p
}

func begins(key string, words []string) bool {
	for _, w := range words {
		if strings.HasPrefix(key, w) && len(key) > len(w) {
			return true
		}
	}
	return false
}
