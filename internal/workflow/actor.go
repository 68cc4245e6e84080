package workflow

// Role is what a person is at a unit. A person may hold several roles; one at
// a time is worn.
type Role string

// The roles. Homeroom and subject teacher are no roles of an account: both are
// Teacher, and what a teacher may touch comes from dated assignments.
const (
	Teacher         Role = "teacher"          // giáo viên
	Principal       Role = "principal"        // hiệu trưởng
	Deputy          Role = "deputy"           // phó hiệu trưởng
	SchoolAdmin     Role = "school_admin"     // quản trị của trường
	MiddleAuthority Role = "middle_authority" // xã, phường (Phòng until 30/06/2025)
	Authority       Role = "authority"        // Sở
	Inspector       Role = "inspector"        // thanh tra, đọc trong phạm vi
	Ministry        Role = "ministry"         // Bộ
)

// Roles lists every role in the order in which people choose among them.
var Roles = []Role{Teacher, Principal, Deputy, SchoolAdmin, MiddleAuthority, Authority, Inspector, Ministry}

// OfSchool reports whether the role is held at a school.
func (r Role) OfSchool() bool {
	switch r {
	case Teacher, Principal, Deputy, SchoolAdmin:
		return true
	}
	return false
}

// ActorKind says who stands behind a transaction.
type ActorKind string

// The kinds of actor.
const (
	Person ActorKind = "person" // someone signed in, in one role at one unit
	System ActorKind = "system" // a job or a command of the program
	Public ActorKind = "public" // a stranger on the look-up page
)

// Actor is who acts: the key to row-level security and the name in the log.
// The zero value is nobody and may do nothing.
type Actor struct {
	Kind        ActorKind
	AccountID   int64
	TeacherCode string // MA_GIAO_VIEN of a person who teaches, else ""
	Name        string
	Role        Role
	UnitID      int64
	UnitCode    string
	SchoolID    int64 // the unit, when it is a school; of a job, the school it works for
	RequestID   string
}
