package main

import (
	"os"
	"time"

	"hocba/internal/verify"
	"hocba/views/words"
)

// runVerify is the command that cmd/hocba-verify shares.
func runVerify(p *program, args []string) int {
	return verify.Command(args, verify.Streams{In: os.Stdin, Out: p.stdout, Err: p.stderr}, words.Verifier(), time.Now)
}
