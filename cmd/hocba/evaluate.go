package main

import (
	"context"
	"io"
	"os"

	"hocba/internal/evaluation"
	"hocba/internal/fault"
)

func defineEvaluate(*flags) action {
	return func(_ context.Context, p *program, operands []string) error {
		for _, name := range operands {
			if err := evaluate(p, name); err != nil {
				return err
			}
		}
		return nil
	}
}

// evaluate consolidates every line of a JSON Lines file and prints the
// outcomes in the same order; "-" reads the standard input. It is the
// conformance check for the software of others.
func evaluate(p *program, name string) error {
	var in io.Reader = os.Stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return fault.Wrap(err, fault.NotFound, "command.file", "name", name)
		}
		defer file.Close()
		in = file
	}
	return evaluation.Evaluate(in, p.stdout)
}
