//go:build cgo

// Command hocba-signer keeps the PKCS#11 driver of a token or HSM out of the
// portal: a process of its own, with cgo, that does nothing but sign hashes for
// whoever may open its Unix socket, which only its own user may. Each
// connection is one login to the device, with the PIN its holder typed for one
// batch; the PIN is handed to the driver and forgotten, the login ends with the
// connection. It knows no records and talks to no network.
//
//	hocba-signer --module /usr/lib/softhsm/libsofthsm2.so --socket ./var/signer.sock
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"hocba/internal/signing/token"
)

func main() {
	module := flag.String("module", "", "PKCS#11 library of the device")
	socket := flag.String("socket", "", "Unix socket for the portal")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *module, *socket); err != nil {
		fmt.Fprintln(os.Stderr, "hocba-signer:", err)
		os.Exit(1)
	}
}

// maxLine bounds one request: a batch of hashes.
const maxLine = 64 << 10

// run serves until ctx ends.
func run(ctx context.Context, module, socket string) error {
	if module == "" || socket == "" {
		return errors.New("--module and --socket are needed")
	}
	d, err := load(module)
	if err != nil {
		return err
	}
	defer d.close()
	if err := removeSocket(socket); err != nil {
		return err
	}
	old := syscall.Umask(0o177) // the socket is born 0600
	l, err := net.Listen("unix", socket)
	syscall.Umask(old)
	if err != nil {
		return err
	}
	defer l.Close()
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var open sync.WaitGroup
	defer open.Wait()
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		open.Go(func() {
			defer conn.Close()
			defer context.AfterFunc(ctx, func() { conn.Close() })()
			if err := token.Peer(conn); err != nil {
				fmt.Fprintln(os.Stderr, "hocba-signer:", err)
				return
			}
			serve(d, conn)
		})
	}
}

// removeSocket takes away what a process before left, and nothing else.
func removeSocket(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&os.ModeSocket == 0:
		return fmt.Errorf("%s is no socket", path)
	}
	return os.Remove(path)
}

// serve answers one connection.
func serve(d *device, conn net.Conn) {
	in := bufio.NewScanner(conn)
	in.Buffer(make([]byte, maxLine), maxLine)
	out := json.NewEncoder(conn)
	var l *login
	defer func() { l.end() }()
	for in.Scan() {
		var req token.Request
		if err := json.Unmarshal(in.Bytes(), &req); err != nil {
			return
		}
		clear(in.Bytes())
		var answer token.Answer
		var err error
		switch {
		case req.Act == token.ActFind && l == nil:
			_, err = d.find(req.Token)
		case req.Act == token.ActList && l == nil:
			answer.Keys, err = d.list(req.Token, req.PIN)
		case req.Act == token.ActOpen && l == nil:
			l, err = d.open(req.Token, req.PIN, req.Key)
		case req.Act == token.ActSign && l != nil:
			answer.Signatures, err = l.sign(req.Sums)
		default:
			return
		}
		if err != nil {
			answer.Error = code(err)
			fmt.Fprintln(os.Stderr, "hocba-signer:", req.Act, err)
		}
		if out.Encode(answer) != nil {
			return
		}
	}
}
