package main

import (
	"context"

	"hocba/internal/jobs"
	"hocba/internal/signing"
	"hocba/internal/signing/cms"
	"hocba/internal/verify"
)

// defineTrustBundle prints whom this database trusts, for `hocba-verify
// --trust` on a machine without a network: signed by the registry, or as plain
// PEM for the programs of others.
func defineTrustBundle(f *flags) action {
	at, asPEM := defineRegistry(f), f.toggle("pem")
	return func(ctx context.Context, p *program, _ []string) error {
		return withRegistryKeys(ctx, p, at, func(k jobs.RegistryKeys) error {
			list, err := k.DB.TrustList(ctx)
			if err != nil {
				return err
			}
			var out []byte
			if *asPEM {
				for _, a := range list.Anchors() {
					out = append(out, signing.EncodePEM(a.Certificate)...)
				}
			} else if out, err = signedTrust(ctx, k, list); err != nil {
				return err
			}
			_, err = p.stdout.Write(out)
			return err
		})
	}
}

func signedTrust(ctx context.Context, k jobs.RegistryKeys, list *signing.TrustList) ([]byte, error) {
	key, err := k.Signer(ctx)
	if err != nil {
		return nil, err
	}
	name, err := k.DB.DepartmentName(ctx)
	if err != nil {
		return nil, err
	}
	return verify.NewTrustBundle(name, k.DB.Now(), list.Anchors()).Sign(func(content []byte) ([]byte, error) {
		return cms.Sign(cms.Params{Type: cms.OIDData, Content: content, Detached: true, Certificate: key.Certificate(), Key: key})
	})
}
