package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"hocba/internal/demo"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/views/words"
)

// The files of a demonstration in the data folder: who may sign in, and which
// codes to look up. Only the owner reads them.
const (
	accountsFile = "demo-accounts.txt"
	codesFile    = "demo-codes.txt"
)

// seedOptions are the flags of seed.
type seedOptions struct {
	place
	seed, schools, classes, pupils *int
	ifEmpty                        *bool
}

func defineSeed(f *flags) action {
	o := seedOptions{place: definePlace(f), seed: f.number("seed", 1), schools: f.number("schools", 0),
		classes: f.number("classes", 10), pupils: f.number("pupils", 10), ifEmpty: f.toggle("if-empty")}
	return func(ctx context.Context, p *program, _ []string) error { return seed(ctx, p, o) }
}

// seed builds the demonstration in an empty database. In one that holds data
// already it refuses; with --if-empty it prints the demonstration's accounts
// and codes again, or nothing when the data are not a demonstration's.
func seed(ctx context.Context, p *program, o seedOptions) error {
	log, err := newLog(p.stderr, "text")
	if err != nil {
		return err
	}
	s, err := openStore(ctx, o.place, true, log)
	if err != nil {
		return err
	}
	defer s.close()
	database, err := s.open(ctx, time.Now)
	if err != nil {
		return err
	}
	installation, taken, err := database.Installation(ctx)
	if err != nil || database.Close() != nil {
		return err
	}
	if taken {
		if !*o.ifEmpty {
			return fault.New(fault.Conflict, "seed.not_empty")
		}
		if installation.Demo {
			return p.sayDemo(*o.data)
		}
		return nil
	}
	secret, err := serverSecret(*o.data)
	if err != nil {
		return err
	}
	// Many short-lived bytes and little that stays: clearing up less often costs
	// some memory for half a minute.
	debug.SetGCPercent(400)
	began := time.Now()
	result, err := demo.Build(ctx, demo.Options{Seed: uint64(*o.seed), Schools: *o.schools, Classes: *o.classes, Pupils: *o.pupils,
		Now: time.Now(), OwnerDSN: s.owner, PortalDSN: s.portal, RegistryDSN: s.registry, Secret: secret,
		Say: func(step string) { p.say("seed.step", "step", words.SeedStep(step)) }})
	if err != nil {
		log.Error("build the demonstration", "error", err)
		return err
	}
	p.say("seed.done", "seconds", fmt.Sprint(int(time.Since(began).Seconds())))
	if err := keepDemo(*o.data, result); err != nil {
		return err
	}
	return p.sayDemo(*o.data)
}

// keepDemo writes what people who try the demonstration need.
func keepDemo(folder string, r *demo.Result) error {
	var accounts, codes strings.Builder
	for _, a := range r.Accounts {
		fmt.Fprintf(&accounts, "%s\t%s\t%s\n", a.Username, a.Password, a.Role)
	}
	for _, c := range r.Codes {
		fmt.Fprintf(&codes, "%s\t%s\t%s\n", c.Code, c.Birth.Vietnamese(), c.Verdict)
	}
	secrets := filepath.Join(folder, signerSecrets)
	if err := os.MkdirAll(secrets, 0o700); err != nil {
		return fault.Wrap(err, fault.Unavailable, "command.file", "name", secrets)
	}
	for name, text := range map[string]string{accountsFile: accounts.String(), codesFile: codes.String(), stamperFile: string(r.TimeStamper),
		signersFile: string(r.Signers), filepath.Join(signerSecrets, demo.RemoteSecret): rand.Text() + "\n" + demo.RemoteURL + "\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return fault.Wrap(err, fault.Unavailable, "command.file", "name", name)
		}
	}
	return nil
}

// sayDemo prints one account a role, and the codes with what they answer.
func (p *program) sayDemo(folder string) error {
	accounts, err := os.ReadFile(filepath.Join(folder, accountsFile))
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "command.file", "name", accountsFile)
	}
	codes, err := os.ReadFile(filepath.Join(folder, codesFile))
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "command.file", "name", codesFile)
	}
	p.say("seed.accounts", "file", filepath.Join(folder, accountsFile))
	shown := map[string]bool{}
	for line := range strings.Lines(string(accounts)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) == 3 && !shown[f[2]] {
			shown[f[2]] = true
			fmt.Fprintf(p.stdout, "  %-26s %-22s %s\n", f[0], f[1], words.Role(f[2]))
		}
	}
	p.say("seed.pins", "person", demo.PersonPIN, "seal", demo.SealPIN)
	p.say("seed.codes", "file", filepath.Join(folder, codesFile))
	for line := range strings.Lines(string(codes)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 3 {
			continue
		}
		day, _ := school.ReadDate(f[1])
		fmt.Fprintf(p.stdout, "  %-16s %s  %s\n", f[0], day.Vietnamese(), words.VerdictShort(f[2]))
	}
	return nil
}
