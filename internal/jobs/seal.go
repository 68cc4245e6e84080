package jobs

import (
	"context"
	"crypto/sha256"
	"time"

	"hocba/db"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/signing/pades"
	"hocba/internal/verify"
	"hocba/internal/workflow"
)

// SealedPaper is a paper that is to be sealed: the printed PDF, the record it
// was printed from, and why it is sealed, in the words of the reader.
type SealedPaper struct {
	PDF     []byte
	Record  *bundle.Record
	Version [sha256.Size]byte // of the record's bytes
	Reason  string
	At      time.Time
}

// SealPaper seals a paper with the registry's key, stamped where the Sở stamps.
// Before, what its pages show is compared with the record: nothing is sealed
// that says something else (Internal, paper.differs). While the time-stamping
// authority does not answer it fails with stamp.…, unless the setting says to
// go on.
func (c *Courier) SealPaper(ctx context.Context, p SealedPaper) ([]byte, error) {
	file, err := pades.Open(p.PDF)
	if err == nil {
		err = verify.PaperShows(file, p.Record)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "paper.differs")
	}
	registrar, err := c.Registrar(ctx)
	if err != nil {
		return nil, err
	}
	params := pades.Params{Name: p.Record.General.Department.Name, Reason: p.Reason, Version: p.Version, At: p.At}
	var setting db.TimeStamping
	err = c.db.As(ctx, workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		setting, err = tx.TimeStamping(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	client, err := stampSource(ctx, c.db, setting)
	if err != nil {
		return nil, err
	}
	if client != nil {
		params.Stamp = func(imprint [sha256.Size]byte) ([]byte, error) {
			token, err := client.Stamp(ctx, imprint)
			if err != nil {
				return nil, err
			}
			return token.Raw, nil
		}
	}
	sealed, err := registrar.SealPaper(p.PDF, params)
	if err != nil && setting.GoOn && fault.KindOf(err) == fault.Unavailable {
		params.Stamp = nil
		sealed, err = registrar.SealPaper(p.PDF, params)
	}
	return sealed, err
}
