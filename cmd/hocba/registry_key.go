package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"hocba/internal/certificate"
	"hocba/internal/jobs"
	"hocba/internal/signing"
	"hocba/views"
	"hocba/views/words"
)

// defineRegistryKeyRequest makes a key for the registry and prints the request
// for its certificate.
func defineRegistryKeyRequest(f *flags) action {
	at, rsa := defineRegistry(f), f.toggle("rsa")
	return func(ctx context.Context, p *program, _ []string) error {
		algorithm := signing.ECDSASHA256
		if *rsa {
			algorithm = signing.RSASHA256
		}
		return withRegistryKeys(ctx, p, at, func(k jobs.RegistryKeys) error {
			request, err := k.Request(ctx, algorithm)
			if err != nil {
				return err
			}
			_, err = p.stdout.Write(request)
			return err
		})
	}
}

// defineRegistryKeyInstall takes the certificate of a requested key into use,
// and shows what was checked either way.
func defineRegistryKeyInstall(f *flags) action {
	at, issuers := defineRegistry(f), defineIssuers(f)
	return func(ctx context.Context, p *program, operands []string) error {
		file, err := readSmall(operands[0])
		if err != nil {
			return err
		}
		return withRegistryKeys(ctx, p, at, func(k jobs.RegistryKeys) error {
			k.Issuer = issuers.checker()
			cert, checks, err := k.Install(ctx, file)
			return installed(p, cert, checks, err)
		})
	}
}

// defineRegistryKeyDevice takes a key in a device at this server into use.
func defineRegistryKeyDevice(f *flags) action {
	at, issuers := defineRegistry(f), defineIssuers(f)
	label, id := f.text("token", ""), f.text("key", "")
	return func(ctx context.Context, p *program, _ []string) error {
		return withRegistryKeys(ctx, p, at, func(k jobs.RegistryKeys) error {
			k.Issuer = issuers.checker()
			cert, checks, err := k.UseDevice(ctx, *label, *id)
			return installed(p, cert, checks, err)
		})
	}
}

// installed tells what was checked, and what came of it.
func installed(p *program, cert *signing.Certificate, checks []certificate.Check, err error) error {
	for _, c := range checks {
		fmt.Fprintf(p.stderr, "%s %s: %s\n", outcomeMark[c.Outcome], words.CertificateCheck(c.Name), words.Message(c.Code, c.Args))
	}
	if err != nil {
		return err
	}
	p.say("registry_key.installed", "name", cert.Name(), "until", views.Day(cert.NotAfter()))
	return nil
}

// outcomeMark stands before a check's line.
var outcomeMark = map[certificate.Outcome]string{certificate.Fine: "✓", certificate.Failed: "✗", certificate.Attention: "!", certificate.Pending: "?"}

// defineRegistryKeyList prints the certificates of the registry's keys, the one
// in use first.
func defineRegistryKeyList(f *flags) action {
	at := defineRegistry(f)
	return func(ctx context.Context, p *program, _ []string) error {
		return withRegistryKeys(ctx, p, at, func(k jobs.RegistryKeys) error {
			list, err := k.DB.ReceiptCertificates(ctx)
			if err != nil {
				return err
			}
			if len(list) == 0 {
				p.say("registry.no_receipt_key")
				return nil
			}
			out := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
			for _, c := range list {
				fmt.Fprintf(out, "%s\t%s – %s\t%s\t%s\n", c.Certificate.Fingerprint()[:16], views.Day(c.Certificate.NotBefore()),
					views.Day(c.Certificate.NotAfter()), c.Certificate.Name(), c.Certificate.Issuer())
			}
			return out.Flush()
		})
	}
}

// registryPlace is where the data are and where a key in a device is reached.
type registryPlace struct {
	place
	socket *string
}

func defineRegistry(f *flags) registryPlace {
	return registryPlace{definePlace(f), f.text("signer-socket", "")}
}

// withRegistryKeys runs do beside a serving program or alone, in business time:
// who has the data folder with the server's secret is trusted with the key.
func withRegistryKeys(ctx context.Context, p *program, at registryPlace, do func(jobs.RegistryKeys) error) error {
	s, err := openStore(ctx, at.place, true, terminalLog(p.stderr))
	if err != nil {
		return err
	}
	defer s.close()
	var offset time.Duration
	d, err := s.open(ctx, func() time.Time { return time.Now().Add(offset) })
	if err != nil {
		return err
	}
	defer d.Close()
	if offset, err = demoClock(ctx, d, false, 0); err != nil {
		return err
	}
	secret, err := serverSecret(*at.data)
	if err != nil {
		return err
	}
	return do(jobs.RegistryKeys{DB: d, Secret: secret, Device: registryDevice(*at.data, *at.socket, p.env)})
}
