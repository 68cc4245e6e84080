package jobs

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"hocba/db"
	"hocba/internal/signing"
	"hocba/internal/signing/revocation"
	"hocba/internal/verify"
	"hocba/internal/workflow"
)

// ArchiveEvery is how often the archivist looks for evidence that ends: several
// times a night would be enough, and a missed one costs nothing.
const ArchiveEvery = 6 * time.Hour

const (
	// renewAhead is how long before its end evidence is renewed: more than a
	// school year, so that a long outage of an authority costs nothing.
	renewAhead = 400 * 24 * time.Hour
	// archiveTogether bounds what one round takes.
	archiveTogether = 200
)

// Archivist keeps accepted versions provable: it gathers chains and what their
// authorities say while they still say it (the data of XAdES-B-LT), has that
// time-stamped beside the version, and does so again before the time-stamp
// ends. It works where the Sở has a time-stamping authority.
type Archivist struct {
	db      *db.DB
	log     *slog.Logger
	every   time.Duration
	checker *revocation.Checker

	stop context.CancelFunc // nil until Start
	done sync.WaitGroup
}

// NewArchivist makes an archivist; Start sets it to work.
func NewArchivist(d *db.DB, log *slog.Logger, every time.Duration) *Archivist {
	return &Archivist{db: d, log: log, every: every, checker: revocation.New(revocation.Options{Now: d.Now})}
}

// Start works until Stop.
func (a *Archivist) Start(ctx context.Context) {
	ctx, a.stop = context.WithCancel(context.WithoutCancel(ctx))
	a.done.Go(func() {
		tick := time.NewTicker(a.every)
		defer tick.Stop()
		for {
			for more := true; more; {
				var err error
				if more, err = a.Round(ctx); err != nil && ctx.Err() == nil {
					a.log.Warn("keep versions provable", "error", err) // tried again with the next tick
				}
				more = more && err == nil
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
}

// Stop ends the work and waits for what is under way.
func (a *Archivist) Stop() {
	if a.stop != nil {
		a.stop()
		a.done.Wait()
	}
}

// material is what an evidence holds beside its time-stamp.
type material struct {
	SHA256   string   `json:"sha256"`             // of the version
	Chains   [][]byte `json:"chains"`             // certificates, DER, each once
	Answers  [][]byte `json:"answers"`            // OCSP responses and lists, DER
	Previous []byte   `json:"previous,omitempty"` // imprint of the evidence before it
}

// Round adds evidence to versions that none carries far enough; more says that
// a whole round was taken.
func (a *Archivist) Round(ctx context.Context) (more bool, err error) {
	var setting db.TimeStamping
	err = a.db.As(ctx, workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		setting, err = tx.TimeStamping(ctx)
		return err
	})
	if err != nil || !setting.On() {
		return false, err
	}
	due, err := a.db.DueEvidence(ctx, a.db.Now().Add(renewAhead), archiveTogether)
	if err != nil {
		return false, err
	}
	for _, d := range due {
		if err := a.archive(ctx, setting, d); err != nil {
			return false, err
		}
	}
	return len(due) == archiveTogether, nil
}

func (a *Archivist) archive(ctx context.Context, setting db.TimeStamping, d db.DueEvidence) error {
	client, err := stampSource(ctx, a.db, setting)
	if err != nil {
		return err
	}
	content, err := json.Marshal(a.gather(ctx, client.Trust, d))
	if err != nil {
		return err
	}
	imprint := sha256.Sum256(content)
	token, err := client.Stamp(ctx, imprint)
	if err != nil {
		return err
	}
	chain, err := token.Check(imprint, client.Trust)
	if err != nil {
		return err
	}
	return a.db.KeepEvidence(ctx, db.Evidence{VersionID: d.VersionID, School: d.School, Material: content, Imprint: imprint[:],
		Token: token.Raw, Until: chain.Until})
}

// gather collects the chains of a version's signatures and time-stamps, and
// what their authorities answer now; who does not answer is left out.
func (a *Archivist) gather(ctx context.Context, trust *signing.TrustList, d db.DueEvidence) material {
	report := verify.File(d.XML, verify.Options{Trust: trust, Now: a.db.Now(), Received: d.Accepted})
	m := material{SHA256: report.SHA256, Previous: d.Previous}
	seen := map[[sha256.Size]byte]bool{}
	once := func(list *[][]byte, der []byte) {
		if sum := sha256.Sum256(der); len(der) > 0 && !seen[sum] {
			seen[sum] = true
			*list = append(*list, der)
		}
	}
	asked := map[*x509.Certificate]bool{}
	for _, path := range report.Paths {
		for _, c := range path {
			once(&m.Chains, c.Raw)
		}
		if asked[path[0]] {
			continue
		}
		asked[path[0]] = true
		for _, v := range a.checker.CheckPath(ctx, path) {
			once(&m.Answers, v.Answer)
		}
	}
	return m
}
