package views

import (
	"fmt"

	"hocba/internal/bundle"
)

// SealReason is what readers of PDF show as the reason of the registry's seal.
func SealReason(r *bundle.Record) string {
	return fmt.Sprintf("Bản giấy của học bạ số, năm học %s, bản %d, kho học bạ đã nhận", r.General.Year.Vietnamese(), r.General.Version)
}
