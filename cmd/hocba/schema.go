package main

import (
	"context"

	"hocba/internal/bundle"
)

func defineSchema(*flags) action {
	return func(_ context.Context, p *program, _ []string) error {
		_, err := p.stdout.Write(bundle.Schema)
		return err
	}
}
