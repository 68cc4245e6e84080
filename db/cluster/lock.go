package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// errLocked means that another program holds the lock.
var errLocked = errors.New("locked by another program")

// lockFile is a file held under flock(2). The kernel lets go of it however the
// program ends. The server does not inherit it: Go opens files close-on-exec.
type lockFile struct{ file *os.File }

func openLock(path string, how int) (*lockFile, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open a lock: %w", err)
	}
	lock := &lockFile{file}
	if err := lock.take(how); err != nil {
		lock.release()
		return nil, err
	}
	return lock, nil
}

func (l *lockFile) take(how int) error {
	for {
		err := syscall.Flock(int(l.file.Fd()), how|syscall.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		default:
			return fmt.Errorf("lock %s: %w", l.file.Name(), err)
		}
	}
}

// holdAlone takes the lock exclusively and writes our process id into it, for
// the message of whoever is refused.
func holdAlone(path string) (*lockFile, error) {
	lock, err := openLock(path, syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	if err := lock.file.Truncate(0); err == nil {
		_, _ = lock.file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return lock, nil
}

// holdTogether takes the lock beside others who hold it together.
func holdTogether(path string) (*lockFile, error) { return openLock(path, syscall.LOCK_SH) }

// upgrade makes a lock held together exclusive; errLocked if others hold it.
func (l *lockFile) upgrade() error { return l.take(syscall.LOCK_EX) }

// waitForTurn takes the lock exclusively, waiting until it is free.
func waitForTurn(ctx context.Context, path string) (*lockFile, error) {
	for {
		lock, err := openLock(path, syscall.LOCK_EX)
		if !errors.Is(err, errLocked) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for another program at the cluster: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// release lets go; a nil lock is let go already.
func (l *lockFile) release() {
	if l != nil {
		_ = l.file.Close()
	}
}

// lockHolder reads who holds a lock taken by holdAlone, 0 if it does not say.
func lockHolder(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}
