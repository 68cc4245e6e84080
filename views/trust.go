package views

// TrustKind says in a word what a line of the trust list is.
func TrustKind(intermediate, trial bool) string {
	kind := "gốc"
	if intermediate {
		kind = "trung gian"
	}
	if trial {
		kind += ", thử nghiệm"
	}
	return kind
}
