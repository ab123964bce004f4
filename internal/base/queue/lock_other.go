//go:build !unix

package queue

import (
	"errors"
	"fmt"
	"os"
)

var errLocked = errors.New("another program works the jobs of this database")

// lockFile opens the file without a lock: on these systems, where the program is
// only tried out, nobody else is assumed to work the same database.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	return f, nil
}
