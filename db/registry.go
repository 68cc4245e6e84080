package db

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"iter"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/lib/pq"

	"hocba/internal/bundle"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/signing"
	"hocba/internal/signing/revocation"
)

// Registrar is the province's registry in this process: a registry.Client for
// the schools, and the Sở's own acts. Safe for concurrent use.
//
// What it does is cut into transactions of a few records each, so that a crash
// between them loses no answer that was given and repeats none: the statement
// is noted first, every record is decided, stored and receipted in one of
// them, the answer to the statement comes last. The same bytes again go on where that
// stopped. Transactions that add events of a school follow one another
// (lockSchool), so that event numbers rise in the order of commits.
type Registrar struct {
	db  *DB
	key registry.Signer

	// Issuer asks authorities about certificates; nil: what was answered before
	// counts as long as it holds. It is set before the first call.
	Issuer *revocation.Checker

	mu       sync.Mutex
	trust    *signing.TrustList
	trustKey string
}

var _ registry.Client = (*Registrar)(nil)

// NewRegistrar opens the registry with the key that signs its receipts.
func NewRegistrar(d *DB, key registry.Signer) *Registrar { return &Registrar{db: d, key: key} }

// in runs a transaction of the registry's own work.
func (g *Registrar) in(ctx context.Context, fn func(tx *Tx) error) error {
	return g.db.Registry(ctx, registrar, fn)
}

// desk is what one call of a school is judged with.
type desk struct {
	office registry.Office
	sender registry.Sender
}

// open gathers what the registry knows of itself and of the school that calls.
func (g *Registrar) open(ctx context.Context, schoolCode string) (desk, error) {
	var k desk
	err := g.in(ctx, func(tx *Tx) error {
		if err := tx.SoundClock(ctx); err != nil {
			return err
		}
		department, err := tx.department(ctx)
		if err != nil {
			return err
		}
		k.office.Department = bundle.Unit{Code: department.Code, Name: department.Name}
		k.office.Now = tx.Now
		k.sender.Code = schoolCode
		today := school.DateOf(tx.Now)
		err = tx.GetContext(ctx, &k.sender.Known, `SELECT EXISTS (SELECT 1 FROM core.unit u JOIN core.unit_scope s ON s.descendant_id = u.id
			WHERE u.code = $1 AND u.kind = 'truong' AND s.ancestor_id = $2 AND u.valid_from <= $3
			  AND (u.valid_to IS NULL OR u.valid_to >= $3))`, schoolCode, department.ID, today)
		if err != nil {
			return translate(err, "look a sender up")
		}
		if k.sender.Seals, err = tx.sealApprovals(ctx, schoolCode); err != nil {
			return err
		}
		k.office.Policy, err = tx.SignaturePolicy(ctx)
		return err
	})
	k.office.Status = g.statusOf(ctx)
	if err == nil {
		k.office.Trust, err = g.trustList(ctx)
	}
	return k, err
}

// sealApprovals lists the seals of a school with the times in which they count:
// from an approval to a suspension, a refusal or an end.
func (t *Tx) sealApprovals(ctx context.Context, schoolCode string) ([]registry.SealApproval, error) {
	lives, err := t.lives(ctx, `c.purpose = 'seal' AND c.unit_id IN (SELECT id FROM core.unit WHERE code = $1)`, schoolCode)
	var out []registry.SealApproval
	for _, l := range lives {
		for _, i := range l.Intervals() {
			out = append(out, registry.SealApproval{Fingerprint: l.Fingerprint, From: i.From, Until: i.Until})
		}
	}
	return out, err
}

