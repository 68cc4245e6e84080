package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"hocba/internal/fault"
	"hocba/internal/registry"
	"hocba/internal/signing"
	"hocba/internal/signing/remote"
	"hocba/internal/signing/token"
)

// signerSecrets is the folder, in the data folder, of the secrets with which
// the program signs in at remote signing services: a file a secret, its name
// the one that a school's way to sign gives. The first line is the secret, each
// further one the base address of a service that may be told it.
const signerSecrets = "signer-secrets"

// remoteSigners opens keys at remote signing services. Plain HTTP to this
// machine is for demonstrations alone.
func remoteSigners(folder, base string, env func(string) string, demo bool) *remote.Service {
	return remote.New(remote.Options{Loopback: demo, Callback: base + "/signing/back",
		Secret: func(name, address string) (string, error) {
			secret, err := signerSecret(filepath.Join(folder, signerSecrets), env, name)
			if err == nil && !slices.Contains(secret[1:], address) {
				err = fault.New(fault.Invalid, "signer.config", "what", "secret")
			}
			if err != nil {
				return "", err
			}
			return secret[0], nil
		}})
}

var secretName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// signerSecret reads a secret, and after it the addresses it is for: from
// HOCBA_SIGNER_SECRET_<NAME>, or from the file of that name, which nobody but
// its owner may read. It fails with Invalid signer.config, what secret.
func signerSecret(folder string, env func(string) string, name string) ([]string, error) {
	refuse := func(err error) error { return fault.Wrap(err, fault.Invalid, "signer.config", "what", "secret") }
	if !secretName.MatchString(name) {
		return nil, refuse(errors.New("not a name"))
	}
	text := env("HOCBA_SIGNER_SECRET_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_")))
	if text == "" {
		raw, err := readPrivate(filepath.Join(folder, name))
		if err != nil {
			return nil, refuse(err)
		}
		text = string(raw)
	}
	lines := strings.Fields(text)
	if len(lines) == 0 {
		return nil, refuse(errors.New("empty"))
	}
	for i, address := range lines[1:] {
		lines[i+1] = strings.TrimRight(address, "/")
	}
	return lines, nil
}

// tokenSigners opens keys in devices behind hocba-signer; nil without a socket.
func tokenSigners(socket string) signing.Opener {
	if socket == "" {
		return nil
	}
	return &token.Signers{Socket: socket}
}

// registryPIN is the file, in the data folder, of the PIN with which the
// registry signs in to its device; HOCBA_REGISTRY_PIN stands instead.
const registryPIN = "registry-pin"

// registryDevice is where the registry finds a key in a device; nil without a
// socket.
func registryDevice(folder, socket string, env func(string) string) *registry.DeviceDoor {
	opener := tokenSigners(socket)
	if opener == nil {
		return nil
	}
	return &registry.DeviceDoor{Opener: opener, PIN: func() (string, error) {
		if pin := env("HOCBA_REGISTRY_PIN"); pin != "" {
			return pin, nil
		}
		path := filepath.Join(folder, registryPIN)
		text, err := readPrivate(path)
		if err != nil {
			return "", fault.Wrap(err, fault.Unavailable, "registry.device_pin", "file", path)
		}
		return strings.TrimSpace(string(text)), nil
	}}
}

// readPrivate reads a small file that nobody but its owner may touch.
func readPrivate(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 || info.Size() > 4096:
		return nil, fs.ErrPermission
	}
	return os.ReadFile(path)
}
