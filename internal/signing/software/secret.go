package software

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"hocba/internal/fault"
)

const (
	secretSize   = 32
	secretIDSize = 8
)

// Secret is the server's half of every key's protection. It is kept in a file
// outside the database and never printed.
type Secret struct{ bytes [secretSize]byte }

// String hides the secret.
func (*Secret) String() string { return "***" }

// GoString hides the secret.
func (*Secret) GoString() string { return "***" }

// LogValue hides the secret.
func (*Secret) LogValue() slog.Value { return slog.StringValue("***") }

func (s *Secret) mac(purpose string, data []byte) []byte {
	h := hmac.New(sha256.New, s.bytes[:])
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write(data)
	return h.Sum(nil)
}

// id names the secret without telling it.
func (s *Secret) id() []byte { return s.mac("hocba secret id", nil)[:secretIDSize] }

// seal authenticates a blob, so that a damaged one is not taken for a wrong PIN.
func (s *Secret) seal(blob []byte) []byte { return s.mac("hocba key blob", blob)[:sealSize] }

// AgentKey returns the key under which this server vouches, to agents in
// people's own machines, for the hashes it wants signed.
func (s *Secret) AgentKey() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(s.mac("hocba agent challenge", nil))
}

// NewSecret reads a secret from random.
func NewSecret(random io.Reader) (*Secret, error) {
	s := new(Secret)
	if _, err := io.ReadFull(random, s.bytes[:]); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "secret.random")
	}
	return s, nil
}

// LoadOrCreateSecret reads the secret of the file path, or makes the file with
// mode 0600 when there is none. Of two processes that make it at once, both
// get the same secret. It fails with Forbidden secret.mode when group or others
// may touch the file or it is no plain file, Internal secret.damaged when it
// has not the right length, Unavailable secret.file when it cannot be used.
func LoadOrCreateSecret(path string) (*Secret, error) {
	s, err := LoadSecret(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	if s, err = NewSecret(rand.Reader); err != nil {
		return nil, err
	}
	if err := s.create(path); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "secret.file")
	}
	return LoadSecret(path)
}

// LoadSecret reads the secret of the file path; see LoadOrCreateSecret.
func LoadSecret(path string) (*Secret, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, fault.Wrap(err, fault.Forbidden, "secret.mode")
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "secret.file")
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "secret.file")
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return nil, fault.New(fault.Forbidden, "secret.mode", "mode", info.Mode().Perm().String())
	}
	if info.Size() != secretSize {
		return nil, fault.New(fault.Internal, "secret.damaged")
	}
	return NewSecret(f)
}

// create writes the file whole or not at all: a temporary file is filled and
// synced, then linked to its name; a link fails when the name exists, and then
// another process was first.
func (s *Secret) create(path string) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".secret-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(s.bytes[:])
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
