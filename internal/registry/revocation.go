package registry

import (
	"time"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/school"
)

// Request is a school's request to revoke a version in force, as the registry
// holds it, with the answer once there is one.
type Request struct {
	ID       int64
	Record   string // MA_HOC_BA
	Version  int    // PHIEN_BAN
	Reason   string
	Evidence string
	Sender   string
	At       time.Time
	Decision Decision
	Note     string
	Decided  time.Time
}

// Decision is the answer to a request; "" while it waits.
type Decision string

// The decisions.
const (
	Granted  Decision = "granted"
	Declined Decision = "declined"
)

// DecideRequest judges a DE_NGHI_THU_HOI on its arrival (seed Điều 4.3): the
// school whose version is in force asks to revoke it; before the lock it
// recalls or replaces by itself. live is the record's live version, nil when
// there is none; waiting tells that a request about it has no answer yet.
func DecideRequest(p *Paper, live *Live, waiting bool) []bundle.Reason {
	if p.Refused() {
		return p.Reasons
	}
	want := p.Statement.About
	refuse := func(code string, action bundle.Action, args ...string) []bundle.Reason {
		return number([]bundle.Reason{about(want.Record, reason(code, action, args...))})
	}
	switch {
	case live == nil, live.School != p.School:
		return refuse("registry.not_accepted", bundle.Resubmit, "pupil", want.Pupil)
	case live.SHA256 != want.SHA256 || live.Number != want.Version:
		return refuse("registry.other_version_live", bundle.Resubmit, "pupil", want.Pupil)
	case !live.Locked:
		return refuse("registry.not_locked", bundle.Resubmit, "pupil", want.Pupil)
	case waiting:
		return refuse("registry.request_waits", bundle.AskAbove, "pupil", want.Pupil)
	}
	return nil
}

// Decide checks an answer to the request and returns its reason as it is
// stored. live is the record's live version, nil when there is none. It fails
// with revocation.decision, revocation.note_missing, revocation.note_too_long,
// revocation.decided (Args decision: somebody has answered; the same answer
// again is a second click), revocation.over (the version is no longer in force).
func (q Request) Decide(d Decision, note string, live *Live) (string, error) {
	note = school.Clean(note)
	switch n := len([]rune(note)); {
	case q.Decision != "":
		return "", fault.New(fault.Conflict, "revocation.decided", "decision", string(q.Decision), "day", school.DateOf(q.Decided).String())
	case d != Granted && d != Declined:
		return "", fault.New(fault.Invalid, "revocation.decision")
	case n == 0:
		return "", fault.New(fault.Invalid, "revocation.note_missing")
	case n > longestNote:
		return "", fault.New(fault.Invalid, "revocation.note_too_long")
	case live == nil || live.Number != q.Version || !live.Locked:
		return "", fault.New(fault.Conflict, "revocation.over")
	}
	return note, nil
}

// longestNote bounds the reason of a decision, in characters.
const longestNote = 1000

// endOfDistricts is the last day of the Phòng GDĐT (Luật Tổ chức chính quyền
// địa phương 2025: no district level from 01/07/2025).
var endOfDistricts = school.Date{Year: 2025, Month: time.June, Day: 30}

// DecidingTier returns who decides on revocations on a day: the tier between
// Sở and school, or the Sở. setting is the Sở's, "middle" or "department";
// anything else leaves it to the date (domain decision Q10: the Phòng as long
// as there was one, the Sở after it).
func DecidingTier(setting string, day school.Date) Hand {
	switch {
	case setting == string(ByMiddle), setting == string(ByDepartment):
		return Hand(setting)
	case endOfDistricts.Before(day):
		return ByDepartment
	}
	return ByMiddle
}
