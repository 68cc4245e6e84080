package db

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/lib/pq"

	"hocba/internal/bundle"
	"hocba/internal/record"
	"hocba/internal/workflow"
)

func (l *recordLoader) signatures(ctx context.Context) error {
	var rows []struct {
		RecordID    int64       `db:"record_id"`
		ID          int64       `db:"id"`
		Slot        record.Slot `db:"slot"`
		Generation  int         `db:"generation"`
		Number      int         `db:"number"`
		Version     int         `db:"phien_ban"`
		Code        string      `db:"signer_code"`
		Name        string      `db:"signer_name"`
		AccountID   int64       `db:"account_id"`
		Certificate string      `db:"certificate"`
		Hash        string      `db:"content_hash"`
		Content     []byte      `db:"content"`
		Bytes       []byte      `db:"signature"`
		At          time.Time   `db:"signed_at"`
		Opened      *bool       `db:"opened"`
		Cause       *string     `db:"cause"`
		VoidBy      *int64      `db:"void_by"`
		VoidAt      *time.Time  `db:"void_at"`
	}
	err := l.tx.list(ctx, "load signatures", &rows, `SELECT s.record_id, s.id, s.slot, s.generation, s.number, s.phien_ban, s.signer_code,
		  s.signer_name, s.account_id, s.certificate, s.content_hash, s.content, s.signature, s.signed_at, s.opened,
		  v.cause, v.account_id AS void_by, v.at AS void_at
		FROM school.record_signature s LEFT JOIN school.record_void v ON v.signature_id = s.id
		WHERE s.record_id = ANY($1) ORDER BY s.id`, l.ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		s := l.states[r.RecordID]
		if s == nil {
			continue
		}
		s.Signatures = append(s.Signatures, record.Signature{ID: r.ID, Slot: r.Slot, Generation: r.Generation, Number: r.Number,
			Version: r.Version, Signer: bundle.Teacher{Code: r.Code, Name: r.Name}, Content: r.Content, Hash: r.Hash,
			Bytes: r.Bytes, Certificate: r.Certificate, AccountID: r.AccountID, At: r.At, Opened: r.Opened})
		if r.Cause != nil {
			v := record.Void{SignatureID: r.ID, Cause: record.Cause(*r.Cause), At: *r.VoidAt}
			if r.VoidBy != nil {
				v.AccountID = *r.VoidBy
			}
			s.Voids = append(s.Voids, v)
		}
	}
	return nil
}

func (l *recordLoader) returns(ctx context.Context) error {
	var rows []struct {
		RecordID int64          `db:"record_id"`
		ID       int64          `db:"id"`
		Reason   string         `db:"reason"`
		Account  int64          `db:"account_id"`
		Role     workflow.Role  `db:"role"`
		At       time.Time      `db:"at"`
		Parts    pq.StringArray `db:"parts"`
	}
	err := l.tx.list(ctx, "load returns", &rows, `SELECT r.record_id, r.id, r.reason, r.account_id, r.role, r.at,
		  ARRAY(SELECT p.part FROM school.record_return_part p WHERE p.return_id = r.id ORDER BY p.part) AS parts
		FROM school.record_return r WHERE r.record_id = ANY($1) ORDER BY r.id`, l.ids)
	if err != nil {
		return err
	}
	var answers []struct {
		ReturnID int64             `db:"return_id"`
		Part     string            `db:"part"`
		Kind     record.AnswerKind `db:"kind"`
		Note     string            `db:"note"`
		Account  int64             `db:"account_id"`
		At       time.Time         `db:"at"`
	}
	if len(rows) > 0 {
		err = l.tx.list(ctx, "load answers to returns", &answers, `SELECT a.return_id, a.part, a.kind, a.note, a.account_id, a.at
			FROM school.record_return_answer a JOIN school.record_return r ON r.id = a.return_id
			WHERE r.record_id = ANY($1) ORDER BY a.at`, l.ids)
		if err != nil {
			return err
		}
	}
	for _, r := range rows {
		s := l.states[r.RecordID]
		if s == nil {
			continue
		}
		ret := record.Return{ID: r.ID, Parts: r.Parts, Reason: r.Reason, AccountID: r.Account, Role: r.Role, At: r.At}
		for _, a := range answers {
			if a.ReturnID == r.ID {
				ret.Answers = append(ret.Answers, record.Answer{ReturnID: r.ID, Part: a.Part, Kind: a.Kind, Note: a.Note,
					AccountID: a.Account, At: a.At})
			}
		}
		s.Returns = append(s.Returns, ret)
	}
	return nil
}

func (l *recordLoader) versions(ctx context.Context) error {
	var rows []struct {
		RecordID int64           `db:"record_id"`
		Number   int             `db:"phien_ban"`
		SHA256   []byte          `db:"sha256"`
		Code     bundle.Code     `db:"look_up_code"`
		IssuedAt time.Time       `db:"issued_at"`
		Standing record.Standing `db:"standing"`
	}
	err := l.tx.list(ctx, "load versions", &rows, `SELECT v.record_id, v.phien_ban, v.sha256, v.look_up_code, v.issued_at,
		  coalesce((SELECT e.kind FROM school.version_event e WHERE e.version_id = v.id ORDER BY e.id DESC LIMIT 1), 'issued') AS standing
		FROM school.version v WHERE v.record_id = ANY($1) ORDER BY v.id`, l.ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if s := l.states[r.RecordID]; s != nil {
			s.Versions = append(s.Versions, record.Version{Number: r.Number, SHA256: hex.EncodeToString(r.SHA256), Code: r.Code,
				IssuedAt: r.IssuedAt, Standing: r.Standing})
		}
	}
	return nil
}

func (l *recordLoader) revocations(ctx context.Context) error {
	var rows []struct {
		RecordID int64           `db:"record_id"`
		ID       int64           `db:"id"`
		Version  int             `db:"phien_ban"`
		Reason   string          `db:"reason"`
		Evidence string          `db:"evidence"`
		Account  int64           `db:"account_id"`
		At       time.Time       `db:"at"`
		Decision record.Decision `db:"decision"`
		Note     string          `db:"note"`
		Decided  *time.Time      `db:"decided_at"`
	}
	err := l.tx.list(ctx, "load requests for revocation", &rows, `SELECT v.record_id, q.id, v.phien_ban, q.reason, q.evidence, q.account_id, q.at,
		  coalesce(d.decision, '') AS decision, coalesce(d.note, '') AS note, d.at AS decided_at
		FROM school.revocation q JOIN school.version v ON v.id = q.version_id
		LEFT JOIN school.revocation_decision d ON d.revocation_id = q.id
		WHERE v.record_id = ANY($1) ORDER BY q.id`, l.ids)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if s := l.states[r.RecordID]; s != nil {
			s.Revocations = append(s.Revocations, record.Revocation{ID: r.ID, Version: r.Version, Reason: r.Reason,
				Evidence: r.Evidence, AccountID: r.Account, At: r.At, Decision: r.Decision, Note: r.Note, Decided: instant(r.Decided)})
		}
	}
	return nil
}
