//go:build !unix

package app

import "errors"

// freeSpace is not known here.
func freeSpace(string) (free, total int64, err error) {
	return 0, 0, errors.New("not known on this system")
}
