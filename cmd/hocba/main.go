// Command hocba is the portal and the registry of the digital record book, and
// the commands around them: it reads flags and environment, opens the
// database, wires the packages and runs. It holds no rule and no text; what it
// says to people stands in views/words.
//
// Exit status: 0 done, 1 failed, 2 the command line is wrong; verify has its
// own (internal/verify).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"hocba/internal/fault"
	"hocba/internal/staffsheet"
	"hocba/views/words"
)

// Exit statuses.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// command is one line of the program's table of commands.
type command struct {
	name     string
	operands string // as help shows them; "" takes none
	// define declares the command's flags and returns what runs once they are
	// parsed.
	define func(f *flags) action
	// raw takes the arguments as they are and answers with an exit status;
	// for a command that another program shares. It stands instead of define.
	raw func(p *program, args []string) int
}

// action is what a command does, with the operands that followed its flags.
type action func(ctx context.Context, p *program, operands []string) error

// program is what a command may use of the world around it.
type program struct {
	stdout, stderr io.Writer
	env            func(string) string
}

// say prints a sentence of views/words on a line of its own.
func (p *program) say(code string, args ...string) {
	f := fault.New(fault.Internal, code, args...)
	fmt.Fprintln(p.stdout, words.Message(f.Code, f.Args))
}

// commands is the table of what the program can do, in the order of its help.
var commands = []command{
	{name: "serve", define: defineServe},
	{name: "migrate", define: defineMigrate},
	{name: "seed", define: defineSeed},
	{name: "import pupils", operands: "FILE", define: defineImportPupils},
	{name: "import results", operands: "FILE", define: defineImportGrades},
	{name: "import traits", operands: "FILE", define: defineImportGrades},
	{name: "import accounts", operands: "FILE", define: defineImportStaff(staffsheet.Accounts)},
	{name: "import assignments", operands: "FILE", define: defineImportStaff(staffsheet.Assignments)},
	{name: "evaluate", operands: "FILE", define: defineEvaluate},
	{name: "verify", operands: "FILE…", raw: runVerify},
	{name: "trust-bundle", define: defineTrustBundle},
	{name: "transfer-file", define: defineTransferFile},
	{name: "sandbox tsa", define: defineSandboxTSA},
	{name: "sandbox remote-signer", define: defineSandboxRemote},
	{name: "sandbox token-agent", define: defineSandboxToken},
	{name: "trust list", define: defineTrustList},
	{name: "trust add", operands: "FILE", define: defineTrustAdd},
	{name: "trust end", operands: "KEY", define: defineTrustEnd},
	{name: "sandbox ca", define: defineSandboxCA},
	{name: "registry-key list", define: defineRegistryKeyList},
	{name: "registry-key request", define: defineRegistryKeyRequest},
	{name: "registry-key install", operands: "FILE", define: defineRegistryKeyInstall},
	{name: "registry-key device", define: defineRegistryKeyDevice},
	{name: "schema", define: defineSchema},
	{name: "version", define: defineVersion},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	p := &program{stdout: os.Stdout, stderr: os.Stderr, env: os.Getenv}
	os.Exit(p.run(ctx, os.Args[1:]))
}

// run runs the command that args name and returns the exit status.
func (p *program) run(ctx context.Context, args []string) int {
	if len(args) == 0 {
		p.help(p.stderr)
		return exitUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		p.help(p.stdout)
		return exitOK
	}
	c, rest, ok := find(args)
	if !ok {
		return p.explain(fault.New(fault.Invalid, "command.unknown", "name", args[0]), exitUsage)
	}
	if c.raw != nil {
		return c.raw(p, rest)
	}
	f := newFlags(c.name, p.env)
	act := c.define(f)
	operands, err := f.parse(rest)
	switch {
	case errors.Is(err, errHelp):
		p.commandHelp(p.stdout, c, f)
		return exitOK
	case err == nil && (c.operands == "") != (len(operands) == 0):
		err = fault.New(fault.Invalid, "command.operands", "command", c.name, "operands", c.operands)
	}
	if err != nil {
		return p.explain(err, exitUsage)
	}
	if err := act(ctx, p, operands); err != nil {
		if fault.CodeOf(err) == "" {
			err = fault.Wrap(err, fault.Internal, "command.failed", "name", c.name)
		}
		return p.explain(err, exitFailed)
	}
	return exitOK
}

// find takes the longest command name from the beginning of args.
func find(args []string) (c command, rest []string, ok bool) {
	for n := min(2, len(args)); n > 0; n-- {
		name := strings.Join(args[:n], " ")
		for _, c := range commands {
			if c.name == name {
				return c, args[n:], true
			}
		}
	}
	return command{}, nil, false
}

// explain prints the sentence of a failure, and below it the cause as the
// machine said it: who sits at this terminal runs the machine.
func (p *program) explain(err error, status int) int {
	f := fault.As(err)
	fmt.Fprintln(p.stderr, words.Message(f.Code, f.Args))
	if cause := errors.Unwrap(f); cause != nil {
		fmt.Fprintln(p.stderr, " ", cause)
	}
	return status
}
