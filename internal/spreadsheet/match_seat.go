package spreadsheet

// MatchSeat finds which of the known pupils a row is about, where every pupil
// must be known: by code, by personal number, by name and birth date, by the
// name without diacritics, by what is nearly that. Only an equal code, number,
// or name with birth date is sure. Candidates holds the pupils it may be, the
// likeliest first; none, with a red verdict, when it is nobody.
func (m *Matcher) MatchSeat(who Pupil) Match {
	row := PupilRow{Pupil: who}
	match := Match{Verdict: Green}
	byCode, byNumber := m.byCode[who.Code], m.byNumber[who.PersonalNo]
	switch {
	case byCode != nil && byNumber != nil && byCode != byNumber:
		match.raise(Red, CodeMatchTwoPupils, "first", byCode.FullName, "second", byNumber.FullName)
		return match
	case byCode != nil:
		match.Known = byCode
		match.samePupil(row)
	case byNumber != nil:
		match.Known = byNumber
		match.samePupil(row)
		if who.Code != "" && byNumber.Code != "" {
			match.raise(Yellow, CodeMatchCode, "old", byNumber.Code, "new", who.Code)
		}
	case who.FullName != "":
		m.seatByName(row, &match)
	}
	if match.Known == nil {
		match.raise(Red, CodeMatchNobody)
		return match
	}
	if who.ClassName != "" && sameClass(match.Known.ClassName) != sameClass(who.ClassName) {
		match.raise(Yellow, CodeMatchOtherSeat, "old", match.Known.ClassName, "new", who.ClassName)
	}
	return match
}

func sameClass(name string) string {
	name, _ = readClass(name)
	return name
}

// seatByName looks for the pupil where code and number are silent. A code of
// the row that no pupil has makes every likeness doubtful.
func (m *Matcher) seatByName(row PupilRow, match *Match) {
	name, birth := personKey(row.FullName), row.BirthDate.String()
	strange := row.Code != "" || row.PersonalNo != ""
	if !row.BirthDate.IsZero() {
		match.Candidates = inClass(m.byPerson[name+birth], row.ClassName)
	}
	if len(match.Candidates) == 1 {
		match.Known = match.Candidates[0]
		switch {
		case strange:
			match.raise(Yellow, CodeMatchNameOnly, "old", describe(match.Known))
		case match.Known.FullName != row.FullName:
			match.raise(Yellow, CodeMatchSpelling, "old", match.Known.FullName, "new", row.FullName)
		}
		return
	}
	if len(match.Candidates) == 0 {
		match.Candidates = inClass(m.byName[name], row.ClassName)
	}
	if len(match.Candidates) == 0 {
		match.Candidates = inClass(m.similar(row, name, birth), row.ClassName)
	}
	if len(match.Candidates) == 0 {
		return
	}
	match.Known = match.Candidates[0]
	if len(match.Candidates) > 1 {
		match.raise(Yellow, CodeMatchSeveral, "count", number(len(match.Candidates)))
		return
	}
	match.raise(Yellow, CodeMatchNameOnly, "old", describe(match.Known))
}

// inClass keeps the pupils of a class, all where none sits in it.
func inClass(list []*Known, class string) []*Known {
	var own []*Known
	for _, k := range list {
		if class != "" && sameClass(k.ClassName) == sameClass(class) {
			own = append(own, k)
		}
	}
	if len(own) == 0 {
		return list
	}
	return own
}
