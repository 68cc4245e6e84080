package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/signing"
	"hocba/internal/verify"
	"hocba/internal/workflow"
)

const (
	// examinedMost bounds how many outcomes are kept, about 10 KB each.
	examinedMost = 1000
	// examinedFor is how long an outcome is believed: bytes and hash do not
	// change, but trust does.
	examinedFor = 10 * time.Minute
	trustFor    = time.Minute
)

// examined is what the verifier said about the bytes of an accepted version and
// of its receipt.
type examined struct {
	record, receipt verify.Report
	until           time.Time
}

// model is the record that the bytes hold; nil when they could not be opened.
func (e examined) model() *bundle.Record {
	if e.record.Record == nil {
		return nil
	}
	return e.record.Record.Record
}

// examiner verifies stored versions from their bytes and remembers the outcome
// by the version's hash for a while.
type examiner struct {
	db *db.DB

	mu      sync.Mutex
	kept    map[[sha256.Size]byte]examined
	trust   *signing.TrustList
	trustAt time.Time
}

func newExaminer(d *db.DB) *examiner {
	return &examiner{db: d, kept: map[[sha256.Size]byte]examined{}}
}

// examine returns what the bytes of a version say. It fails only when they
// cannot be read; what is wrong with them stands in the reports.
func (x *examiner) examine(ctx context.Context, actor workflow.Actor, v db.LookedUp) (examined, error) {
	now := time.Now()
	x.mu.Lock()
	e, ok := x.kept[v.SHA256]
	x.mu.Unlock()
	if ok && now.Before(e.until) {
		return e, nil
	}
	trust, err := x.trusted(ctx, now)
	if err != nil {
		return examined{}, err
	}
	record, receipt, err := x.db.VersionFiles(ctx, actor, v.ID)
	if err != nil {
		return examined{}, err
	}
	if sha256.Sum256(record) != v.SHA256 {
		return examined{}, fault.New(fault.Internal, "internal", "what", "stored bytes differ from version "+hex.EncodeToString(v.SHA256[:]))
	}
	options := verify.Options{Trust: trust, Now: x.db.Now(), Received: v.Standing.Accepted}
	e = examined{record: slim(verify.File(record, options)), until: now.Add(examinedFor)}
	if receipt != nil {
		e.receipt = slim(verify.File(receipt, options))
	}
	x.keep(v.SHA256, e)
	return e, nil
}

// slim leaves the XML tree behind: it is ten times as large as the rest.
func slim(r verify.Report) verify.Report {
	if r.Record != nil {
		r.Record = &bundle.Document{Record: r.Record.Record, Statement: r.Record.Statement, Receipt: r.Record.Receipt}
	}
	for i := range r.Members {
		r.Members[i].Report = slim(r.Members[i].Report)
	}
	return r
}

func (x *examiner) keep(version [sha256.Size]byte, e examined) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for old := range x.kept {
		if len(x.kept) < examinedMost {
			break
		}
		delete(x.kept, old) // any: look-ups of one paper come close together
	}
	x.kept[version] = e
}

// trusted returns the trust list, read anew once a minute; in between its own
// memory of verified chains serves.
func (x *examiner) trusted(ctx context.Context, now time.Time) (*signing.TrustList, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.trust != nil && now.Sub(x.trustAt) < trustFor {
		return x.trust, nil
	}
	trust, err := x.db.TrustList(ctx)
	if err != nil {
		return nil, err
	}
	x.trust, x.trustAt = trust, now
	return trust, nil
}
