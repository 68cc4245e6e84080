package handlers

import (
	"net/http"

	"hocba/internal/workflow"
	"hocba/views"
)

// route is one line of the site's map.
type route struct {
	method string
	path   string
	need   workflow.Permission
	handle func(*Portal, *request) error
}

const (
	get  = http.MethodGet
	post = http.MethodPost
	put  = http.MethodPut
	del  = http.MethodDelete
)

// routes is the map of the site: every address, what it needs, who answers.
// A test walks it with every role and without a sign-in.
var routes = concat(sessionRoutes, homeRoutes, gradebookRoutes, gradebookPupilRoutes, classSummaryRoutes, remarkRoutes, classReviewRoutes, progressRoutes, verificationRoutes, verificationFileRoutes, paperRoutes,
	pupilImportRoutes, gradebookImportRoutes, staffImportRoutes, gradebookExportRoutes, classRoutes, accountRoutes, entryWindowRoutes, recordSignatureRoutes, jobRoutes, profileRoutes,
	approvalRoutes, recordRoutes, issuanceRoutes,
	submissionRoutes, statementRoutes, closingRoutes, noteRoutes, nudgeRoutes, recallRoutes, closingTimeRoutes,
	revocationRoutes, revocationDecisionRoutes, certificateRoutes, trustRoutes, sealUseRoutes,
	specialRoutes, summerRoutes, commendationRoutes, commendationDecisionRoutes, commendationFileRoutes, foresightRoutes, timeStampRoutes, evidenceRoutes, transferRoutes, signerRoutes, signingWayRoutes, signerAgentRoutes)

func concat(groups ...[]route) []route {
	var all []route
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}

// Signing in and out, roles, own password.
var sessionRoutes = []route{
	{get, views.SignInURL, workflow.PermNone, (*Portal).showSignIn},
	{post, views.SignInURL, workflow.PermNone, (*Portal).createSession},
	{del, views.SessionURL, workflow.PermSignedIn, (*Portal).destroySession},
	{get, views.RoleURL, workflow.PermSignedIn, (*Portal).showRoles},
	{post, views.RoleURL, workflow.PermSignedIn, (*Portal).createRole},
	{get, views.PasswordURL, workflow.PermSignedIn, (*Portal).showPassword},
	{post, views.PasswordURL, workflow.PermSignedIn, (*Portal).createPassword},
}

// What waits for me, by year.
var homeRoutes = []route{
	{get, views.HomeURL, workflow.PermSignedIn, (*Portal).showHome},
	{get, "/:year", workflow.PermHome, (*Portal).showDashboard},
}
