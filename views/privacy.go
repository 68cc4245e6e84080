package views

// privacyFrame is the frame of the page about privacy.
func privacyFrame(p Public) Public {
	p.Product, p.Heading = lookupProduct, "Quyền riêng tư"
	p.Lead = "Trang tra cứu nói gì, ghi lại gì, và ai giúp khi có điều cần hỏi."
	return p
}
