package jobs_test

import (
	"testing"
	"time"

	"hocba/db/dbtest"
	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
	"hocba/internal/jobs/jobstest"
	"hocba/internal/signing"
	"hocba/internal/signing/xades"
)

// BenchmarkSubmit measures the registry's intake of a record, verified and
// stored, against the bare signatures of the same bytes with one INSERT.
func BenchmarkSubmit(b *testing.B) {
	d := dbtest.New(b)
	c := jobstest.New(b, d, dbtest.NewCast(b, d))
	c.Issue(b)
	cut := &interrupted{Client: c.Registrar()}
	s := jobs.Submission{DB: d.DB, Registry: cut}
	if _, err := s.Send(b.Context(), c.Cast.Principal, c.June(), nil, c.Seal()); !fault.Is(err, "test.cut") {
		b.Fatal(err)
	}
	m, _ := message(b, c)
	d.Exec(`CREATE TABLE public.bare (id bigint GENERATED ALWAYS AS IDENTITY, xml bytea)`)
	trust := c.Trust()
	for b.Loop() {
		began := time.Now()
		if _, err := c.Registrar().Submit(b.Context(), m); err != nil {
			b.Fatal(err)
		}
		whole := time.Since(began)
		b.StopTimer()
		began = time.Now()
		for _, raw := range m.Records {
			doc, err := bundle.Open(raw)
			if err != nil {
				b.Fatal(err)
			}
			for _, slot := range doc.Slots {
				v, err := xades.Verify(doc.XML, slot.Signature)
				if err != nil {
					b.Fatal(err)
				}
				cert, err := signing.NewCertificate(v.Leaf, v.Intermediates...)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := trust.Verify(cert, v.SigningTime); err != nil {
					b.Fatal(err)
				}
			}
			d.Exec(`INSERT INTO public.bare (xml) VALUES ($1)`, raw)
		}
		bare := time.Since(began)
		n := float64(len(m.Records))
		b.ReportMetric(float64(whole.Microseconds())/n, "µs/record")
		b.ReportMetric(float64(bare.Microseconds())/n, "bare-µs/record")
		b.ReportMetric(100*float64(bare)/float64(whole), "%bare")
		d.Exec(`TRUNCATE registry.binding, registry.version, registry.version_content, registry.version_event, registry.live_version,
			registry.receipt, registry.answer, registry.attempt, registry.refused_record, registry.closing, registry.class_progress CASCADE`)
		b.StartTimer()
	}
}
