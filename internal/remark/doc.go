// Package remark helps teachers to write remarks (nhận xét): a bank of phrases
// by subject, grade, level and period, a proposal for a whole class in which
// neighbours and one pupil's subjects differ, and checks that never block:
// another pupil's name, a pronoun of the other sex, the same sentence again and
// again, a tone against the level, a placeholder left over, more text than the
// printed cell holds. It knows no owner of a cell, no storage and no sentence
// for people beyond the bank's own; findings are codes with arguments.
package remark
