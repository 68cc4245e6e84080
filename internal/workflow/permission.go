package workflow

import "slices"

// Permission is what a route asks for. It opens a page to a role; which units,
// classes and pupils the page shows follows from scope and assignments.
type Permission string

// The permissions, by stem of the pages they open.
const (
	PermNone                Permission = ""                   // public routes
	PermSignedIn            Permission = "signed_in"          // anybody with an account: session, help, own password
	PermHome                Permission = "home"               // what is waiting for me
	PermGradebook           Permission = "gradebook"          // enter and import values of own subjects
	PermImport              Permission = "import"             // bring .xlsx into what the role may write
	PermPhraseBank          Permission = "phrase_bank"        // keep phrases for remarks: own ones, or the school's
	PermSignRecord          Permission = "record_signature"   // sign own parts
	PermSigner              Permission = "signer"             // choose with what one signs, bind own keys
	PermClassReview         Permission = "class_review"       // homeroom: review, remarks, sign, return
	PermNote                Permission = "note"               // talk with colleagues about a cell
	PermNudge               Permission = "nudge"              // see who has what to write, and ask for it
	PermReadRecord          Permission = "record"             // read a record of the school
	PermForesight           Permission = "foresight"          // what a pupil's year would be if everything stayed
	PermSpecial             Permission = "special_pupils"     // declare who is evaluated or studies otherwise
	PermSummer              Permission = "summer"             // who practises in summer: plans, and what became of them
	PermDecideSummer        Permission = "summer_decision"    // completed, moved up or kept down after the summer
	PermProfile             Permission = "profile"            // pupils' files: of the own class, of the school for its office
	PermKeepProfile         Permission = "profile_keep"       // change them: homeroom teacher, administrator
	PermProfileConfirm      Permission = "profile_confirm"    // the second person's word on who the child is
	PermCommend             Permission = "commendation"       // decide commendations
	PermCommendOrder        Permission = "commendation_order" // whether decisions come before signatures
	PermApprove             Permission = "approval"           // approve, return
	PermIssue               Permission = "issuance"           // issue with the seal
	PermPrepare             Permission = "submission_prepare" // prepare a submission, see its receipts
	PermSubmit              Permission = "submission"         // send it
	PermRecall              Permission = "recall"             // reopen, recall, replace, ask for revocation
	PermClose               Permission = "closing"            // the principal's chốt of class and track
	PermTransfer            Permission = "transfer"           // hand a pupil's records to another school
	PermSchoolAdmin         Permission = "school_admin"       // classes, pupils, assignments, accounts, entry windows
	PermOrderEntry          Permission = "entry_order"        // order a time of entry; the administrator carries it out
	PermSchoolDashboard     Permission = "school_dashboard"
	PermSchoolAudit         Permission = "school_audit"
	PermDeclareCertificate  Permission = "certificate_declare"  // school admin declares (S2 Điều 11.2)
	PermRegisterCertificate Permission = "certificate_register" // principal registers (S2 Điều 8.2)
	PermApproveCertificate  Permission = "certificate_approve"  // the tier above approves (S2 Điều 7.2)
	PermCertificate         Permission = "certificate"          // see certificates, their checks and their history
	PermStopCertificate     Permission = "certificate_stop"     // suspend, resume and end; ask the issuer again
	PermDelegate            Permission = "delegation"           // the principal delegates to a deputy
	PermArea                Permission = "area"                 // funnels of the schools below
	PermAuthority           Permission = "authority"            // the Sở's own acts: calendar, time for chốt, lock, report
	PermRevocation          Permission = "revocation"           // decide requests for revocation
	PermReadRegistry        Permission = "registry"             // read versions, receipts, events in scope
	PermInspect             Permission = "inspection"           // read and take away evidence
	PermMinistry            Permission = "ministry"             // reports received
)

// grants lists the roles of each permission. Deputies open the principal's
// pages; what they may do there is decided by their delegation.
var grants = map[Permission][]Role{
	PermSignedIn:            Roles,
	PermHome:                Roles,
	PermGradebook:           {Teacher},
	PermImport:              {Teacher},
	PermPhraseBank:          {Teacher, Principal, SchoolAdmin},
	PermSignRecord:          {Teacher},
	PermSigner:              {Teacher, Principal, Deputy},
	PermClassReview:         {Teacher},
	PermNote:                {Teacher, Principal, Deputy},
	PermNudge:               {Teacher, Principal, Deputy},
	PermReadRecord:          {Teacher, Principal, Deputy, SchoolAdmin},
	PermForesight:           {Teacher, Principal},
	PermSpecial:             {Teacher, SchoolAdmin},
	PermSummer:              {Teacher, Principal, Deputy, SchoolAdmin},
	PermDecideSummer:        {Principal},
	PermProfile:             {Teacher, Principal, Deputy, SchoolAdmin},
	PermKeepProfile:         {Teacher, SchoolAdmin},
	PermProfileConfirm:      {Principal, SchoolAdmin},
	PermCommend:             {Principal},
	PermCommendOrder:        {Principal, SchoolAdmin},
	PermApprove:             {Principal, Deputy},
	PermIssue:               {Principal, Deputy},
	PermPrepare:             {Principal, Deputy, SchoolAdmin},
	PermSubmit:              {Principal, Deputy},
	PermRecall:              {Principal},
	PermClose:               {Principal},
	PermTransfer:            {Principal, SchoolAdmin},
	PermSchoolAdmin:         {SchoolAdmin},
	PermOrderEntry:          {Principal},
	PermSchoolDashboard:     {Principal, Deputy, SchoolAdmin},
	PermSchoolAudit:         {Principal, SchoolAdmin},
	PermDeclareCertificate:  {SchoolAdmin},
	PermRegisterCertificate: {Principal},
	PermApproveCertificate:  {Authority, MiddleAuthority},
	PermCertificate:         {Principal, SchoolAdmin, Authority, MiddleAuthority, Inspector},
	PermStopCertificate:     {Principal, SchoolAdmin, Authority, MiddleAuthority},
	PermDelegate:            {Principal},
	PermArea:                {Authority, MiddleAuthority, Inspector},
	PermAuthority:           {Authority},
	PermRevocation:          {Authority, MiddleAuthority},
	PermReadRegistry:        {Authority, MiddleAuthority, Inspector},
	PermInspect:             {Inspector},
	PermMinistry:            {Ministry},
}

// readOnly are the permissions that change nothing: all an inspector and the
// ministry may ever hold.
var readOnly = map[Permission]bool{
	PermSignedIn: true, PermHome: true, PermReadRecord: true, PermForesight: true, PermSchoolDashboard: true, PermSchoolAudit: true,
	PermArea: true, PermCertificate: true, PermReadRegistry: true, PermInspect: true, PermMinistry: true,
}

// Can reports whether a role holds the permission. PermNone, of public routes,
// is held by everybody, by strangers too.
func Can(r Role, p Permission) bool {
	if p == PermNone {
		return true
	}
	for _, g := range grants[p] {
		if g == r {
			return true
		}
	}
	return false
}

// Permissions lists what a role holds, sorted.
func Permissions(r Role) []Permission {
	var out []Permission
	for p := range grants {
		if Can(r, p) {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// ReadOnly reports whether the permission allows reading alone.
func (p Permission) ReadOnly() bool { return readOnly[p] }