// trustList keeps the trust list, with the chains it has built, until roots or
// certificates change.
func (g *Registrar) trustList(ctx context.Context) (*signing.TrustList, error) {
	var key string
	err := g.db.registry.GetContext(ctx, &key, `SELECT coalesce((SELECT string_agg(concat_ws('/', t.fingerprint, t.trial, t.valid_from, t.valid_to, e.effective_at), ','
		  ORDER BY t.fingerprint) FROM core.trust_root t LEFT JOIN core.trust_end e ON e.fingerprint = t.fingerprint), '')
		  || '|' || (SELECT coalesce(sum(id), 0) FROM (SELECT id FROM core.certificate ORDER BY id DESC LIMIT 1000) newest) || '|' || (SELECT coalesce(max(id), 0) FROM core.certificate_event)`)
	if err != nil {
		return nil, translate(err, "see whether the trusted roots changed")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.trust != nil && g.trustKey == key {
		return g.trust, nil
	}
	list, err := g.db.TrustList(ctx)
	if err != nil {
		return nil, err
	}
	g.trust, g.trustKey = list, key
	return list, nil
}

// lockSchool lets the registry's transactions about one school follow one
// another to their ends.
func (t *Tx) lockSchool(ctx context.Context, schoolCode string) error {
	return t.exec(ctx, "wait for a school's turn", `SELECT pg_advisory_xact_lock(hashtextextended('registry:' || $1, 0))`, schoolCode)
}

// attempt is a statement that arrived.
type attempt struct {
	id     int64
	school string
	kind   bundle.StatementKind
}

// begin notes a statement, or finds the attempt of the same bytes that has no
// answer yet. When its answer is final, that is returned instead; one that
// brings nothing to judge anew (asks) is given any answer there is.
func (g *Registrar) begin(ctx context.Context, p *registry.Paper, raw []byte, asks bool) (a attempt, answered []byte, err error) {
	a.school, a.kind = p.School, p.Kind
	sum, err := SumOf(p.SHA256)
	if err != nil {
		return a, nil, err
	}
	err = g.in(ctx, func(tx *Tx) error {
		if err := tx.lockSchool(ctx, p.School); err != nil {
			return err
		}
		var last struct {
			ID    int64  `db:"id"`
			Final *bool  `db:"final"`
			XML   []byte `db:"xml"`
		}
		err := tx.GetContext(ctx, &last, `SELECT a.id, w.final, w.xml FROM registry.attempt a LEFT JOIN registry.answer w ON w.attempt_id = a.id
			WHERE a.school_code = $1 AND a.sha256 = $2 AND a.kind = $3 ORDER BY a.id DESC LIMIT 1`, p.School, sum, p.Kind)
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return translate(err, "find an attempt")
		case last.Final == nil:
			a.id = last.ID
			return nil
		case *last.Final || asks:
			a.id, answered = last.ID, last.XML
			return nil
		}
		if len(raw) > bundle.MaxBytes {
			raw = nil
		}
		return translate(tx.GetContext(ctx, &a.id, `INSERT INTO registry.attempt (school_code, kind, sha256, statement, received_at)
			VALUES ($1, $2, $3, $4, $5) RETURNING id`, p.School, p.Kind, sum, notNil(raw), tx.Now), "note an attempt")
	})
	return a, answered, err
}

// answer stores the answer to a statement inside the transaction that carries
// it out. Of two that answer the same attempt the first stands.
func (t *Tx) answer(ctx context.Context, a attempt, xml []byte, refused, final bool) ([]byte, error) {
	result := bundle.Accepted
	if refused {
		result = bundle.Refused
	}
	err := t.exec(ctx, "answer a statement", `INSERT INTO registry.answer (attempt_id, school_code, result, final, xml, at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (attempt_id) DO NOTHING`, a.id, a.school, result, final, xml, t.Now)
	if err != nil {
		return nil, err
	}
	var stands []byte
	err = t.get(ctx, "registry.no_answer", &stands, `SELECT xml FROM registry.answer WHERE attempt_id = $1`, a.id)
	return stands, err
}

