package remark

import (
	"regexp"
	"strings"

	"hocba/internal/evaluation"
	"hocba/internal/school"
)

// Words are looked for in keys: small letters, blanks on both sides.
var (
	// praises say of everything that it is well.
	praises = list("hoàn thành tốt", "hoàn thành xuất sắc", "xuất sắc", "rất tốt", "rất giỏi", "giỏi", "thành thạo", "nắm chắc", "nắm vững",
		"vượt trội", "nổi bật", "lưu loát", "trôi chảy", "mạch lạc", "chính xác", "sáng tạo", "diễn cảm", "linh hoạt", "tiếp thu nhanh", "hiểu bài nhanh")
	// topPraises are too much beside H, whose words are "hoàn thành".
	topPraises = list("hoàn thành tốt", "hoàn thành xuất sắc", "xuất sắc", "vượt trội")
	// needs say that something is still to be done, so that praise beside C is fair.
	needs = list("cần", "chưa", "còn", "cố gắng", "luyện", "rèn", "hạn chế", "lúng túng", "hỗ trợ", "kèm", "chậm", "khó khăn", "ôn lại", "giúp em")
	// blames are too little beside T.
	blames = list("chưa", "còn chậm", "còn yếu", "còn kém", "còn sai", "còn nhầm", "còn lẫn", "còn nhiều lỗi", "còn hạn chế", "hạn chế", "lúng túng",
		"cần cố gắng", "phải cố gắng", "không đạt", "không hiểu", "không thuộc", "không biết", "yếu", "kém")
	// blamesH are too little beside H.
	blamesH = list("chưa hoàn thành môn", "chưa hoàn thành chương trình", "chưa hoàn thành yêu cầu", "không đạt", "chưa đạt yêu cầu")
	// harmless are turns in which a word of blame means none.
	harmless = strings.NewReplacer(" không còn lúng túng ", " ", " không còn chậm ", " ", " không lúng túng ", " ", " chưa bao giờ ", " ", " chưa từng ", " ",
		" khi chưa ", " ", " điều chưa ", " ", " chỗ chưa ", " ", " nếu chưa ", " ", " bài chưa ", " ", " phần chưa ", " ", " việc chưa ", " ",
		" bạn chưa ", " ", " bạn còn yếu ", " ", " giúp bạn yếu ", " ", " yếu tố ", " ", " chủ yếu ", " ", " thiết yếu ", " ", " tất yếu ", " ")
	// labels rank pupils, label or diagnose them.
	labels = list("nhất lớp", "đứng đầu lớp", "đứng cuối lớp", "hơn hẳn các bạn", "kém hơn các bạn", "thua các bạn", "thua kém bạn", "xếp thứ",
		"lười", "lười biếng", "dốt", "ngu", "hư", "hư hỏng", "đần", "tự kỉ", "tự kỷ", "tăng động", "chậm phát triển", "thiểu năng", "trầm cảm",
		"rối loạn", "không bình thường", "vô lễ", "mất dạy")
)

func list(words ...string) []string {
	for i, w := range words {
		words[i] = " " + w + " "
	}
	return words
}

// among returns the first of the words that stands in a padded key; "" for none.
func among(padded string, words []string) string {
	for _, w := range words {
		if strings.Contains(padded, w) {
			return strings.TrimSpace(w)
		}
	}
	return ""
}

// checkTone finds praise alone beside C or a mark under 5, words of blame
// beside T or a mark of 9 and 10, and the official words of another level.
func checkTone(c Cell, padded string) []Finding {
	mild := harmless.Replace(harmless.Replace(padded)) // neighbours share a blank
	switch {
	case c.Level == evaluation.C || c.Level == "" && c.Mark != nil && *c.Mark < 5:
		if word := among(padded, praises); word != "" && among(padded, needs) == "" {
			return []Finding{c.against(Praise, PraiseMark, word)}
		}
	case c.Level == evaluation.T || c.Level == "" && c.Mark != nil && *c.Mark >= 9:
		if word := among(mild, blames); word != "" {
			return []Finding{c.against(Blame, BlameMark, word)}
		}
	case c.Level == evaluation.H:
		if word := among(padded, topPraises); word != "" && !strings.Contains(padded, " chưa "+word+" ") {
			return []Finding{c.against(Praise, PraiseMark, word)}
		}
		if word := among(mild, blamesH); word != "" {
			return []Finding{c.against(Blame, BlameMark, word)}
		}
	}
	return nil
}

// against is a finding about a word beside the level, or beside the mark alone.
func (c Cell) against(level, mark, word string) Finding {
	if c.Level == "" {
		return finding(mark, "word", word, "mark", itoa(*c.Mark))
	}
	return finding(level, "word", word, "level", string(c.Level))
}

func checkWording(padded string) []Finding {
	if word := among(padded, labels); word != "" {
		return []Finding{finding(Wording, "word", word)}
	}
	return nil
}

// Words for a boy and for a girl. Some mean the pupil only where a sentence
// begins or after "là": elsewhere they may be a friend, a brother, a hero.
var (
	anywhere = map[school.Sex]*regexp.Regexp{
		school.Male:   regexp.MustCompile(`(?i)(?:^|\P{L})(cậu bé|cậu học trò|cậu ấy|chàng trai|nam sinh|học sinh nam|bé trai|anh chàng)(?:\P{L}|$)`),
		school.Female: regexp.MustCompile(`(?i)(?:^|\P{L})(cô bé|cô học trò|cô gái|nữ sinh|học sinh nữ|bé gái|cô nàng)(?:\P{L}|$)`),
	}
	beginning = map[school.Sex]*regexp.Regexp{
		school.Male:   regexp.MustCompile(`(?:^|[.!?;]\s*|[Ll]à (?:một )?)((?:[Cc]ậu|[Cc]on trai|[Bb]ạn nam|[Bb]ạn trai))(?:\P{L}|$)`),
		school.Female: regexp.MustCompile(`(?:^|[.!?;]\s*|[Ll]à (?:một )?)((?:[Cc]on gái|[Bb]ạn nữ|[Bb]ạn gái))(?:\P{L}|$)`),
	}
	// sexed has a word of each of these terms: a remark without any needs no
	// closer look.
	sexed = list("cậu", "chàng", "cô bé", "cô học trò", "cô gái", "cô nàng", "nam", "nữ", "bé trai", "bé gái", "trai", "gái")
	// tales have a boy or a girl in their names.
	tales = strings.NewReplacer("Cô bé bán diêm", "", "cô bé bán diêm", "", "Cô bé quàng khăn", "", "cô bé quàng khăn", "", "Cậu bé thông minh", "",
		"cậu bé thông minh", "", "Cậu bé chăn cừu", "", "cậu bé chăn cừu", "", "Cậu bé Tích Chu", "", "cậu bé Tích Chu", "")
)

// checkPronoun finds a word for the other sex. Most remarks say "em" and have none.
func checkPronoun(sex school.Sex, text, padded string) []Finding {
	if among(padded, sexed) == "" {
		return nil
	}
	other := school.Male
	if sex == school.Male {
		other = school.Female
	}
	if sex != school.Male && sex != school.Female {
		return nil
	}
	text = tales.Replace(text)
	for _, re := range []*regexp.Regexp{anywhere[other], beginning[other]} {
		if m := re.FindStringSubmatch(text); m != nil {
			return []Finding{finding(Pronoun, "word", strings.ToLower(m[1]))}
		}
	}
	return nil
}
