package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"hocba/db"
	"hocba/db/cluster"
	"hocba/internal/fault"
)

const (
	portalRole   = "hocba_portal"
	registryRole = "hocba_registry"
	databaseName = "hocba"
	// stopping bounds how long PostgreSQL may take to stop before it is told
	// to leave at once.
	stopping = 20 * time.Second
)

// place says where the data are: a folder with a private PostgreSQL, or a
// PostgreSQL that somebody else runs.
type place struct{ data, database *string }

func definePlace(f *flags) place {
	return place{data: f.text("data", "./var"), database: f.text("database", "")}
}

// store is a database within reach, migrated if it is our own.
type store struct {
	cluster                 *cluster.Cluster // nil when somebody else runs it
	portal, registry, owner string           // connection strings
	log                     *slog.Logger
}

// openStore brings the private PostgreSQL of the data folder up, alone or
// (shared) beside a running server, and migrates it as its owner. With
// --database it only works the connection strings out: that database is
// migrated by its operator.
func openStore(ctx context.Context, at place, shared bool, log *slog.Logger) (*store, error) {
	if *at.database != "" {
		s := &store{owner: *at.database, log: log}
		var err error
		if s.portal, err = asRole(*at.database, portalRole); err != nil {
			return nil, err
		}
		s.registry, err = asRole(*at.database, registryRole)
		return s, err
	}
	c, err := cluster.Start(ctx, cluster.Options{Dir: *at.data, Shared: shared, Log: log})
	if err != nil {
		return nil, clusterFault(err)
	}
	s := &store{cluster: c, log: log, portal: c.DSN(portalRole, databaseName),
		registry: c.DSN(registryRole, databaseName), owner: c.DSN(cluster.Superuser, databaseName)}
	if err := c.EnsureDatabase(ctx, databaseName); err != nil {
		s.close()
		return nil, err
	}
	if err := db.Migrate(ctx, s.owner); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// open connects as the program's two roles and refuses a schema that is not
// this program's. clock is business time.
func (s *store) open(ctx context.Context, clock func() time.Time) (*db.DB, error) {
	d, err := db.Open(ctx, db.Options{PortalDSN: s.portal, RegistryDSN: s.registry, Clock: clock})
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "database.refused")
	}
	if err := d.CheckSchema(ctx); err != nil {
		_ = d.Close()
		if f := fault.As(err); f != nil && strings.HasPrefix(f.Code, "schema.") {
			// For the operator, who can mend it, not for a page.
			return nil, &fault.Error{Kind: f.Kind, Code: "serve." + strings.Replace(f.Code, ".", "_", 1), Args: f.Args}
		}
		return nil, err
	}
	return d, nil
}

// close stops the private PostgreSQL, unless another program still uses it.
func (s *store) close() {
	if s.cluster == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopping)
	defer cancel()
	if err := s.cluster.Stop(ctx); err != nil {
		s.log.Error("stop PostgreSQL", "error", err)
	}
}

func clusterFault(err error) error {
	var inUse *cluster.InUseError
	var version *cluster.VersionError
	switch {
	case errors.As(err, &inUse):
		return fault.New(fault.Conflict, "cluster.in_use", "folder", inUse.Dir, "pid", fmt.Sprint(inUse.PID))
	case errors.As(err, &version):
		return fault.New(fault.Unavailable, "cluster.version", "folder", version.Dir, "made", version.Made)
	case errors.Is(err, cluster.ErrNoPostgres):
		return fault.Wrap(err, fault.Unavailable, "cluster.no_postgres")
	}
	return err
}

// asRole returns the connection string with the role in the place of its user.
// A password in it was another user's and is dropped; those of the roles come
// from PGPASSFILE.
func asRole(dsn, role string) (string, error) {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") {
		return dsn + " user=" + role, nil // later words win
	}
	u, err := url.Parse(dsn)
	if err != nil {
		// The error would repeat the address with its password.
		return "", fault.New(fault.Invalid, "database.refused")
	}
	u.User = url.User(role)
	return u.String(), nil
}
