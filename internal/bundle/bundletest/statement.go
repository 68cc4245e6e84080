package bundletest

import (
	"strings"
	"time"

	"hocba/internal/bundle"
	"hocba/internal/school"
)

// At is the time of the sample's statements and receipts.
var At = time.Date(2026, time.June, 6, 2, 30, 0, 0, time.UTC)

// Statement returns a sample statement of a kind about the sample record.
func Statement(kind bundle.StatementKind) bundle.Statement {
	listed := bundle.Listed{Record: RecordID, Pupil: Pupil, Version: 1, SHA256: strings.Repeat("0f", 32)}
	s := bundle.Statement{
		Kind: kind, ID: "0190c5a8-7c1e-7b3a-9d2f-000000000001", Year: "2025-2026",
		Department: bundle.Unit{Code: "48", Name: "Sở Giáo dục và Đào tạo thành phố Đà Nẵng"},
		School:     bundle.Unit{Code: School, Name: "Trường Tiểu học Kim Đồng"},
		Sender:     bundle.Teacher{Code: Principal, Name: Name(Principal)}, Time: At,
	}
	switch kind {
	case bundle.Recall:
		s.About, s.Reason = listed, "Nhập nhầm điểm môn Toán."
		return s
	case bundle.Request:
		s.About, s.Reason, s.Evidence = listed, "Sai điểm môn Toán cuối năm.", "Biên bản số 12/BB ngày 05/06/2026."
		return s
	}
	s.Class, s.Track, s.Records = bundle.Unit{Code: "4A", Name: "Lớp 4A"}, school.TrackJune, []bundle.Listed{listed}
	if kind == bundle.Closing {
		s.Absent = []bundle.Absentee{
			{Pupil: "4800123457", Name: "Hồ Văn Nghĩa", Reason: bundle.NotComplete},
			{Pupil: "4800123458", Name: "Bùi Thị Mơ", Reason: bundle.MovedAway},
		}
	}
	return s
}

// Receipt returns a sample receipt: of a record it refuses with two reasons, of
// a manifest it lists an item, else it accepts.
func Receipt(of bundle.ReceiptOf) bundle.Receipt {
	r := bundle.Receipt{
		ID: "0190c5a8-7c1e-7b3a-9d2f-0000000000aa", Department: bundle.Unit{Code: "48", Name: "Sở Giáo dục và Đào tạo thành phố Đà Nẵng"},
		School: School, Of: of, SHA256: strings.Repeat("0f", 32), Statement: "0190c5a8-7c1e-7b3a-9d2f-000000000001",
		Time: At, Result: bundle.Accepted,
	}
	switch of {
	case bundle.ReceiptOfRecord:
		r.Record, r.Version, r.Result = RecordID, 1, bundle.Refused
		r.Reasons = []bundle.Reason{
			{Number: 1, Code: "sig.digest", Action: bundle.Reissue, Args: []bundle.Argument{{Name: "signature", Value: "ky-gvbm-1"}, {Name: "uri"}}},
			{Number: 2, Code: "registry.closed", Action: bundle.AskAbove, Record: RecordID},
		}
	case bundle.ReceiptOfSubmission:
		r.Items = []bundle.ReceiptItem{{Record: RecordID, Version: 1, SHA256: strings.Repeat("0f", 32), Result: bundle.Accepted}}
	}
	return r
}
