//go:build unix

package queue

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

var errLocked = errors.New("another program works the jobs of this database")

// lockFile takes the lock or returns errLocked at once. Closing the file, or
// the end of the process, frees it.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errLocked
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
