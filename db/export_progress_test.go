package db

// DashboardQueries are the questions of the dashboards with example arguments,
// for the test that looks at their plans; those of the registry apart.
func DashboardQueries() (portal, registry map[string][]any) {
	return map[string][]any{
		schoolProgressSQL: {1, "2025-2026"},
		areaProgressSQL:   {1, "2025-2026"},
		acceptedBeforeSQL: {1, "2025-2026", "2026-06-01"},
	}, map[string][]any{registryProgressSQL: {"2025-2026"}}
}
