package handlers

import (
	"net/http"
	"slices"
	"strconv"

	"hocba/db"
	"hocba/internal/registry"
	"hocba/internal/verify"
	"hocba/internal/workflow"
	"hocba/views"
)

// evidenceRoutes show the offices which accepted versions will not be provable
// for long.
var evidenceRoutes = []route{
	{get, "/:year/evidence", workflow.PermReadRegistry, (*Portal).showEvidence},
}

// showEvidence is a page of the versions of one kind in the office's scope.
func (p *Portal) showEvidence(r *request) error {
	year, err := r.year()
	if err != nil {
		return err
	}
	page := views.Evidence{Year: year, Kind: string(db.ProofEnding)}
	if kind := db.ProofKind(r.QueryParam("kind")); slices.Contains(db.ProofKinds, kind) {
		page.Kind = string(kind)
	}
	n, _ := strconv.Atoi(r.QueryParam("page"))
	page.Page = min(max(n, 0), 2000)
	counts, first, err := p.db.ProofCounts(r.ctx(), r.actor)
	if err != nil {
		return err
	}
	page.Counts, page.First = map[string]int{}, first
	for kind, n := range counts {
		page.Counts[string(kind)] = n
	}
	lines, more, err := p.db.ProofLines(r.ctx(), r.actor, db.ProofKind(page.Kind), page.Page*db.ProofsPage)
	if err != nil {
		return err
	}
	page.More = more
	for _, l := range lines {
		page.Lines = append(page.Lines, views.EvidenceLine{School: l.School, Year: l.Year, Class: l.Class, Record: l.Record, Version: l.Number,
			Proof: views.Proof(l.Proof)})
	}
	err = p.db.As(r.ctx(), workflow.Actor{Kind: workflow.System}, func(tx *db.Tx) error {
		setting, err := tx.TimeStamping(r.ctx())
		page.Stamping = setting.On()
		return err
	})
	if err != nil {
		return err
	}
	if page.Frame, err = p.frame(r, year); err != nil {
		return err
	}
	r.viewed("evidence", 0)
	return r.page(http.StatusOK, views.EvidencePage(page))
}

// fillProofs adds until when each issued version can be proven: as the registry
// tells for what it accepted, from the bytes for the rest. While the registry's
// desk is closed the page says so.
func (p *Portal) fillProofs(r *request, recordID int64, schoolCode string, versions []views.RecordVersion) error {
	if len(versions) == 0 {
		return nil
	}
	var sums []string
	for _, v := range versions {
		sums = append(sums, v.SHA256)
	}
	var told []registry.Proof
	desk, err := p.courier.Submission(r.ctx())
	if err == nil {
		told, err = desk.Registry.Proofs(r.ctx(), schoolCode, sums)
	}
	if err != nil {
		p.log.Warn("ask the registry until when versions can be proven", "error", err)
	}
	for i := range versions {
		v := &versions[i]
		at := slices.IndexFunc(told, func(k registry.Proof) bool { return k.SHA256 == v.SHA256 && !k.Until.IsZero() })
		if at >= 0 {
			proof := views.Proof(told[at])
			v.Proof = &proof
		} else if v.Proof, err = p.ownProof(r, recordID, v.Number); err != nil {
			return err
		}
	}
	return nil
}

// ownProof is until when a version's bytes alone can be proven.
func (p *Portal) ownProof(r *request, recordID int64, number int) (*views.Proof, error) {
	trust, err := p.db.Trusted(r.ctx())
	if err != nil {
		return nil, err
	}
	var xml []byte
	err = p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error {
		xml, err = tx.VersionBytes(r.ctx(), recordID, number)
		return err
	})
	report := verify.File(xml, verify.Options{Trust: trust, Now: p.db.Now()})
	return &views.Proof{SHA256: report.SHA256, Until: report.ProvableUntil, Complete: true}, err
}
