package main

import (
	"context"
	"fmt"

	"hocba/db"
)

func defineMigrate(f *flags) action {
	at := definePlace(f)
	return func(ctx context.Context, p *program, _ []string) error { return migrate(ctx, p, at) }
}

// migrate brings the schema up to this program's version: of the private
// database, or as its owner of the one that --database names.
func migrate(ctx context.Context, p *program, at place) error {
	log, err := newLog(p.stderr, "text")
	if err != nil {
		return err
	}
	s, err := openStore(ctx, at, true, log)
	if err != nil {
		return err
	}
	defer s.close()
	if s.cluster == nil { // openStore migrated ours
		if err := db.Migrate(ctx, s.owner); err != nil {
			return err
		}
	}
	version, err := db.SchemaVersion()
	if err != nil {
		return err
	}
	p.say("migrate.done", "version", fmt.Sprint(version))
	return nil
}
