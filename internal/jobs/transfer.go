package jobs

import (
	"bytes"
	"context"
	"crypto/sha256"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/school"
	"hocba/internal/transfer"
	"hocba/internal/verify"
	"hocba/internal/workflow"
)

// TransferOrder asks for a transfer file: the live versions of a pupil, to be
// handed to another school.
type TransferOrder struct {
	School   string // code of the school that asks; "" the registry itself
	Pupil    string // MA_HOC_SINH
	To       string // receiving school
	Province string // of the receiving school
	Reason   string
	Sender   bundle.Teacher // who asked; the zero value the registry itself
	Account  int64          // 0: a command
}

// TransferFile makes a transfer file of a pupil's live versions, signed by the
// registry and stamped where the Sở stamps. Papers that were never printed are
// left out: whoever hands the file out has them made before. It fails with
// Invalid transfer.to or transfer.reason, NotFound transfer.nothing, Conflict
// transfer.not_managing when another school manages the pupil's records, and as
// the registry's key and the time-stamping authority do.
func (c *Courier) TransferFile(ctx context.Context, o TransferOrder) ([]byte, *bundle.Transfer, error) {
	o.To, o.Province, o.Reason = school.CleanLine(o.To), school.CleanLine(o.Province), school.Clean(o.Reason)
	switch {
	case o.To == "" || len([]rune(o.To)) > 150 || len([]rune(o.Province)) > 150:
		return nil, nil, fault.New(fault.Invalid, "transfer.to")
	case o.Reason == "" || len([]rune(o.Reason)) > 2000:
		return nil, nil, fault.New(fault.Invalid, "transfer.reason")
	}
	pupil, err := c.db.LivePupil(ctx, o.Pupil)
	if err != nil {
		return nil, nil, err
	}
	if o.School != "" && o.School != pupil.School.Code {
		return nil, nil, fault.New(fault.Conflict, "transfer.not_managing")
	}
	return c.pack(ctx, registry.Dossier{Purpose: bundle.ToSchool, School: pupil.School, To: o.To, Province: o.Province, Reason: o.Reason, Sender: o.Sender},
		pupil.Versions, o.Account)
}

// EvidenceFile makes a file of one accepted version (SHA-256, hex) with all that
// proves it. schoolCode, when set, must be the version's school's: NotFound,
// record.unknown.
func (c *Courier) EvidenceFile(ctx context.Context, schoolCode, sum, reason string, account int64) ([]byte, *bundle.Transfer, error) {
	v, unit, err := c.db.VersionHeld(ctx, sum)
	if err != nil {
		return nil, nil, err
	}
	if schoolCode != "" && unit.Code != schoolCode {
		return nil, nil, fault.New(fault.NotFound, "record.unknown")
	}
	return c.pack(ctx, registry.Dossier{Purpose: bundle.AsEvidence, School: unit, Reason: reason}, []db.LookedUp{v}, account)
}

// pack gathers what is held of versions and makes the file.
func (c *Courier) pack(ctx context.Context, d registry.Dossier, versions []db.LookedUp, account int64) ([]byte, *bundle.Transfer, error) {
	registrar, err := c.Registrar(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, v := range versions {
		held, err := c.db.HeldVersion(ctx, v)
		if err != nil {
			return nil, nil, err
		}
		d.Versions = append(d.Versions, held)
	}
	if d.Trust, err = c.trustBundle(ctx, registrar); err != nil {
		return nil, nil, err
	}
	stamp, goOn, err := c.manifestStamp(ctx)
	if err != nil {
		return nil, nil, err
	}
	raw, err := registrar.Pack(ctx, d, stamp)
	if err != nil && goOn && fault.KindOf(err) == fault.Unavailable {
		raw, err = registrar.Pack(ctx, d, nil)
	}
	if err != nil {
		return nil, nil, err
	}
	made := db.MadeTransfer{File: raw, AccountID: account}
	files, err := transfer.Read(raw)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		if f.Name == transfer.ManifestName {
			made.Signed = bytes.Clone(f.Content)
		}
	}
	document, err := bundle.Open(made.Signed)
	if err != nil {
		return nil, nil, err
	}
	made.Manifest = document.Transfer
	return raw, made.Manifest, c.db.KeepTransfer(ctx, made)
}

func (c *Courier) trustBundle(ctx context.Context, registrar *db.Registrar) ([]byte, error) {
	list, err := c.db.TrustList(ctx)
	if err != nil {
		return nil, err
	}
	name, err := c.db.DepartmentName(ctx)
	if err != nil {
		return nil, err
	}
	return registrar.SignTrust(verify.NewTrustBundle(name, c.db.Now(), list.Anchors()))
}

// manifestStamp is who stamps a manifest, nil when nobody does, and whether to
// go on without.
func (c *Courier) manifestStamp(ctx context.Context) (registry.Stamper, bool, error) {
	var setting db.TimeStamping
	err := c.db.As(ctx, workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) (err error) {
		setting, err = tx.TimeStamping(ctx)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	client, err := stampSource(ctx, c.db, setting)
	if err != nil || client == nil {
		return nil, false, err
	}
	return func(imprint [sha256.Size]byte) ([]byte, error) {
		token, err := client.Stamp(ctx, imprint)
		if err != nil {
			return nil, err
		}
		return token.Raw, nil
	}, setting.GoOn, nil
}
