package jobs

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"log/slog"
	"sync"
	"time"

	"hocba/db"
	"hocba/internal/evidence"
	"hocba/internal/signing"
	"hocba/internal/signing/revocation"
	"hocba/internal/signing/timestamp"
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
	// renewPause is how often evidence is renewed at most when an authority's own
	// certificate ends sooner than that.
	renewPause = 30 * 24 * time.Hour
	// completePause is when an authority that did not answer is asked again; it
	// doubles up to 64 days.
	completePause = 24 * time.Hour
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

// Ask has authorities asked by a checker that is set up already. It is called
// before Start.
func (a *Archivist) Ask(issuer *revocation.Checker) {
	if issuer != nil {
		a.checker = issuer
	}
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

// Round works out until when versions can be proven of which nobody did, and
// adds evidence to those for which it is due; more says that a whole round was
// taken.
func (a *Archivist) Round(ctx context.Context) (more bool, err error) {
	if more, err = a.measure(ctx); err != nil {
		return false, err
	}
	var setting db.TimeStamping
	err = a.db.As(ctx, workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		setting, err = tx.TimeStamping(ctx)
		return err
	})
	if err != nil || !setting.On() {
		return more, err
	}
	due, err := a.db.DueEvidence(ctx, archiveTogether)
	if err != nil || len(due) == 0 {
		return more, err
	}
	client, err := stampSource(ctx, a.db, setting)
	if err != nil {
		return false, err
	}
	for _, d := range due {
		if err := a.archive(ctx, client, d); err != nil {
			return false, err
		}
	}
	return more || len(due) == archiveTogether, nil
}

// measure works out until when the bytes of versions alone can be proven.
func (a *Archivist) measure(ctx context.Context) (more bool, err error) {
	list, err := a.db.Unproven(ctx, archiveTogether)
	if err != nil || len(list) == 0 {
		return false, err
	}
	trust, err := a.db.TrustList(ctx)
	if err != nil {
		return false, err
	}
	for _, d := range list {
		until := verify.File(d.XML, verify.Options{Trust: trust, Now: a.db.Now(), Received: d.Accepted}).ProvableUntil
		if until.IsZero() {
			until = d.Accepted // no chain is known any more: nothing carries it further
		}
		if err := a.db.NoteProvable(ctx, d.VersionID, until); err != nil {
			return false, err
		}
	}
	return len(list) == archiveTogether, nil
}

// archive adds one link to the evidence of a version.
func (a *Archivist) archive(ctx context.Context, client *timestamp.Client, d db.DueEvidence) error {
	g, err := a.gather(ctx, client.Trust, d)
	if err != nil {
		return err
	}
	content, err := g.material.Bytes()
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
	now := a.db.Now()
	next := later(chain.Until.Add(-renewAhead), now.Add(renewPause))
	if again := now.Add(completePause << min(d.Tries, 6)); !g.complete && again.Before(next) {
		next = again
	}
	return a.db.KeepEvidence(ctx, db.Evidence{VersionID: d.VersionID, School: d.School, Link: evidence.Link{Material: content, Token: token.Raw},
		Parts: g.parts, Authority: token.Authority(), Until: chain.Until, Complete: g.complete, Next: next})
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// gathered is what one more link holds.
type gathered struct {
	material evidence.Material
	parts    [][]byte
	complete bool // every authority that can be asked has answered
	seen     map[string]bool
}

// once adds bytes to a list of the material, each once.
func (g *gathered) once(list *[]string, der []byte) {
	if name := evidence.Hash(der); len(der) > 0 && !g.seen[name] {
		g.seen[name] = true
		*list, g.parts = append(*list, name), append(g.parts, der)
	}
}

// gather collects the chains of a version's signatures and time-stamps, of its
// receipt and of the newest evidence, and what their authorities answer now; an
// authority that does not answer is asked again another day.
func (a *Archivist) gather(ctx context.Context, trust *signing.TrustList, d db.DueEvidence) (*gathered, error) {
	options := verify.Options{Trust: trust, Now: a.db.Now(), Received: d.Accepted}
	report := verify.File(d.XML, options)
	g := &gathered{material: evidence.Material{SHA256: report.SHA256, Certificates: []string{}, Answers: []string{}}, complete: true, seen: map[string]bool{}}
	paths := report.Paths
	if d.Receipt != nil {
		g.material.Also = []string{evidence.Hash(d.Receipt)}
		paths = append(paths, verify.File(d.Receipt, options).Paths...)
	}
	if d.Material != nil {
		g.material.Follow(evidence.Link{Material: d.Material, Token: d.Token})
		token, err := timestamp.Parse(d.Token)
		if err != nil {
			return nil, err
		}
		chain, err := token.Check(sha256.Sum256(d.Material), trust)
		if err != nil {
			return nil, err
		}
		paths = append(paths, chain.Path)
	}
	a.ask(ctx, g, paths)
	kept, err := a.db.VersionAnswers(ctx, d.VersionID)
	for _, der := range kept {
		g.once(&g.material.Answers, der)
	}
	return g, err
}

func (a *Archivist) ask(ctx context.Context, g *gathered, paths [][]*x509.Certificate) {
	asked := map[string]bool{}
	for _, path := range paths {
		for i, c := range path {
			g.once(&g.material.Certificates, c.Raw)
			if i+1 == len(path) || asked[string(c.Raw)] {
				continue
			}
			asked[string(c.Raw)] = true
			v := a.checker.Check(ctx, c, path[i+1])
			g.once(&g.material.Answers, v.Answer)
			g.complete = g.complete && (v.Status != revocation.Unknown || v.Why == revocation.NoSource)
		}
	}
}
