package remote

import (
	"slices"
	"strings"
)

// factors is what an explicit authorisation is given with: at most one PIN and
// one one-time code that we ask the person for, and any number of
// confirmations elsewhere, which we only name. "" is: not wanted.
type factors struct {
	pin       string   // id of the object
	code      string   // id of the object
	challenge string   // type of the code's object
	elsewhere []string // ids
}

// The types of authentication objects (CSC API v2, 8.3).
const (
	typePassword     = "Password"
	typeChallenge    = "ChallengeResponse"
	typePasswordOOB  = "PasswordOOB"
	typeChallengeOOB = "ChallengeResponseOOB"
)

// factors chooses among what the key's expression allows the first that we can
// serve; ok is false when there is none.
func (i credentialInfo) factors() (f factors, ok bool) {
	if i.Auth.Mode != modeExplicit {
		return f, i.Auth.Mode != ""
	}
	ids := make([]string, 0, len(i.Auth.Objects))
	for _, o := range i.Auth.Objects {
		ids = append(ids, o.ID)
	}
	all, ok := alternatives(i.Auth.Expression, ids)
	if !ok {
		return f, false
	}
	for _, one := range all {
		if f, ok := i.serve(one); ok {
			return f, true
		}
	}
	return f, false
}

// serve sorts the objects of one alternative.
func (i credentialInfo) serve(ids []string) (f factors, ok bool) {
	for _, id := range ids {
		at := slices.IndexFunc(i.Auth.Objects, func(o authObject) bool { return o.ID == id })
		if at < 0 {
			return f, false
		}
		switch kind := i.Auth.Objects[at].Type; {
		case kind == typePasswordOOB || kind == typeChallengeOOB:
			f.elsewhere = append(f.elsewhere, id)
		case (kind == typeChallenge || kind == typePassword && oneTime(id)) && f.code == "":
			f.code, f.challenge = id, kind
		case (kind == typePassword || kind == "") && !oneTime(id) && f.pin == "":
			f.pin = id
		default:
			return f, false
		}
	}
	return f, len(ids) > 0
}

// oneTime tells a one-time code among the passwords: the specification has no
// type of its own for it and calls it OTP in every example.
func oneTime(id string) bool { return strings.Contains(strings.ToUpper(id), "OTP") }

// maxAlternatives bounds what an expression may spread into.
const maxAlternatives = 32

// alternatives reads an expression over ids, "PIN AND (OTP OR SMS)", as sets of
// which one is enough. Without an expression all ids are wanted.
func alternatives(text string, ids []string) (out [][]string, ok bool) {
	if strings.TrimSpace(text) == "" {
		return [][]string{ids}, true
	}
	e := expression{words: strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(text))}
	out = e.either()
	return out, !e.failed && len(e.words) == 0
}

// expression is what is left to read.
type expression struct {
	words  []string
	depth  int
	failed bool
}

func (e *expression) next(words ...string) bool {
	if e.failed || len(e.words) == 0 || !slices.Contains(words, strings.ToUpper(e.words[0])) {
		return false
	}
	e.words = e.words[1:]
	return true
}

func (e *expression) either() [][]string {
	out := e.both()
	for e.next("OR", "XOR") {
		out = append(out, e.both()...)
	}
	e.failed = e.failed || len(out) > maxAlternatives
	return out
}

func (e *expression) both() [][]string {
	out := e.one()
	for e.next("AND") {
		right := e.one()
		if e.failed || len(out)*len(right) > maxAlternatives {
			e.failed = true
			return nil
		}
		var joined [][]string
		for _, l := range out {
			for _, r := range right {
				joined = append(joined, append(slices.Clone(l), r...))
			}
		}
		out = joined
	}
	return out
}

func (e *expression) one() [][]string {
	if e.depth++; e.depth > maxAlternatives || e.failed || len(e.words) == 0 {
		e.failed = true
		return nil
	}
	if e.next("(") {
		out := e.either()
		e.failed = e.failed || !e.next(")")
		return out
	}
	word := e.words[0]
	if slices.Contains([]string{"AND", "OR", "XOR", ")"}, strings.ToUpper(word)) {
		e.failed = true
		return nil
	}
	e.words = e.words[1:]
	return [][]string{{word}}
}
