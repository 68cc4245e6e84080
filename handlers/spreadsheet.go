package handlers

import (
	"bytes"
	"mime"
	"net/http"

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
