package db

import (
	"context"
	"time"

	"hocba/internal/registry"
	"hocba/internal/workflow"
)

// LookUpBytes returns the accepted version that has this SHA-256 (hex), with
// its exact bytes; found is false when the registry holds none.
func (d *DB) LookUpBytes(ctx context.Context, actor workflow.Actor, sha256 string) (v LookedUp, xml []byte, found bool, err error) {
	sum, err := SumOf(sha256)
	if err != nil {
		return v, nil, false, nil // what is no hash is held by nobody
	}
	v, found, err = d.lookUp(ctx, actor, lookUpColumns+`WHERE v.sha256 = $1 GROUP BY v.id`, sum)
	if err != nil || !found {
		return v, nil, found, err
	}
	xml, _, err = d.VersionFiles(ctx, actor, v.ID)
	return v, xml, true, err
}

// SealApprovedAt reports whether a certificate was an approved seal of a school
// at an instant.
func (d *DB) SealApprovedAt(ctx context.Context, schoolCode, fingerprint string, at time.Time) (ok bool, err error) {
	err = d.Registry(ctx, systemActor, func(tx *Tx) error {
		list, err := tx.sealApprovals(ctx, schoolCode)
		ok = registry.Sender{Seals: list}.Approved(fingerprint, at)
		return err
	})
	return ok, err
}
