package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"gonghui/internal/app/archive"
	"gonghui/internal/kit/fault"
)

// Backup writes the whole installation, but no secrets, into one new file. The
// file appears under its name only after it has been read back and found whole.
// Others go on working meanwhile. Fault: conflict backup.exists.
func (a *App) Backup(ctx context.Context, file string, out io.Writer) (err error) {
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Conflict, "backup.exists", fault.With("File", file), fault.Because(err))
	}
	partial := file + ".partial"
	f, err := os.OpenFile(partial, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(partial))
		}
	}()
	m, err := archive.Write(ctx, archive.Source{
		DB: a.DB, Blobs: a.Blobs, Vault: a.Vault, Clock: a.Clock, Program: Version(),
	}, f, func(x archive.Member) { fmt.Fprintf(out, "%9d  %s\n", x.Rows, x.Table) })
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := a.readBack(ctx, partial); err != nil {
		return err
	}
	if err := os.Rename(partial, file); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := flushDir(filepath.Dir(file)); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	info, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	tell(out, "backup.done", "File", file, "Rows", m.Rows(), "Blobs", len(m.Members)-len(m.Tables()), "Size", size(info.Size()))
	for _, key := range m.Missing {
		tell(out, "backup.missing_blob", "Key", key)
	}
	tell(out, "backup.keep_secrets", "Secrets", a.Config.Secrets)
	return nil
}

// readBack proves that what lies on the disk is what was written.
func (a *App) readBack(ctx context.Context, file string) error {
	x, err := archive.Open(file, a.Vault)
	if err != nil {
		return err
	}
	return errors.Join(x.Check(ctx), x.Close())
}

// flushDir makes a new name in a folder survive a power cut.
func flushDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
