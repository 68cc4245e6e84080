package main

import (
	"context"
	"time"

	"hocba/db"
	"hocba/internal/signing"
	"hocba/internal/signing/cms"
	"hocba/internal/verify"
)

// defineTrustBundle prints whom this database trusts, for `hocba-verify
// --trust` on a machine without a network: signed by the registry, or as plain
// PEM for the programs of others.
func defineTrustBundle(f *flags) action {
	at, asPEM := definePlace(f), f.toggle("pem")
	return func(ctx context.Context, p *program, _ []string) error {
		log, err := newLog(p.stderr, "text")
		if err != nil {
			return err
		}
		s, err := openStore(ctx, at, false, log)
		if err != nil {
			return err
		}
		defer s.close()
		database, err := s.open(ctx, time.Now)
		if err != nil {
			return err
		}
		defer database.Close()
		var out []byte
		if list, trustErr := database.TrustList(ctx); trustErr != nil {
			err = trustErr
		} else if *asPEM {
			for _, a := range list.Anchors() {
				out = append(out, signing.EncodePEM(a.Certificate)...)
			}
		} else {
			out, err = signedTrust(ctx, database, *at.data, list)
		}
		if err != nil {
			return err
		}
		_, err = p.stdout.Write(out)
		return err
	}
}

func signedTrust(ctx context.Context, database *db.DB, folder string, list *signing.TrustList) ([]byte, error) {
	secret, err := serverSecret(folder)
	if err != nil {
		return nil, err
	}
	key, err := database.ReceiptKey(ctx, secret)
	if err != nil {
		return nil, err
	}
	name, err := database.DepartmentName(ctx)
	if err != nil {
		return nil, err
	}
	return verify.NewTrustBundle(name, time.Now(), list.Anchors()).Sign(func(content []byte) ([]byte, error) {
		return cms.Sign(cms.Params{Type: cms.OIDData, Content: content, Detached: true, Certificate: key.Certificate(), Key: key})
	})
}
