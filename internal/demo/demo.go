// Package demo builds a small invented province that went through the real
// chain: units, people, keys, pupils, entries by their teachers, signatures,
// issue, submission, receipts, closing. It uses the same functions as the
// portal, as the people it invents, on a clock that it moves through the year.
// People, classes, marks, remarks and stages follow from the seed; keys,
// passwords, numbers of records and look-up codes are random, as they must be.
package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"hocba/db"
	"hocba/internal/jobs"
	"hocba/internal/school"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/software"
	"hocba/internal/workflow"
)

// PINs of the demonstration's keys. They guard nothing: the keys are of the
// trial authority and live in a database marked as a demonstration.
const (
	PersonPIN = "246810"
	SealPIN   = "24681012"
)

// Options says what to build and where.
type Options struct {
	Seed    uint64
	Schools int // besides the three with stories
	Classes int // classes of each further school, a year
	Pupils  int // pupils of a usual class
	Now     time.Time
	// Connections: the owner's establishes the installation.
	OwnerDSN, PortalDSN, RegistryDSN string
	Secret                           *software.Secret
	Say                              func(step string)
}

// Account is one sign-in of the demonstration.
type Account struct{ Username, Password, Role string }

// Code is a look-up code with what it answers.
type Code struct {
	Code    string
	Birth   school.Date
	Verdict string
}

// Result is what the people who try the demonstration need.
type Result struct {
	Accounts []Account
	Codes    []Code
	// TimeStamper is what the time-stamping authority of the demonstration
	// stamps with: its chain and its key, PEM.
	TimeStamper []byte
	// Signers are the keys that the sandboxes of signing hold.
	Signers []byte
}

// The two years of the demonstration.
const (
	pastYear    = school.Year("2025-2026")
	currentYear = school.Year("2026-2027")
)

// builder carries what the steps share.
type builder struct {
	Options
	db        *db.DB
	clock     *clock
	ca        *demo.CA
	desk      jobs.Desk
	office    jobs.Submission
	registrar *db.Registrar
	clerk     *person // of the Sở
	system    workflow.Actor
	bo, so    school.Unit
	// people by account, and their pens
	people                   map[int64]*person
	schools                  []*schoolhouse
	result                   Result
	stamperChain, stamperKey []byte
	closing                  func() // ends the time-stamping authority
	// made ahead while people are hired: each costs what guessing it is to cost
	nextPassword func() (hashed, error)
	nextKey      func() (wrapped, error)
}

// clock is business time as the story goes.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// at moves the clock to an hour of a day in Vietnam.
func (c *clock) at(d school.Date, hour, minute int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = d.Start().Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// Build builds the province in an empty, migrated database.
func Build(ctx context.Context, o Options) (*Result, error) {
	b := &builder{Options: o, clock: &clock{}, closing: func() {}, people: map[int64]*person{}, system: workflow.Actor{Kind: workflow.System}}
	if b.Say == nil {
		b.Say = func(string) {}
	}
	begin := school.Date{Year: 2025, Month: time.July, Day: 1}
	b.clock.at(begin, 8, 0)
	var err error
	if b.ca, err = demo.New(nil, b.clock.Now().AddDate(0, -1, 0)); err != nil {
		return nil, err
	}
	if err := db.Establish(ctx, o.OwnerDSN, true, int64(o.Seed), b.ca.RootPEM(), b.clock.Now().AddDate(0, -1, 0)); err != nil {
		return nil, err
	}
	b.db, err = db.Open(ctx, db.Options{PortalDSN: unhurried(o.PortalDSN), RegistryDSN: unhurried(o.RegistryDSN), Clock: b.clock.Now})
	if err != nil {
		return nil, err
	}
	defer b.db.Close()
	b.desk = jobs.Desk{DB: b.db}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"units", b.buildUnits}, {"people", b.buildPeople}, {"registry", b.openRegistry}, {"stamps", b.openStamping}, {"past", b.buildPastYear}, {"current", b.buildCurrentYear},
		{"certificates", b.buildCertificates}, {"signers", b.buildSigners},
		{"counts", b.count}, {"stamps end", b.endStamping}, {"codes", b.collectCodes},
	} {
		b.Say(step.name)
		if err := step.do(ctx); err != nil {
			b.closing()
			return nil, fmt.Errorf("build the demonstration, step %s: %w", step.name, err)
		}
	}
	// The teacher with most to do stands first of her role.
	slices.SortStableFunc(b.result.Accounts, func(a, c Account) int { return rank(a) - rank(c) })
	return &b.result, nil
}

func rank(a Account) int {
	if a.Username == "hoaphuong.gv4" {
		return 0
	}
	return 1
}

// random returns a source that depends on the seed and on what it is for, so
// that one part of the story does not move another.
func (b *builder) random(purpose string, n ...int64) *rand.Rand {
	h := uint64(14695981039346656037)
	for _, c := range []byte(purpose + fmt.Sprint(n)) {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return rand.New(rand.NewPCG(b.Seed, h))
}

// unhurried does not wait for the disk at each of thousands of acts: a story cut
// off by a power failure is told again from its beginning.
func unhurried(dsn string) string { return db.WithSetting(dsn, "synchronous_commit", "off") }

// workers are more than processors: an act waits half its time for PostgreSQL.
const workers = 4

// parallel runs do for each index on a few workers.
func parallel(n int, do func(i int) error) error {
	var group errgroup.Group
	group.SetLimit(workers)
	for i := range n {
		group.Go(func() error { return do(i) })
	}
	return group.Wait()
}

// ahead makes one thing after another beside what needs them, until ctx ends.
func ahead[T any](ctx context.Context, build func() (T, error)) func() (T, error) {
	type made struct {
		thing T
		err   error
	}
	next := make(chan made)
	go func() {
		for ctx.Err() == nil {
			thing, err := build()
			select {
			case next <- made{thing, err}:
			case <-ctx.Done():
			}
		}
	}()
	return func() (T, error) {
		select {
		case m := <-next:
			return m.thing, m.err
		case <-ctx.Done():
			var none T
			return none, ctx.Err()
		}
	}
}
