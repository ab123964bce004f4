package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/schollz/progressbar/v3"

	"gonghui/internal/core/access"
	"gonghui/internal/core/exchange"
	"gonghui/internal/kit/fault"
	"gonghui/internal/measure/employment"
)

// JobsImport is `gonghui jobs import`.
type JobsImport struct {
	File   string
	Map    []string // FIELD=COLUMN
	DryRun bool
	Errors string // file to write; "" = none
	Quiet  bool
}

// maxLocalFile bounds a file given on the command line, in bytes: who can name
// one has the machine anyway.
const maxLocalFile = 8 << 30

// ImportJobs takes a file of vacancies in. A data folder that holds nothing yet
// is set up first.
func ImportJobs(ctx context.Context, c Config, in JobsImport, log io.Writer) (_ employment.ImportReport, err error) {
	var none employment.ImportReport
	given, err := exchange.ParseMap(in.Map)
	if err != nil {
		return none, err
	}
	t, err := exchange.Open(in.File, exchange.Limits{MaxBytes: maxLocalFile, MaxUnzip: maxLocalFile})
	if err != nil {
		return none, err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	im, err := employment.OpenImport(t, given)
	if err != nil {
		return none, err
	}
	_, missing := os.Stat(c.Secrets)
	a, err := Open(ctx, c, Options{Log: log, Create: errors.Is(missing, fs.ErrNotExist)})
	if err != nil {
		return none, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()

	o := employment.ImportOptions{Name: filepath.Base(in.File), Map: given, DryRun: in.DryRun}
	if in.Errors != "" {
		w, done, failed := errorFile(in.File, in.Errors)
		if failed != nil {
			return none, failed
		}
		o.Errors = w
		defer func() { err = errors.Join(err, done()) }()
	}
	if !in.Quiet {
		bar := progressbar.NewOptions(t.Rows(), progressbar.OptionSetWriter(log), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionSetDescription(in.File), progressbar.OptionClearOnFinish())
		o.Progress = func(done employment.ImportReport, _ int) { _ = bar.Set64(min(done.Rows, int64(t.Rows()))) } // a bar that fails stops no import
		defer func() { _ = bar.Finish() }()
	}
	err = a.Employment.Import(access.System(ctx, "command line: jobs import"), im, o)
	return im.Report, err
}

// errorFile begins the file of rows that were not taken; done finishes it. Fault:
// invalid import.errors_same_file when that would overwrite the file to be read.
func errorFile(file, errs string) (w io.Writer, done func() error, err error) {
	there, err := os.Stat(errs)
	if err == nil {
		if from, err := os.Stat(file); err == nil && os.SameFile(from, there) {
			return nil, nil, fault.New(fault.Invalid, "import.errors_same_file", fault.With("File", errs))
		}
	}
	f, err := os.Create(errs)
	if err != nil {
		return nil, nil, fmt.Errorf("error file: %w", err)
	}
	b := bufio.NewWriter(f)
	return b, func() error { return errors.Join(b.Flush(), f.Close()) }, nil
}

// SayReport gives the counts as a sentence.
func SayReport(r employment.ImportReport) string {
	return fmt.Sprintf("%d rows: %d imported, %d collapsed, %d unchanged, %d failed", r.Rows, r.Imported, r.Collapsed, r.Unchanged, r.Failed)
}
