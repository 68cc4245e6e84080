package evaluation

import "hocba/internal/school"

// Gap is a value that is not there yet.
type Gap struct {
	Item  Item
	Field Field
}

// Gaps lists what one pupil's period still needs, in the order of the booklet:
// a level for every item that is taught or assessed, a mark where the rule set
// has a test, and at year end a remark for each of the three groups. Exempt
// subjects and optional ones with no value need nothing; nor does anything of
// a pupil who is not assessed. The caller groups by whoever owns the item.
// In the summer only what is being assessed again (has a value) is looked at.
func (r *RuleSet) Gaps(grade int, p school.Period, entries map[Item]Entry, notAssessed bool) []Gap {
	if notAssessed {
		return nil
	}
	var gaps []Gap
	for _, it := range r.Items(grade) {
		gaps = append(gaps, r.ItemGaps(grade, p, it, entries[it])...)
	}
	return gaps
}

// ItemGaps lists what one item of a period still needs.
func (r *RuleSet) ItemGaps(grade int, p school.Period, it Item, e Entry) []Gap {
	return r.UseGaps(grade, p, it, e, r.use(grade, it))
}

// UseGaps is ItemGaps for a pupil for whom the item has another use than for
// the grade: an optional subject that this pupil takes is asked for like any
// other, one that the pupil declined is not.
func (r *RuleSet) UseGaps(grade int, p school.Period, it Item, e Entry, use Use) []Gap {
	if p == school.Summer && e.IsZero() || e.Exempt {
		return nil
	}
	if it.Kind() == RemarkItem {
		if e.Remark == "" && r.GroupRemarkRequired(p) {
			return []Gap{{it, FieldRemark}}
		}
		return nil
	}
	if use == None || use != Required && e.IsZero() {
		return nil
	}
	var gaps []Gap
	if e.Level == "" {
		gaps = append(gaps, Gap{it, FieldLevel})
	}
	if s, ok := it.Subject(); ok && e.Mark == nil && r.MarkAllowed(grade, s, p) {
		gaps = append(gaps, Gap{it, FieldMark})
	}
	return gaps
}

// Items lists everything a class of the grade is assessed in, optional items
// too: subjects, traits, remark groups, in the order of the booklet.
func (r *RuleSet) Items(grade int) []Item {
	var out []Item
	for _, s := range r.Subjects(grade) {
		out = append(out, Item(s))
	}
	for _, group := range RemarkGroups {
		for _, t := range group.Members() {
			if r.Trait(grade, t) != None {
				out = append(out, t)
			}
		}
		out = append(out, group)
	}
	return out
}

// Warning is something unusual that a teacher may have meant: it is shown and
// never refused. Mark to level is practice, not law (no article sets it).
type Warning struct {
	Item  Item
	Field Field
	// Code is warning.mark_low (the mark is below what is usual for the
	// level) or warning.mark_high.
	Code string
	// Usual is the range of marks that go with the level.
	UsualMin, UsualMax int
}

// Warnings looks at one item's level beside its mark.
func (r *RuleSet) Warnings(it Item, e Entry) []Warning {
	usual, ok := r.usual[e.Level]
	if !ok || it.Kind() != SubjectItem || e.Mark == nil || e.Exempt {
		return nil
	}
	w := Warning{Item: it, Field: FieldMark, UsualMin: usual.Min, UsualMax: usual.Max}
	switch {
	case *e.Mark < usual.Min:
		w.Code = "warning.mark_low"
	case *e.Mark > usual.Max:
		w.Code = "warning.mark_high"
	default:
		return nil
	}
	return []Warning{w}
}
