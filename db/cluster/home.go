package cluster

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"
)

const (
	homeName = "cluster"
	// farHomes is where clusters live whose data folder the account postgres
	// cannot reach, such as a clone below a closed home directory.
	farHomes = "/var/lib/hocba"
	// maxSocketPath is what the kernel takes in sun_path, without its final NUL.
	maxSocketPath = 107
	socketPort    = "5432"
)

// home is the place of one cluster on the disk: configuration and locks, which
// belong to us, and below it data, log and socket, which belong to owner.
type home struct {
	root    string // links resolved
	pointer string // the entry of the data folder: root itself, or a link to it
	data    string
	logs    string
	socket  string
	owner   owner
}

func (h home) path(name string) string { return filepath.Join(h.root, name) }

// tag names the server in the process list, one name per data directory.
func (h home) tag() string {
	sum := sha256.Sum256([]byte(h.data))
	return "hocba-" + hex.EncodeToString(sum[:8])
}

// owner is the account PostgreSQL runs as.
type owner struct {
	uid, gid int
	other    bool // not the account of this process: we are root
}

func findOwner() (owner, error) {
	if os.Geteuid() != 0 {
		return owner{uid: os.Geteuid(), gid: os.Getegid()}, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return owner{}, fmt.Errorf("%w: running as root, and there is no account postgres: %w", ErrNoPostgres, err)
	}
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		return owner{}, fmt.Errorf("read the account postgres: %w", err)
	}
	gid, err := strconv.Atoi(account.Gid)
	if err != nil {
		return owner{}, fmt.Errorf("read the account postgres: %w", err)
	}
	return owner{uid: uid, gid: gid, other: true}, nil
}

// command prepares a program that runs as the owner, from a directory every
// account can enter and with a clean environment: settings of the caller's
// shell (PGDATA, PGOPTIONS, LC_ALL) must not leak into the server.
func (o owner) command(ctx context.Context, path string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if o.other {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}
	}
	return cmd
}

// openHome finds or makes the cluster's place for the data folder dir.
func openHome(dir string, log *slog.Logger) (home, error) {
	who, err := findOwner()
	if err != nil {
		return home{}, err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return home{}, fmt.Errorf("find the data folder: %w", err)
	}
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		if err := who.makePassage(dir); err != nil {
			return home{}, fmt.Errorf("make the data folder: %w", err)
		}
	}
	h := home{owner: who, pointer: filepath.Join(dir, homeName)}
	h.root, err = filepath.EvalSymlinks(h.pointer)
	if errors.Is(err, fs.ErrNotExist) {
		h.root, err = makeRoot(h.pointer, farHomes, who, log)
	}
	if err != nil {
		return home{}, fmt.Errorf("find the cluster: %w", err)
	}
	h.data, h.logs = h.path("data"), h.path("log")
	h.socket = socketDir(h.path("run"), who)
	if err := checkOwner(h.root, os.Geteuid()); err != nil {
		return home{}, err
	}
	for _, dir := range []string{h.logs, h.socket} {
		if err := who.ownDir(dir); err != nil {
			return home{}, err
		}
	}
	return h, nil
}

// makePassage makes a directory above the owner's, whatever the umask: others
// may pass through it only if the owner is another account.
func (o owner) makePassage(dir string) error {
	mode := fs.FileMode(0o700)
	if o.other {
		mode = 0o711
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return err
	}
	return os.Chmod(dir, mode)
}

// makeRoot makes the cluster's root at pointer, or, if the owner cannot get
// there, under far with a link from pointer.
func makeRoot(pointer, far string, who owner, log *slog.Logger) (string, error) {
	if _, err := os.Lstat(pointer); err == nil {
		return "", fmt.Errorf("%s points to a folder that is gone", pointer)
	}
	if who.canEnter(filepath.Dir(pointer)) {
		if err := who.makePassage(pointer); err != nil {
			return "", err
		}
		return filepath.EvalSymlinks(pointer)
	}
	// The name holds a random part: after the data folder was thrown away its
	// keys and accounts are gone too, so the old cluster must not come back.
	sum := sha256.Sum256([]byte(pointer + "\n" + rand.Text()))
	root := filepath.Join(far, hex.EncodeToString(sum[:8]))
	if err := who.makePassage(far); err != nil {
		return "", err
	}
	if err := who.makePassage(root); err != nil {
		return "", err
	}
	if !who.canEnter(root) {
		_ = os.Remove(root)
		return "", fmt.Errorf("the account postgres can enter neither %s nor %s", filepath.Dir(pointer), root)
	}
	if err := os.Symlink(root, pointer); err != nil {
		return "", err
	}
	log.Info("the account postgres cannot reach the data folder; its cluster lies elsewhere",
		"folder", filepath.Dir(pointer), "cluster", root)
	return root, nil
}

// canEnter asks the kernel, as the owner, whether it may use the directory:
// modes, groups, lists and mounts all count, so they are not computed here.
func (o owner) canEnter(dir string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return o.command(ctx, "/usr/bin/test", "-x", dir+"/.").Run() == nil
}

// ownDir makes a 0700 directory of the owner. One that exists must be just
// that: handing over what another account laid there would give it away.
func (o owner) ownDir(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return checkOwner(dir, o.uid)
	}
	if err == nil {
		err = os.Lchown(dir, o.uid, o.gid)
	}
	return wrap(err, "make a folder of the cluster")
}

func checkOwner(dir string, uid int) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at a folder of the cluster: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(stat.Uid) != uid || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s is not a folder of account %d that only it may write", dir, uid)
	}
	return nil
}

// plainPath is what a socket directory may be called: the setting is a list
// with its own quoting, and so is the connection string.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9/._-]+$`)

// socketDir is near, or, when that is too long for the kernel or strangely
// spelled, a short directory of its own that is the same at every start.
func socketDir(near string, who owner) string {
	if plainPath.MatchString(near) && len(near)+len("/.s.PGSQL."+socketPort+".lock") <= maxSocketPath {
		return near
	}
	base := "/tmp"
	if who.other {
		base = "/run"
	}
	sum := sha256.Sum256([]byte(near))
	return filepath.Join(base, fmt.Sprintf("hocba-%d-%s", who.uid, hex.EncodeToString(sum[:8])))
}
