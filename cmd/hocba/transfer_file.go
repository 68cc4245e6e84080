package main

import (
	"context"
	"fmt"
	"os"

	"hocba/internal/bundle"
	"hocba/internal/fault"
	"hocba/internal/jobs"
)

// defineTransferFile makes a pupil's transfer file, as the page of the school
// does, or of one version the file with all that proves it.
func defineTransferFile(f *flags) action {
	at := defineRegistry(f)
	pupil, version := f.text("pupil", ""), f.text("version", "")
	to, province, reason, out := f.text("to", ""), f.text("province", ""), f.text("reason", ""), f.text("out", "")
	return func(ctx context.Context, p *program, _ []string) error {
		if (*pupil == "") == (*version == "") || *out == "" {
			return fault.New(fault.Invalid, "command.transfer_file")
		}
		return withRegistryKeys(ctx, p, at, func(k jobs.RegistryKeys) error {
			c := jobs.NewCourier(k.DB, terminalLog(p.stderr), k.Secret)
			c.Reach(k.Device)
			var raw []byte
			var m *bundle.Transfer
			var err error
			if *pupil != "" {
				raw, m, err = c.TransferFile(ctx, jobs.TransferOrder{Pupil: *pupil, To: *to, Province: *province, Reason: *reason})
			} else {
				raw, m, err = c.EvidenceFile(ctx, "", *version, *reason, 0)
			}
			if err != nil {
				return err
			}
			if err := writeNew(*out, raw); err != nil {
				return err
			}
			papers := 0
			for _, file := range m.Files {
				if file.Kind == bundle.FilePaper {
					papers++
				}
			}
			p.say("command.transfer_file_made", "file", *out, "versions", fmt.Sprint(len(m.Versions)), "papers", fmt.Sprint(papers))
			return nil
		})
	}
}

// writeNew writes a file that only its owner reads, and none over another.
func writeNew(name string, content []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fault.Wrap(err, fault.Conflict, "command.out", "name", name)
	}
	if _, err := file.Write(content); err != nil {
		_ = file.Close()
		return fault.Wrap(err, fault.Internal, "command.out", "name", name)
	}
	return file.Close()
}
