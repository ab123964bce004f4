package app

import (
	"context"
	"encoding/json"
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
	"gonghui/internal/measure/dues"
)

// DuesImport is `gonghui dues import`.
type DuesImport struct {
	File   string
	List   dues.Source // whose list of companies it is; "" = the tax office's file of what was collected
	Year   int         // of the list's figures
	Unit   string      // number, or code of the division
	Map    []string    // FIELD=COLUMN
	DryRun bool        // of a list
	Errors string      // file to write; "" = none
	Quiet  bool
}

// DuesReport is what became of a file: of a list, or of what was collected.
type DuesReport struct {
	List  *dues.ListReport
	File  *dues.FileReport
	Again bool // the same list was taken in before; nothing was done
}

// MarshalJSON gives the counts of either.
func (r DuesReport) MarshalJSON() ([]byte, error) {
	if r.List == nil {
		return json.Marshal(r.File)
	}
	return json.Marshal(struct {
		*dues.ListReport
		Again bool `json:"again,omitempty"`
	}{r.List, r.Again})
}

// Say gives the counts as a sentence.
func (r DuesReport) Say() string {
	switch l, f := r.List, r.File; {
	case l != nil && r.Again:
		return fmt.Sprintf("taken in before: %d rows, %d taken, %d unchanged, %d failed; nothing was done", l.Rows, l.Taken, l.Unchanged, l.Failed)
	case l != nil:
		return fmt.Sprintf("%d rows: %d taken, %d unchanged, %d failed; %d companies not known before, %d where lists disagree, %d not classified, %d excluded",
			l.Rows, l.Taken, l.Unchanged, l.Failed, l.Companies, l.Conflicts, l.Unclassified, l.Excluded)
	default:
		return fmt.Sprintf("%d rows: %d lines, %d repeated, %d failed; %d differences", f.Rows, f.Lines, f.Repeated, f.Failed, f.Breaks)
	}
}

// ImportDues takes a file of the tax office, or a list of companies, in. A data
// folder that holds nothing yet is set up first. Faults:
// not_found user.unit, and those of dues.TakeFile and dues.ImportList.
func ImportDues(ctx context.Context, c Config, in DuesImport, log io.Writer) (_ DuesReport, err error) {
	var none DuesReport
	given, err := exchange.ParseMap(in.Map)
	if err != nil {
		return none, err
	}
	file, err := os.Open(in.File)
	if err != nil {
		return none, fmt.Errorf("read the file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return none, fmt.Errorf("read the file: %w", err)
	}
	_, missing := os.Stat(c.Secrets)
	a, err := Open(ctx, c, Options{Log: log, Create: errors.Is(missing, fs.ErrNotExist)})
	if err != nil {
		return none, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	unit, ok := a.unit(in.Unit)
	if !ok {
		return none, fault.New(fault.NotFound, "user.unit", fault.With("Unit", in.Unit))
	}
	var errs io.Writer
	if in.Errors != "" {
		w, done, failed := errorFile(in.File, in.Errors)
		if failed != nil {
			return none, failed
		}
		errs = w
		defer func() { err = errors.Join(err, done()) }()
	}
	rows := func(int64) {}
	if !in.Quiet {
		bar := progressbar.NewOptions64(-1, progressbar.OptionSetWriter(log), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionSetDescription(in.File), progressbar.OptionClearOnFinish())
		rows = func(n int64) { _ = bar.Set64(n) } // a bar that fails stops no import
		defer func() { _ = bar.Finish() }()
	}
	ctx = access.System(ctx, "command line: dues import")
	name, limits := filepath.Base(in.File), exchange.Limits{MaxBytes: maxLocalFile, MaxUnzip: maxLocalFile}
	if in.List == "" {
		f, err := a.Dues.TakeFile(ctx, unit.ID, file, info.Size(), dues.FileOptions{
			Name: name, Map: given, Errors: errs, Limits: limits, Progress: func(r dues.FileReport) { rows(r.Rows) },
		})
		return DuesReport{File: &f.Report}, err
	}
	l, err := a.Dues.ImportList(ctx, unit.ID, in.List, in.Year, file, info.Size(), dues.ListOptions{
		Name: name, Map: given, DryRun: in.DryRun, Errors: errs, Limits: limits, Progress: func(r dues.ListReport) { rows(r.Rows) },
	})
	return DuesReport{List: &l.Report, Again: l.Again}, err
}
