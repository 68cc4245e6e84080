package demo

import phrases "hocba/internal/remark"

// sayings counts how often a class's teachers wrote something in a place.
type sayings map[phrases.Place]int

// remark is what they write next: the sentences of the starter bank that suit
// the place, one after the other, so that none stands too often.
func (s sayings) remark(at phrases.Place) string {
	var suiting []string
	for _, p := range phrases.Suiting(phrases.StarterBank(), at) {
		if p.When == phrases.Always {
			suiting = append(suiting, p.Text)
		}
	}
	if len(suiting) == 0 {
		return ""
	}
	s[at]++
	return suiting[s[at]%len(suiting)]
}
