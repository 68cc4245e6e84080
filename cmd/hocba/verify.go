package main

import (
	"os"
	"time"

	"hocba/internal/verify"
	"hocba/views/words"
)

// runVerify is the command that cmd/hocba-verify shares.
func runVerify(p *program, args []string) int {
	return verify.Command(args, os.Stdin, p.stdout, p.stderr, words.Verifier(), time.Now)
}
