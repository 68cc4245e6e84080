package demo

import (
	"context"
	"fmt"
	"strconv"

	"hocba/db"
	"hocba/internal/certificate"
	"hocba/internal/signing"
	"hocba/internal/signing/demo"
	"hocba/internal/signing/sandbox"
)

// The ways to sign of the first school: the sandboxes where they listen by
// default, the secret by its name.
const (
	RemoteAddress = "127.0.0.1:8319"
	RemoteURL     = "http://" + RemoteAddress + "/csc/v2"
	AgentAddress  = "127.0.0.1:8987"
	RemoteClient  = "truong-thu"
	RemoteSecret  = "sandbox"
)

// buildSigners gives the principal and a teacher of the first school keys at a
// remote service and in a USB token, beside those of the trial store.
func (b *builder) buildSigners(ctx context.Context) error {
	h := b.schools[0]
	err := b.db.As(ctx, h.admin.Actor, func(tx *db.Tx) error {
		for _, w := range []db.SigningWay{
			{Kind: signing.Remote, Label: "Dịch vụ ký thử", Params: db.JobArgs{"url": RemoteURL, "client": RemoteClient,
				"secret": RemoteSecret, "grant": "code"}},
			{Kind: signing.Agent, Label: "USB token thử", Params: db.JobArgs{"port": "8987"}},
		} {
			if _, err := tx.AddSigningWay(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var holders []sandbox.Holder
	for _, who := range []*person{h.principal, h.teachers[len(h.teachers)-1]} {
		for range 2 { // one for the service, one for the token
			r := demo.Request{Kind: demo.Person, Name: who.Name, Organization: h.Name, PersonalNumber: fmt.Sprintf("0480%08d", who.AccountID)}
			one, err := sandbox.New(b.ca, signing.ECDSASHA256, strconv.Itoa(len(holders)+1), r, b.clock.Now())
			if err != nil {
				return err
			}
			holders = append(holders, one)
			err = b.db.As(ctx, b.system, func(tx *db.Tx) error {
				id, err := tx.KeepCertificate(ctx, db.PersonCertificate, who.AccountID, one.Certificate, nil)
				if err != nil {
					return err
				}
				// The principal's own was confirmed with the account: nobody confirms for oneself.
				if who == h.principal {
					return nil
				}
				return b.note(ctx, tx, id, h, certificate.Declared, certificate.Registered)
			})
			if err != nil {
				return err
			}
		}
	}
	b.result.Signers, err = sandbox.Encode(holders)
	return err
}
