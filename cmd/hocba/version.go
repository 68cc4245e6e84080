package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"

	"hocba/db"
	"hocba/internal/bundle"
)

func defineVersion(*flags) action {
	return func(_ context.Context, p *program, _ []string) error {
		schema, err := db.SchemaVersion()
		if err != nil {
			return err
		}
		p.say("version.line", "version", buildVersion(), "schema", fmt.Sprint(schema),
			"record", bundle.SchemaName, "go", runtime.Version())
		return nil
	}
}

// buildVersion is the commit the program was built from, as Go stamped it.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "?"
	}
	return info.Main.Version
}
