package school

import "testing"

func TestReadPlace_KnowsTodaysTwoTiers(t *testing.T) {
	t.Parallel()
	if len(provinces) != 34 || len(formerProvinces) != 30 {
		t.Fatalf("%d provinces, %d former", len(provinces), len(formerProvinces))
	}
	for _, today := range formerProvinces {
		if provinceKeys[placeKey(today)] != today {
			t.Errorf("%s is no province of today", today)
		}
	}
	for address, want := range map[string]Place{
		"Phường Hải Sơn, thành phố Đà Nẵng":                 {Province: "Đà Nẵng", Commune: true},
		"Tổ 4, xã Bà Nà, TP. Đà Nẵng":                       {Province: "Đà Nẵng", Commune: true},
		"Đặc khu Hoàng Sa, Đà Nẵng":                         {Province: "Đà Nẵng", Commune: true},
		"Đà Nẵng":                                           {Province: "Đà Nẵng"},
		"Xã Đại Hồng, huyện Đại Lộc, tỉnh Quảng Nam":        {Province: "Đà Nẵng", Commune: true, Former: "huyện Đại Lộc"},
		"Xã Đại Hồng, Quảng Nam":                            {Province: "Đà Nẵng", Commune: true, Former: "Quảng Nam", Today: "Đà Nẵng"},
		"Phường An Mỹ, thành phố Tam Kỳ, Đà Nẵng":           {Province: "Đà Nẵng", Commune: true, Former: "thành phố Tam Kỳ"},
		"Thị trấn Ái Nghĩa, Đà Nẵng":                        {Province: "Đà Nẵng", Former: "Thị trấn Ái Nghĩa"},
		"Phường 5, Thành phố Hồ Chí Minh":                   {Province: "Hồ Chí Minh", Commune: true},
		"Phường Vũng Tàu, tỉnh Bà Rịa – Vũng Tàu":           {Province: "Hồ Chí Minh", Commune: true, Former: "tỉnh Bà Rịa – Vũng Tàu", Today: "Hồ Chí Minh"},
		"Viêng Chăn, Lào":                                   {},
		"":                                                  {},
		"Bệnh viện Đa khoa Quảng Nam, phường X, TP Đà Nẵng": {Province: "Đà Nẵng", Commune: true},
	} {
		if got := ReadPlace(address); got != want {
			t.Errorf("%q: %+v, want %+v", address, got, want)
		}
	}
}
