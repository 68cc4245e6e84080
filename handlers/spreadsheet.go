package handlers

import (
	"bytes"
	"mime"
	"net/http"

	"hocba/db"
	"hocba/internal/spreadsheet"
	"hocba/views"
	"hocba/views/words"
)

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// sheet answers with a table to take away. Its foot says who took it, and when.
func (r *request) sheet(name string, e spreadsheet.Export) error {
	e.Footer = words.ImportLine("footer", "who", r.account.FullName, "unit", r.post.UnitName, "when", views.Clock(r.now))
	var b bytes.Buffer
	if err := spreadsheet.Write(&b, e); err != nil {
		return err
	}
	r.Response().Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	return r.Blob(http.StatusOK, xlsxType, b.Bytes())
}

// restTaken notes that the rows of an import that were not written leave the
// portal, with people's data.
func (p *Portal) restTaken(r *request, kind string, id int64) error {
	r.viewed(kind+"_rest_exported", id)
	return p.db.As(r.ctx(), r.actor, func(tx *db.Tx) error { return tx.NoteImportExport(r.ctx(), kind, id) })
}
