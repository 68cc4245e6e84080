package token

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"hocba/internal/fault"
	"hocba/internal/signing"
)

func TestKnown_IsTheOwnUserOrRoot(t *testing.T) {
	for _, c := range []struct {
		peer, own int
		ok        bool
	}{{1000, 1000, true}, {0, 1000, true}, {0, 0, true}, {1001, 1000, false}, {1000, 0, false}} {
		if err := known(c.peer, c.own); (err == nil) != c.ok {
			t.Errorf("%d for %d: %v", c.peer, c.own, err)
		}
	}
}

// TestListener listens as another user; it is no test of its own.
func TestListener(t *testing.T) {
	path := os.Getenv("TOKEN_LISTENER")
	if path == "" {
		t.Skip("run by TestSigners_TellNoStrangerThePIN")
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString("listening\n")
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(conn).ReadString('\n')
	os.Stdout.WriteString("heard " + line + "\n")
}

// Another user's process that waits where the signer should hears no PIN.
func TestSigners_TellNoStrangerThePIN(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to be two users")
	}
	folder, err := os.MkdirTemp("/tmp", "token")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	program, socket := filepath.Join(folder, "listener"), filepath.Join(folder, "s")
	if err := os.WriteFile(program, self, 0o755); err != nil {
		t.Fatal(err)
	}
	stranger := exec.Command(program, "-test.run", "^TestListener$")
	stranger.Env, stranger.Dir = []string{"TOKEN_LISTENER=" + socket}, folder
	stranger.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := stranger.StdoutPipe()
	if err == nil {
		err = stranger.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(out)
	if line, err := said.ReadString('\n'); err != nil || line != "listening\n" {
		t.Fatalf("%q, %v", line, err)
	}
	s := &Signers{Socket: socket}
	_, err = s.Credentials(context.Background(), signing.Access{PIN: "2468", Params: map[string]string{"token": "x"}})
	if !fault.Is(err, "signer.unavailable") {
		t.Errorf("asked a stranger: %v", err)
	}
	if line, _ := said.ReadString('\n'); line != "heard \n" {
		t.Errorf("the stranger %s", line)
	}
	_ = stranger.Wait()
}
