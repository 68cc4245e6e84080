package verify

import (
	"html"
	"io"

	"hocba/internal/school"
)

// beginPage begins one page that needs nothing else: to be kept, or handed on.
func (p *printer) beginPage() {
	w := &pageWriter{out: p.out}
	w.raw(`<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
		`<title>`).text(p.words.Note("html")).raw(`</title><style>` +
		`body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}h2{overflow-wrap:anywhere}` +
		`table{width:100%;border-collapse:collapse}td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #ccc}` +
		`.ok{color:#0a6b2d}.failed{color:#a30d11;font-weight:bold}.unknown{color:#7a4a00;font-weight:bold}.skipped{color:#555}` +
		`code{overflow-wrap:anywhere}</style></head><body><main><h1>`).text(p.words.Note("html")).raw(`</h1><p>`).
		text(p.words.Note("at") + " " + clock(p.at)).raw(`</p>`)
}

func (p *printer) endPage() { (&pageWriter{out: p.out}).raw("</main></body></html>\n") }

// sections prints a file, and the members of a transfer file after it.
func (p *printer) sections(f fileReport) {
	for _, one := range spread(f) {
		p.section(&pageWriter{out: p.out}, one)
	}
}

func (p *printer) section(w *pageWriter, f fileReport) {
	w.raw(`<section><h2>`).text(f.File).raw(`: <span class="` + string(f.Verdict) + `">`).text(p.words.Verdict(string(f.Verdict))).raw(`</span></h2>`)
	for _, line := range p.about(f) {
		w.raw(`<p>`).text(line).raw(`</p>`)
	}
	for _, s := range f.Signers {
		p.signer(w, s)
	}
	w.raw(`<table>`)
	for _, c := range f.Checks {
		w.raw(`<tr><td class="` + string(c.Status) + `">`).text(p.words.Status(string(c.Status))).raw(`</td><th scope="row">`).text(p.words.Check(c.Name))
		if c.Slot != "" {
			w.raw(` <code>`).text(c.Slot).raw(`</code>`)
		}
		w.raw(`</th><td>`)
		if c.Code != "" {
			w.text(p.words.Message(c.Code, c.Args) + " " + p.words.Ask(c.Ask)).raw(` <code>`).text(c.Reference()).raw(`</code>`)
		}
		w.raw(`</td></tr>`)
	}
	w.raw(`</table></section>`)
}

// signer prints one signature: who first, then when, with what, what it means.
func (p *printer) signer(w *pageWriter, s Signatory) {
	w.raw(`<p>`)
	for n, line := range p.words.Signer(s) {
		if n == 0 {
			w.raw(`<b>`).text(line).raw(`</b>`)
			continue
		}
		w.raw(`<br>`).text(line)
	}
	w.raw(`</p>`)
}

// about are the lines that say what a file is.
func (p *printer) about(f fileReport) []string {
	var out []string
	if f.SHA256 != "" {
		out = append(out, "SHA-256 "+f.SHA256)
	}
	if f.Record != nil {
		out = append(out, p.words.Heading(heading(f.Record)))
	}
	if f.Transfer != nil {
		out = append(out, p.words.Heading(transferHeading(f.Transfer.Manifest)))
	}
	if f.Paper != nil {
		out = append(out, p.words.Heading("paper", map[string]string{"sealer": f.Paper.Sealer, "version": f.Paper.Version, "at": clock(f.Paper.SealedAt)}))
	}
	if !f.ProvableUntil.IsZero() {
		out = append(out, p.words.Note("until")+" "+school.DateOf(f.ProvableUntil).Vietnamese())
	}
	if f.Trial {
		out = append(out, p.words.Note("trial"))
	}
	return out
}

// pageWriter writes markup; what comes from a file is escaped. A failure of
// the writer is nobody's to be told.
type pageWriter struct{ out io.Writer }

func (w *pageWriter) raw(s string) *pageWriter {
	_, _ = io.WriteString(w.out, s)
	return w
}

func (w *pageWriter) text(s string) *pageWriter { return w.raw(html.EscapeString(s)) }
