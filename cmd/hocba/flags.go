package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"hocba/internal/fault"
	"hocba/views/words"
)

// errHelp means that help was asked for instead of the act.
var errHelp = flag.ErrHelp

// flags are the flags of one command. Each has an environment twin: --base-url
// is HOCBA_BASE_URL. The command line wins over the environment, and that over
// the default.
type flags struct {
	command string
	env     func(string) string
	set     *flag.FlagSet
}

func newFlags(command string, env func(string) string) *flags {
	f := &flags{command: command, env: env, set: flag.NewFlagSet(command, flag.ContinueOnError)}
	f.set.SetOutput(io.Discard) // what is wrong is said in our words
	return f
}

// text declares a flag with its default.
func (f *flags) text(name, value string) *string { return f.set.String(name, value, "") }

// number declares a flag that takes a whole number.
func (f *flags) number(name string, value int) *int { return f.set.Int(name, value, "") }

// toggle declares a flag that is off unless named.
func (f *flags) toggle(name string) *bool { return f.set.Bool(name, false, "") }

// twin is the environment variable of a flag.
func twin(name string) string {
	return "HOCBA_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// parse reads the environment, then args. Flags may stand before and after
// operands; "--" ends the flags. A fault says what is wrong.
func (f *flags) parse(args []string) (operands []string, err error) {
	f.set.VisitAll(func(one *flag.Flag) {
		if value := f.env(twin(one.Name)); value != "" && err == nil && f.set.Set(one.Name, value) != nil {
			err = f.refuseValue(one.Name, value)
		}
	})
	for err == nil {
		if err = f.set.Parse(args); err != nil {
			return nil, f.explain(err, args)
		}
		rest := f.set.Args()
		if ended := len(args) - len(rest); ended > 0 && args[ended-1] == "--" {
			return append(operands, rest...), nil
		}
		if len(rest) == 0 {
			return operands, nil
		}
		operands, args = append(operands, rest[0]), rest[1:]
	}
	return nil, err
}

func (f *flags) refuseValue(name, value string) error {
	return fault.New(fault.Invalid, "command.flag_value", "name", name, "twin", twin(name), "value", value)
}

// explain turns the flag package's error into a fault: it names the first flag
// in args that is unknown, lacks its value, or refuses it.
func (f *flags) explain(err error, args []string) error {
	if errors.Is(err, errHelp) {
		return errHelp
	}
	for i, arg := range args {
		name, value, joined := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		one := f.set.Lookup(name)
		switch {
		case !strings.HasPrefix(arg, "-"):
			continue
		case one == nil:
			return fault.New(fault.Invalid, "command.flag_unknown", "name", arg, "command", f.command)
		case isToggle(one) && !joined:
			continue
		case !joined && i+1 == len(args):
			return fault.New(fault.Invalid, "command.flag_missing", "name", name)
		case !joined:
			value = args[i+1]
		}
		if one.Value.Set(value) != nil {
			return f.refuseValue(name, value)
		}
	}
	return fault.Wrap(err, fault.Invalid, "command.failed", "name", f.command)
}

func isToggle(one *flag.Flag) bool {
	b, ok := one.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// help prints the table of commands.
func (p *program) help(w io.Writer) {
	u := words.CommandUsage
	fmt.Fprintf(w, "%s: hocba LỆNH [--…]\n\n%s:\n", u.Usage, u.Commands)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range commands {
		fmt.Fprintf(table, "  %s\t%s\n", c.name, words.Command(c.name))
	}
	_ = table.Flush()
	fmt.Fprintf(w, "\n%s\n%s\n", u.More, u.Twin)
}

// commandHelp prints what a command does and its flags with their twins.
func (p *program) commandHelp(w io.Writer, c command, f *flags) {
	u := words.CommandUsage
	fmt.Fprintf(w, "hocba %s: %s\n\n%s: %s\n", c.name, words.Command(c.name), u.Usage,
		strings.TrimSpace("hocba "+c.name+" [--…] "+c.operands))
	empty := true
	f.set.VisitAll(func(*flag.Flag) { empty = false })
	if empty {
		return
	}
	fmt.Fprintf(w, "\n%s:\n", u.Flags)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	f.set.VisitAll(func(one *flag.Flag) {
		value := ""
		if one.DefValue != "" && !isToggle(one) {
			value = " (" + one.DefValue + ")"
		}
		fmt.Fprintf(table, "  --%s\t%s\t%s%s\n", one.Name, twin(one.Name), words.Flag(c.name, one.Name), value)
	})
	_ = table.Flush()
	fmt.Fprintf(w, "\n%s\n", u.Twin)
}
