package bench

import (
	"database/sql"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"hocba/internal/bundle"
	"hocba/internal/signing"
	"hocba/internal/signing/xades"
)

// measureIntake has the registry take a class in: verify every record from its
// bytes, decide, store, sign a receipt for each. The baseline, on as many
// processors, verifies the same signatures and inserts the same bytes.
func measureIntake(r *run) {
	c := r.class()
	m := c.message
	bare := newBareIntake(r, c, m.Records)
	var whole, alone samples
	inTurns(r.rounds,
		func(round int) {
			begin := time.Now()
			answer, err := c.Registrar().Submit(r.Context(), m)
			took := time.Since(begin)
			if err != nil || len(answer.Records) != len(m.Records) {
				r.Fatalf("submit: %d receipts, %v", len(answer.Records), err)
			}
			if round >= 0 {
				whole.join(samples{took: make([]time.Duration, len(m.Records)), span: took})
			}
			c.D.Exec(`TRUNCATE registry.binding, registry.version, registry.version_content, registry.version_event, registry.live_version,
				registry.receipt, registry.answer, registry.attempt, registry.refused_record, registry.closing, registry.class_progress CASCADE`)
		},
		func(round int) {
			begin := time.Now()
			if err := bare.takeIn(); err != nil {
				r.Fatalf("verify alone: %v", err)
			}
			if round >= 0 {
				alone.join(samples{took: make([]time.Duration, len(m.Records)), span: time.Since(begin)})
			}
			c.D.Exec(`TRUNCATE public.bare`)
		})
	r.add(line{what: "registry takes in records of a class", got: perSecond(whole.rate()), beside: "signatures verified + INSERT",
		base: perSecond(alone.rate()), asked: []limit{ratioAtLeast(0.5)}})
}

// bareIntake is the least that taking records in can be.
type bareIntake struct {
	trust   *signing.TrustList
	insert  *sql.Stmt
	records [][]byte
	signers [][]string // by record: the Ids of its signatures
}

func newBareIntake(r *run, c *sentClass, records [][]byte) *bareIntake {
	c.D.Exec(`CREATE TABLE public.bare (id bigint GENERATED ALWAYS AS IDENTITY, xml bytea)`)
	b := &bareIntake{trust: c.Trust(), records: records}
	for _, raw := range records {
		doc, err := bundle.Open(raw)
		if err != nil {
			r.Fatal(err)
		}
		var ids []string
		for _, slot := range doc.Slots {
			ids = append(ids, slot.ID)
		}
		b.signers = append(b.signers, ids)
	}
	var err error
	if b.insert, err = c.D.Owner().Prepare(`INSERT INTO public.bare (xml) VALUES ($1)`); err != nil {
		r.Fatal(err)
	}
	return b
}

func (b *bareIntake) takeIn() error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, raw := range b.records {
		group.Go(func() error {
			if err := b.verify(raw, b.signers[i]); err != nil {
				return err
			}
			_, err := b.insert.Exec(raw)
			return err
		})
	}
	return group.Wait()
}

// verify judges every signature of a record, and its signer's chain, which the
// trust list remembers from the round before.
func (b *bareIntake) verify(raw []byte, signatures []string) error {
	doc, err := xades.Parse(raw)
	if err != nil {
		return err
	}
	for _, id := range signatures {
		v, err := xades.Verify(doc, doc.ByID(id))
		if err != nil {
			return err
		}
		signer, err := signing.NewCertificate(v.Leaf, v.Intermediates...)
		if err != nil {
			return err
		}
		if _, err := b.trust.Verify(signer, v.SigningTime); err != nil {
			return err
		}
	}
	return nil
}
