package db

import (
	"context"

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
