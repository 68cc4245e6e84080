package bundletest

import (
	"strings"

	"hocba/internal/bundle"
	"hocba/internal/school"
)

// Transfer returns the manifest of a sample transfer file that holds one version.
func Transfer() bundle.Transfer {
	sum := strings.Repeat("0f", 32)
	return bundle.Transfer{
		ID: "0190c5a8-7c1e-7b3a-9d2f-0000000000bb", Purpose: bundle.ToSchool, Format: bundle.TransferFormat,
		Department: bundle.Unit{Code: Department, Name: departmentName}, School: bundle.Unit{Code: School, Name: schoolName},
		To: "Trường Tiểu học Lê Lợi", Province: "Thành phố Huế", Reason: "Gia đình chuyển nơi ở.",
		Sender: bundle.Teacher{Code: Principal, Name: Name(Principal)}, Time: At,
		Pupil:    bundle.TransferPupil{Code: Pupil, PersonalNo: "048216000123", Name: "Nguyễn Thị Ánh", Birth: school.Date{Year: 2016, Month: 3, Day: 9}},
		Versions: []bundle.TransferVersion{{Year: "2025-2026", Record: RecordID, Version: 1, State: bundle.StateLocked, SHA256: sum, Accepted: At}},
		Files: []bundle.TransferFile{{Name: "hoc-ba/2025-2026-ban-1.xml", Kind: bundle.FileRecord, Version: sum, Size: 4096, SHA256: sum},
			{Name: "tin-cay.json", Kind: bundle.FileTrust, Size: 99, SHA256: strings.Repeat("ab", 32)}},
	}
}

// SignTransfer signs a manifest with the registry's key; Plan as for receipts.
func (c *Cast) SignTransfer(m bundle.Transfer, p Plan) ([]byte, error) {
	content, err := bundle.WriteTransfer(m)
	if err != nil {
		return nil, err
	}
	signature, err := c.sign(p, bundle.Registry, bundle.ReceiptSignatureID, Department, bundle.StatementReferences(content))
	if err != nil {
		return nil, err
	}
	return bundle.AssembleTransfer(content, signature)
}
