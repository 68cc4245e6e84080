package software

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"hocba/internal/fault"
)

func TestLoadOrCreateSecret_MakesItOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key-secret")
	one, err := LoadOrCreateSecret(path)
	if err != nil {
		t.Fatal(err)
	}
	two, err := LoadOrCreateSecret(path)
	if err != nil || one.bytes != two.bytes || one.bytes == [secretSize]byte{} {
		t.Fatal("another secret", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != secretSize {
		t.Fatalf("%v %v", info, err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%v %v", left, err)
	}
}

func TestLoadOrCreateSecret_TwoProcessesAgree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key-secret")
	got := make([]*Secret, 8)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			s, err := LoadOrCreateSecret(path)
			if err != nil {
				t.Error(err)
				return
			}
			got[i] = s
		})
	}
	wg.Wait()
	for _, s := range got {
		if s == nil || s.bytes != got[0].bytes {
			t.Fatal("two secrets for one file")
		}
	}
}

func TestLoadSecret_RefusesByName(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, size int, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, bytes.Repeat([]byte{7}, size), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good", secretSize, 0o600)
	link := filepath.Join(dir, "link")
	if err := os.Symlink(good, link); err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ path, code string }{
		{good, ""},
		{write("read-only", secretSize, 0o400), ""},
		{write("group", secretSize, 0o640), "secret.mode"},
		{write("world", secretSize, 0o604), "secret.mode"},
		{write("group-writes", secretSize, 0o620), "secret.mode"},
		{link, "secret.mode"},
		{pipe, "secret.mode"},
		{dir, "secret.mode"},
		{write("empty", 0, 0o600), "secret.damaged"},
		{write("short", secretSize-1, 0o600), "secret.damaged"},
		{write("long", secretSize+1, 0o600), "secret.damaged"},
		{filepath.Join(dir, "none"), "secret.file"},
	} {
		if _, err := LoadSecret(c.path); fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", filepath.Base(c.path), err)
		}
	}
	if _, err := LoadOrCreateSecret(filepath.Join(dir, "no-such-folder", "s")); !fault.Is(err, "secret.file") {
		t.Error(err)
	}
	if _, err := NewSecret(bytes.NewReader(nil)); !fault.Is(err, "secret.random") {
		t.Error(err)
	}
}

func TestSecret_IsNeverPrinted(t *testing.T) {
	s := newSecret(t)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s)
	want := fmt.Sprint(s.bytes[:])
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%#v", s), fmt.Sprintf("%+v", s), log.String()} {
		if bytes.Contains([]byte(text), s.bytes[:]) || bytes.Contains([]byte(text), []byte(want[1:20])) {
			t.Errorf("%q", text)
		}
	}
}
