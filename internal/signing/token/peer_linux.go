package token

import (
	"fmt"
	"net"
	"os"
	"syscall"
)

// Peer refuses whoever is at the other end of a connection unless it is a
// process of our own user, or of root: a socket's place in a folder that others
// write to says nothing about who listens there, and PINs go through it.
func Peer(conn net.Conn) error {
	c, ok := conn.(*net.UnixConn)
	if !ok {
		return fmt.Errorf("token: %T is no Unix socket", conn)
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var who *syscall.Ucred
	var failure error
	if err := raw.Control(func(fd uintptr) {
		who, failure = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return err
	}
	if failure != nil {
		return failure
	}
	return known(int(who.Uid), os.Geteuid())
}

func known(peer, own int) error {
	if peer != own && peer != 0 {
		return fmt.Errorf("token: user %d is at the other end, not %d", peer, own)
	}
	return nil
}
