// Command hocba-verify checks records, statements and receipts from their
// bytes alone: the small program anybody may carry away. `hocba verify` is the
// same function.
package main

import (
	"os"
	"time"

	"hocba/internal/verify"
	"hocba/views/words"
)

func main() {
	os.Exit(verify.Command(os.Args[1:], verify.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, words.Verifier(), time.Now))
}
