package demo

import (
	"math/rand/v2"

	phrases "hocba/internal/remark"
)

// remarkFor is what a demonstration's teacher writes: a sentence of the starter
// bank that suits the place, by the pupil's number in the list, so that
// neighbours differ and a class uses the whole bank.
func remarkFor(r *rand.Rand, number int, at phrases.Place) string {
	var suiting []string
	for _, p := range phrases.Suiting(phrases.StarterBank(), at) {
		if p.When == phrases.Always {
			suiting = append(suiting, p.Text)
		}
	}
	if len(suiting) == 0 {
		return ""
	}
	return suiting[(number+r.IntN(2)*len(suiting)/2)%len(suiting)]
}