// answered returns the answer of an attempt that somebody else finished first;
// nil while it is open.
func (t *Tx) answered(ctx context.Context, a attempt) ([]byte, error) {
	var xml []byte
	err := t.GetContext(ctx, &xml, `SELECT xml FROM registry.answer WHERE attempt_id = $1`, a.id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return xml, translate(err, "read an answer")
}

// Submit takes a manifest and its records in:
//  1. read the manifest; note the attempt, or find what was begun
//  2. of each record: verify the bytes, then decide, store and receipt, some
//     records to a transaction
//  3. unless more is to come, answer the manifest over what came with it, now
//     or before
func (g *Registrar) Submit(ctx context.Context, s registry.Submission) (registry.Answer, error) {
	k, err := g.open(ctx, s.School)
	if err != nil {
		return registry.Answer{}, err
	}
	paper := k.office.Read(bundle.Submission, k.sender, s.Statement)
	a, done, err := g.begin(ctx, paper, s.Statement, len(s.Records) == 0 && !paper.Refused())
	if err != nil {
		return registry.Answer{}, err
	}
	if paper.Pending() {
		return registry.Answer{}, errPending
	}
	if paper.Refused() {
		return g.refuse(ctx, k, a, paper)
	}
	out, answers, err := g.takeInAll(ctx, k, paper, a, s.Records)
	if err != nil || s.More {
		return out, err
	}
	if done != nil {
		out.Receipt = done
		return out, nil
	}
	earlier, err := g.earlier(ctx, paper, answers)
	if err != nil {
		return registry.Answer{}, err
	}
	items, reasons, final := registry.Items(paper, append(answers, earlier...))
	out.Receipt, err = g.finish(ctx, a, final, func(now time.Time) ([]byte, error) {
		k.office.Now = now
		return k.office.ManifestReceipt(g.key, paper, items, reasons)
	})
	return out, err
}

// takeInAll decides about the records of one message.
func (g *Registrar) takeInAll(ctx context.Context, k desk, paper *registry.Paper, a attempt, records [][]byte) (out registry.Answer, answers []registry.Answered, err error) {
	for batch := range batches(k.examined(ctx, paper, records), recordsTogether) {
		intakes := make([]intake, len(batch))
		for i, arrival := range batch {
			if arrival.Pending() {
				return registry.Answer{}, nil, errPending
			}
			intakes[i] = intake{a, paper, arrival}
		}
		list, err := g.takeIn(ctx, k.office, intakes)
		if err != nil {
			return registry.Answer{}, nil, err
		}
		for _, t := range list {
			out.Records = append(out.Records, t.receipt)
			answers = append(answers, t.answer)
		}
	}
	return out, answers, nil
}

// earlier lists what became of records that this message did not bring, but
// another one with the same manifest did, or that the registry has accepted
// before: it holds those bytes, so they are not missing.
func (g *Registrar) earlier(ctx context.Context, p *registry.Paper, now []registry.Answered) (out []registry.Answered, err error) {
	sum, err := SumOf(p.SHA256)
	if err != nil {
		return nil, err
	}
	lines := map[string]bundle.Listed{}
	for _, l := range p.Statement.Records {
		lines[l.SHA256] = l
	}
	for _, a := range now {
		delete(lines, a.Arrival.SHA256)
	}
	var listed pq.ByteaArray
	for text := range lines {
		if one, err := SumOf(text); err == nil {
			listed = append(listed, one)
		}
	}
	if len(listed) == 0 {
		return nil, nil
	}
	var rows []keptReceipt
	err = g.in(ctx, func(tx *Tx) error {
		return tx.list(ctx, "list what came before", &rows, `SELECT DISTINCT ON (r.sha256) r.sha256, ''::bytea AS xml, r.result, r.final
			FROM registry.receipt r JOIN registry.attempt a ON a.id = r.attempt_id
			WHERE r.school_code = $1 AND r.sha256 = ANY($4) AND (r.result = 'accepted' OR a.sha256 = $2 AND a.kind = $3)
			ORDER BY r.sha256, r.result = 'accepted' DESC, r.id DESC`, p.School, sum, p.Kind, listed)
	})
	for _, r := range rows {
		text := hex.EncodeToString(r.SHA256)
		out = append(out, registry.Answered{Arrival: &registry.Arrival{SHA256: text, Listed: lines[text]}, Result: r.Result, Final: r.Final})
	}
	return out, err
}

// recordsTogether is how many records of a manifest one transaction takes in:
// enough that its own cost does not count, few enough that a crash costs
// milliseconds of work.
const recordsTogether = 12

// batches gathers arrivals, each content once, into groups of at most n, of
// which no two touch the same record, pupil or look-up code: what is decided
// about one must be known when the next is decided.
func batches(arrivals iter.Seq[*registry.Arrival], n int) iter.Seq[[]*registry.Arrival] {
	return func(yield func([]*registry.Arrival) bool) {
		seen, touched := map[string]bool{}, map[string]bool{}
		var batch []*registry.Arrival
		for a := range arrivals {
			if seen[a.SHA256] {
				continue
			}
			seen[a.SHA256] = true
			touches := a.Touches()
			if len(batch) == n || slices.ContainsFunc(touches, func(k string) bool { return touched[k] }) {
				if !yield(batch) {
					return
				}
				batch, touched = nil, map[string]bool{}
			}
			batch = append(batch, a)
			for _, k := range touches {
				touched[k] = true
			}
		}
		if len(batch) > 0 {
			yield(batch)
		}
	}
}

// examined verifies records on every processor, in their order, ahead of whoever
// takes them in. Breaking off leaves no more than a batch to be finished in vain.
func (k desk) examined(ctx context.Context, p *registry.Paper, records [][]byte) iter.Seq[*registry.Arrival] {
	return func(yield func(*registry.Arrival) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		ahead := make(chan chan *registry.Arrival, recordsTogether)
		free := make(chan struct{}, runtime.GOMAXPROCS(0))
		go func() {
			defer close(ahead)
			for _, raw := range records {
				next := make(chan *registry.Arrival, 1)
				select {
				case ahead <- next:
				case <-ctx.Done():
					return
				}
				free <- struct{}{}
				go func() {
					next <- k.office.Examine(p, k.sender, raw)
					<-free
				}()
			}
		}()
		for next := range ahead {
			if !yield(<-next) {
				return
			}
		}
	}
}

// finish answers an attempt that changes nothing any more.
func (g *Registrar) finish(ctx context.Context, a attempt, final bool, sign func(now time.Time) ([]byte, error)) (xml []byte, err error) {
	err = g.in(ctx, func(tx *Tx) error {
		xml, err = tx.answered(ctx, a)
		if err != nil || xml != nil {
			return err
		}
		signed, err := sign(tx.Now)
		if err != nil {
			return err
		}
		xml, err = tx.answer(ctx, a, signed, false, final)
		return err
	})
	return xml, err
}

// refuse answers a statement that is refused itself. The same bytes may be
// judged otherwise later: a seal may have been approved by then.
func (g *Registrar) refuse(ctx context.Context, k desk, a attempt, p *registry.Paper) (out registry.Answer, err error) {
	err = g.in(ctx, func(tx *Tx) error {
		k.office.Now = tx.Now
		signed, err := k.office.StatementReceipt(g.key, p, p.Reasons)
		if err != nil {
			return err
		}
		out.Receipt, err = tx.answer(ctx, a, signed, true, false)
		return err
	})
	return out, err
}

// Status returns the newest answer to a statement of a school.
func (g *Registrar) Status(ctx context.Context, schoolCode, sha256 string) (out registry.Answer, err error) {
	sum, err := SumOf(sha256)
	if err != nil {
		return out, err
	}
	err = g.in(ctx, func(tx *Tx) error {
		var row struct {
			ID  int64  `db:"attempt_id"`
			XML []byte `db:"xml"`
		}
		err := tx.get(ctx, "registry.no_answer", &row, `SELECT w.attempt_id, w.xml FROM registry.attempt a
			JOIN registry.answer w ON w.attempt_id = a.id WHERE a.school_code = $1 AND a.sha256 = $2
			ORDER BY a.id DESC LIMIT 1`, schoolCode, sum)
		if err != nil {
			return err
		}
		out.Receipt = row.XML
		return tx.list(ctx, "list an attempt's receipts", &out.Records, `SELECT xml FROM registry.receipt WHERE attempt_id = $1 ORDER BY id`, row.ID)
	})
	return out, err
}

// Events lists what happened to a school's versions after an event. Locks that
// the date has brought about are written first, so that a school hears of them
// without waiting for the clock's round.
func (g *Registrar) Events(ctx context.Context, schoolCode string, since int64) (out []registry.Event, err error) {
	if err := g.lockDue(ctx, schoolCode); err != nil {
		return nil, err
	}
	err = g.in(ctx, func(tx *Tx) error {
		var rows []struct {
			ID      int64              `db:"id"`
			Kind    registry.EventKind `db:"kind"`
			Record  string             `db:"record_uuid"`
			Version int                `db:"phien_ban"`
			SHA256  []byte             `db:"sha256"`
			By      registry.Hand      `db:"by_whom"`
			Reason  string             `db:"reason"`
			At      time.Time          `db:"at"`
		}
		err := tx.list(ctx, "list events", &rows, `SELECT e.id, e.kind, v.record_uuid::text AS record_uuid, v.phien_ban, v.sha256, e.by_whom, e.reason, e.at
			FROM registry.version_event e JOIN registry.version v ON v.id = e.version_id
			WHERE e.school_code = $1 AND e.id > $2 ORDER BY e.id LIMIT $3`, schoolCode, since, registry.EventsPage)
		for _, r := range rows {
			out = append(out, registry.Event{ID: r.ID, Kind: r.Kind, Record: r.Record, Version: r.Version,
				SHA256: hex.EncodeToString(r.SHA256), By: r.By, Reason: r.Reason, At: r.At})
		}
		return err
	})
	return out, err
}

func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
