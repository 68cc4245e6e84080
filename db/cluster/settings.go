package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// create makes the cluster if there is none and writes its configuration,
// which belongs to the program and is written anew at every start. What the
// operator sets by ALTER SYSTEM lies in the data directory and wins.
func (c *Cluster) create(ctx context.Context) error {
	if err := c.configure(); err != nil {
		return err
	}
	_, err := os.Lstat(c.home.data)
	if err == nil {
		return checkOwner(c.home.data, c.home.owner.uid)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look at the data directory: %w", err)
	}
	// Made beside and renamed, so that a crash in between leaves no half
	// cluster under the final name.
	half := c.home.path("data.new")
	if err := os.RemoveAll(half); err != nil {
		return fmt.Errorf("remove a half-made data directory: %w", err)
	}
	if err := c.home.owner.ownDir(half); err != nil {
		return err
	}
	args := []string{"--pgdata=" + half, "--username=" + Superuser, "--auth=trust", "--encoding=UTF8",
		"--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=vi-VN", "--data-checksums", "--no-instructions"}
	if c.fsyncOff {
		args = append(args, "--no-sync")
	}
	said, err := c.home.owner.command(ctx, filepath.Join(c.bin, "initdb"), args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(said))
	}
	if err := os.Rename(half, c.home.data); err != nil {
		return fmt.Errorf("put the data directory in its place: %w", err)
	}
	c.log.Info("cluster created", "folder", c.home.root, "binaries", c.bin)
	return nil
}

func (c *Cluster) configure() error {
	mode := os.FileMode(0o600)
	if c.home.owner.other {
		mode = 0o644 // no secrets inside; the server's account must read them
	}
	// Local connections only, see the package comment for who can make them.
	access := "local all all trust\nlocal replication " + Superuser + " trust\n"
	err := errors.Join(
		writeWhole(c.home.path("pg_hba.conf"), access, mode),
		writeWhole(c.home.path("postgresql.conf"), c.settings(memory()), mode))
	return wrap(err, "write the cluster's configuration")
}

// writeWhole replaces a file in one step: a server that reads its
// configuration in the same moment sees the old or the new one.
func writeWhole(path, text string, mode os.FileMode) error {
	next := path + ".new"
	if err := os.WriteFile(next, []byte(text), mode); err != nil {
		return err
	}
	if err := os.Chmod(next, mode); err != nil { // whatever the umask is
		return err
	}
	return os.Rename(next, path)
}

// settings is postgresql.conf for a machine of so much memory in MB: one that
// runs the portal, the browser that prints and this server together.
func (c *Cluster) settings(memory int) string {
	buffers := min(max(memory/8, 32), 1024)
	lines := []string{
		"hba_file = " + confQuote(c.home.path("pg_hba.conf")),
		"listen_addresses = ''",
		"unix_socket_directories = " + confQuote(c.home.socket),
		"unix_socket_permissions = 0700",
		"port = " + socketPort,
		"timezone = 'Asia/Ho_Chi_Minh'",
		"log_timezone = 'Asia/Ho_Chi_Minh'",
		"lc_messages = 'C.UTF-8'",
		"jit = off", // short statements: compiling them costs more than it saves
	}
	if c.fsyncOff {
		// What is committed still survives kill -9, only not a power cut.
		lines = append(lines, "fsync = off", "full_page_writes = off",
			"wal_level = minimal", "max_wal_senders = 0", "autovacuum = off",
			"shared_buffers = 64MB", "max_connections = 200", "log_min_messages = fatal")
		return strings.Join(lines, "\n") + "\n"
	}
	return strings.Join(append(lines,
		fmt.Sprintf("shared_buffers = %dMB", buffers),
		fmt.Sprintf("effective_cache_size = %dMB", max(memory/2, 2*buffers)),
		"work_mem = 8MB",
		"maintenance_work_mem = 64MB",
		"max_connections = 100",
		"max_wal_size = 1GB",
		"checkpoint_timeout = 15min",
		"random_page_cost = 1.1",
		"idle_in_transaction_session_timeout = 5min",
		// One file per day of the week, the oldest overwritten. No values of
		// rows in it: they name children.
		"logging_collector = on",
		"log_directory = "+confQuote(c.home.logs),
		"log_filename = 'postgresql-%u.log'",
		"log_truncate_on_rotation = on",
		"log_rotation_age = 1d",
		"log_rotation_size = 0",
		"log_file_mode = 0600",
		"log_error_verbosity = terse",
		"log_parameter_max_length_on_error = 0",
		"log_checkpoints = off",
	), "\n") + "\n"
}

func confQuote(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" }

// memory is the machine's memory in MB, 1024 if it does not say.
func memory() int {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 1024
	}
	fields := strings.Fields(string(text)) // MemTotal: 24576000 kB
	if len(fields) < 2 {
		return 1024
	}
	kb, err := strconv.Atoi(fields[1])
	if err != nil {
		return 1024
	}
	return kb / 1024
}
