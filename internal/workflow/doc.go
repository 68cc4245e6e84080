// Package workflow says who may do what, when: roles and actors, the stages of
// a pupil's record, and the one table of transitions (design.md section 2,
// rows 1 to 16, and the registry's answers). Rules that need the record's
// contents stand in package record; the table names them as guards. Here too
// is which role may open which kind of page. The package knows no contents,
// no storage and no text for people.
package workflow
