//go:build unix

package app

import "syscall"

// freeSpace gives the bytes that this user may still write beside a path, and
// the size of the file system.
func freeSpace(path string) (free, total int64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return 0, 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), int64(s.Blocks) * int64(s.Bsize), nil
}
