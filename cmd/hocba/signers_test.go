package main

import (
	"os"
	"path/filepath"
	"testing"

	"hocba/internal/fault"
)

func TestRemoteSigners_TellASecretToItsOwnServiceAlone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	secrets := filepath.Join(folder, signerSecrets)
	if err := os.Mkdir(secrets, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"bound": "s3cret\nhttps://sign.example.vn/csc/v2/\n", "free": "s3cret\n", "empty": "\n"} {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(secrets, "open"), []byte("s3cret\nhttps://sign.example.vn/csc/v2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	env := func(name string) string {
		return map[string]string{"HOCBA_SIGNER_SECRET_OTHER_ONE": "s3cret https://other.example.vn"}[name]
	}
	service := remoteSigners(folder, "https://hocba.example.vn", env, false)
	for _, c := range []struct {
		secret, address string
		ok              bool
	}{
		{"bound", "https://sign.example.vn/csc/v2", true},
		{"bound", "https://sign.example.vn.evil.example/csc/v2", false},
		{"bound", "https://evil.example/csc/v2", false},
		{"bound", "https://sign.example.vn/other", false},
		{"other-one", "https://other.example.vn", true},
		{"other-one", "https://sign.example.vn/csc/v2", false},
		{"free", "https://sign.example.vn/csc/v2", false},
		{"empty", "https://sign.example.vn/csc/v2", false},
		{"open", "https://sign.example.vn/csc/v2", false},
		{"../server-secret", "https://sign.example.vn/csc/v2", false},
	} {
		err := service.Check(map[string]string{"url": c.address, "client": "c", "grant": "client", "secret": c.secret})
		if (err == nil) != c.ok || err != nil && !fault.Is(err, "signer.config") {
			t.Errorf("%s to %s: %v", c.secret, c.address, err)
		}
	}
}
