package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"hocba/db"
	"hocba/internal/certificate"
	"hocba/internal/fault"
	"hocba/internal/school"
	"hocba/internal/workflow"
	"hocba/views"
)

// trustFlags are the flags of "trust add" and "trust end".
type trustFlags struct {
	at                              place
	provider, decision, from, until *string
	trial                           *bool
}

func defineTrustList(f *flags) action {
	at := definePlace(f)
	return func(ctx context.Context, p *program, _ []string) error {
		return withTrust(ctx, p, at, func(tx *db.Tx) error {
			list, err := tx.Trusted(ctx)
			if err != nil {
				return err
			}
			out := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
			for _, t := range list {
				until := t.Certificate.NotAfter
				if t.Until != nil {
					until = *t.Until
				}
				fmt.Fprintf(out, "%s\t%s\t%s – %s\t%v\t%s\n", t.Key[:16], views.TrustKind(t.Intermediate, t.Trial), views.Day(t.From), views.Day(until),
					t.Provider, t.Certificate.Subject.CommonName)
			}
			return out.Flush()
		})
	}
}

func defineTrustAdd(f *flags) action {
	o := trustFlags{at: definePlace(f), provider: f.text("provider", ""), decision: f.text("decision", ""), from: f.text("from", ""), until: f.text("until", ""), trial: f.toggle("trial")}
	return func(ctx context.Context, p *program, operands []string) error {
		text, err := readSmall(operands[0])
		if err != nil {
			return err
		}
		list, err := certificate.ReadAuthorities(text)
		if err != nil {
			return err
		}
		from, err := dayFlag("from", *o.from)
		if err != nil {
			return err
		}
		until, err := dayFlag("until", *o.until)
		if err != nil {
			return err
		}
		return withTrust(ctx, p, o.at, func(tx *db.Tx) error {
			for _, c := range list {
				n := db.NewTrust{Certificate: c, Provider: *o.provider, Decision: *o.decision, Trial: *o.trial, From: from, Until: until}
				if n.From.IsZero() {
					n.From = tx.Now
				}
				if err := tx.Trust(ctx, n); err != nil {
					return err
				}
				p.say("trust.added", "name", c.Subject.CommonName)
			}
			return nil
		})
	}
}

func defineTrustEnd(f *flags) action {
	at, decision, from := definePlace(f), f.text("decision", ""), f.text("from", "")
	return func(ctx context.Context, p *program, operands []string) error {
		day, err := dayFlag("from", *from)
		if err != nil {
			return err
		}
		return withTrust(ctx, p, at, func(tx *db.Tx) error {
			list, err := tx.Trusted(ctx)
			if err != nil {
				return err
			}
			for _, t := range list {
				if key := operands[0]; len(key) < 8 || len(key) > len(t.Key) || t.Key[:len(key)] != key {
					continue
				}
				if day.IsZero() {
					day = tx.Now
				}
				if err := tx.EndTrust(ctx, t.Key, day, *decision); err != nil {
					return err
				}
				p.say("trust.ends", "name", t.Certificate.Subject.CommonName, "day", views.Day(day))
				return nil
			}
			return fault.New(fault.NotFound, "trust.unknown")
		})
	}
}

// withTrust runs do as the program itself: whoever has the data folder or the
// database's owner is trusted with the list anyway.
func withTrust(ctx context.Context, p *program, at place, do func(tx *db.Tx) error) error {
	s, err := openStore(ctx, at, true, terminalLog(p.stderr))
	if err != nil {
		return err
	}
	defer s.close()
	d, err := s.open(ctx, time.Now)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.As(ctx, workflow.Actor{Kind: workflow.System}, do)
}

// dayFlag reads a day; the zero time for none.
func dayFlag(name, value string) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	d, err := school.ParseDate(value)
	if err != nil {
		return time.Time{}, fault.New(fault.Invalid, "command.flag_value", "name", name, "twin", twin(name), "value", value)
	}
	return d.Start(), nil
}

// readSmall reads a file of certificates, no more of it than one has.
func readSmall(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fault.Wrap(err, fault.NotFound, "command.file", "name", name)
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, certificate.MaxFile+1))
}
