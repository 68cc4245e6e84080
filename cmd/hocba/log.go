package main

import (
	"io"
	"log/slog"

	"hocba/internal/fault"
)

// newLog writes the program's log as text for eyes or as JSON for machines.
func newLog(w io.Writer, form string) (*slog.Logger, error) {
	switch form {
	case "text":
		return slog.New(slog.NewTextHandler(w, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, nil)), nil
	}
	return nil, fault.New(fault.Invalid, "command.flag_value", "name", "log", "twin", twin("log"), "value", form)
}

// terminalLog is the log of a command that somebody waits for: warnings, not
// how the database was reached.
func terminalLog(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
