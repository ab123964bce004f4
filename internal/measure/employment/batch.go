package employment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/queue"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/exchange"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/page"
)

// JobImport is the queue's kind for working a batch.
const JobImport = "employment.import"

// BatchState is how far a file has come.
type BatchState string

// The states: uploaded → checking → ready → running → done; failed where the
// file as a whole cannot be read.
const (
	BatchUploaded BatchState = "uploaded" // stored; somebody looks at the columns
	BatchChecking BatchState = "checking" // a dry run writes nothing
	BatchReady    BatchState = "ready"    // counted; waits for the word
	BatchRunning  BatchState = "running"
	BatchDone     BatchState = "done"
	BatchFailed   BatchState = "failed"
)

// Batch is one file of vacancies on its way in.
type Batch struct {
	CityCode, ID, OrgPath string
	Name                  string // as the sender called it
	SHA256                string
	Size                  int64
	Header                []string
	Map                   map[string]string // field → heading of its column
	Total                 int64             // rows of the file, about; 0 = not known yet
	State                 BatchState
	Report                ImportReport // of the dry run until the batch runs
	Broken                []BrokenRow  // the first rows that were not taken
	ErrorFile             string       // blob of all rows that were not taken; "" = none
	Problem               string       // message key, when failed
	CreatedBy             string
	CreatedAt             time.Time
	FinishedAt            time.Time
}

// Working tells whether a job is at it.
func (b Batch) Working() bool { return b.State == BatchChecking || b.State == BatchRunning }

// CreateBatch keeps a file of vacancies for the unit at unitID and reads its
// heading. Nothing is imported yet. Faults: access.denied, org.not_found, blob.*
// and exchange.* for what is no table.
func (s *Service) CreateBatch(ctx context.Context, unitID, name string, r io.Reader) (Batch, error) {
	unit, ok := s.Org.ByID(unitID)
	if !ok {
		return Batch{}, fault.New(fault.NotFound, "org.not_found")
	}
	if err := access.Require(ctx, access.VacancyImport, unit.Path); err != nil {
		return Batch{}, err
	}
	ref, err := s.Blobs.Put(ctx, r, exchange.DefaultLimits().MaxBytes)
	if err != nil {
		return Batch{}, err
	}
	actor, _ := access.From(ctx)
	b := Batch{
		CityCode: unit.CityCode, ID: id.New(), OrgPath: unit.Path, Name: fileName(name), SHA256: ref.SHA256, Size: ref.Size,
		State: BatchUploaded, CreatedBy: actor.AccountID, CreatedAt: s.Clock.Now(),
	}
	err = s.withTable(ctx, b, func(t *exchange.Table) error {
		b.Header = t.Header()
		b.Total = int64(t.Rows())
		b.Map, err = proposeMap(b.Header)
		return err
	})
	if err != nil {
		return Batch{}, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.insertBatch(ctx, b); err != nil {
			return err
		}
		return s.recordBatch(ctx, b)
	})
	return b, err
}

// fileName keeps the last part of what the sender called the file.
func fileName(name string) string {
	name = filepath.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	for utf8.RuneCountInString(name) > 120 {
		_, n := utf8.DecodeRuneInString(name)
		name = name[n:] // the ending counts: it must agree with the content
	}
	return name
}

// proposeMap says under which headings the fields were recognised.
func proposeMap(header []string) (map[string]string, error) {
	fields := make([]exchange.Field, len(ImportFields))
	for i, name := range ImportFields {
		fields[i] = exchange.Field{Name: name, Aliases: ImportAliases[name]}
	}
	m, err := exchange.NewMapping(header, fields, nil)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, name := range ImportFields {
		if i, ok := m.Index(name); ok {
			out[name] = header[i]
		}
	}
	return out, nil
}

// CheckBatch settles the columns and sets a dry run going, also once more with
// other columns. Faults: exchange.missing_column, exchange.unknown_column,
// casework.moved_on when the batch is being worked or done.
func (s *Service) CheckBatch(ctx context.Context, city, batchID string, columns map[string]string) (Batch, error) {
	return s.advanceBatch(ctx, city, batchID, []BatchState{BatchUploaded, BatchReady, BatchFailed}, func(b *Batch) error {
		for field, column := range columns {
			if column == "" {
				delete(columns, field)
			}
		}
		fields := make([]exchange.Field, len(ImportFields))
		for i, name := range ImportFields {
			fields[i] = exchange.Field{Name: name, Required: contains(RequiredImportFields, name)}
		}
		if _, err := exchange.NewMapping(b.Header, fields, columns); err != nil {
			return err
		}
		b.Map, b.State = columns, BatchChecking
		return nil
	})
}

// StartBatch lets a checked batch run. Fault: casework.moved_on when it is not
// ready, for one because a colleague has started it.
func (s *Service) StartBatch(ctx context.Context, city, batchID string) (Batch, error) {
	return s.advanceBatch(ctx, city, batchID, []BatchState{BatchReady}, func(b *Batch) error {
		b.State = BatchRunning
		return nil
	})
}

func (s *Service) advanceBatch(ctx context.Context, city, batchID string, from []BatchState, change func(*Batch) error) (Batch, error) {
	var b Batch
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		var err error
		if b, err = s.GetBatch(ctx, city, batchID); err != nil {
			return err
		}
		if err := access.Require(ctx, access.VacancyImport, b.OrgPath); err != nil {
			return err
		}
		before := b.State
		if err := change(&b); err != nil {
			return err
		}
		b.Report, b.Broken, b.ErrorFile, b.Problem, b.FinishedAt = ImportReport{}, nil, "", "", time.Time{}
		allowed := false
		for _, f := range from {
			allowed = allowed || f == before
		}
		if !allowed {
			return casework.ErrMovedOn
		}
		if err := s.store.updateBatch(ctx, b, before); err != nil {
			return err
		}
		if err := s.recordBatch(ctx, b); err != nil {
			return err
		}
		return s.Queue.Add(ctx, JobImport, batchJob{b.CityCode, b.ID}, queue.Opts{UniqueKey: b.ID + ":" + string(b.State)})
	})
	return b, err
}

type batchJob struct{ City, ID string }

func (s *Service) workBatch(ctx context.Context, payload []byte) error {
	var j batchJob
	if err := json.Unmarshal(payload, &j); err != nil {
		return queue.GiveUp(err)
	}
	return s.RunBatch(ctx, j.City, j.ID)
}

// RunBatch does what a batch waits for: the dry run, or the import. What a crash
// interrupted goes on where the last confirmed chunk ended, because the counts
// are written in the transaction of the chunk. A file that cannot be read ends
// the batch as failed; any other fault leaves it for the next try.
func (s *Service) RunBatch(ctx context.Context, city, batchID string) error {
	b, err := s.store.batch(ctx, city, batchID)
	if err != nil || !b.Working() {
		return err
	}
	if b.State == BatchChecking {
		err = s.check(ctx, &b)
	} else {
		err = s.bringIn(ctx, &b)
	}
	before := b.State
	switch {
	case err == nil && before == BatchChecking:
		b.State = BatchReady
	case err == nil:
		b.State, b.FinishedAt = BatchDone, s.Clock.Now()
	case fault.IsKind(err, fault.Invalid) || fault.IsKind(err, fault.NotFound):
		b.State, b.Problem, b.FinishedAt = BatchFailed, fault.As(err).Key, s.Clock.Now()
	default:
		return err
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.updateBatch(ctx, b, before); err != nil {
			return err
		}
		return s.recordBatch(ctx, b)
	})
}

// check is the dry run.
func (s *Service) check(ctx context.Context, b *Batch) error {
	return s.take(ctx, b, ImportOptions{DryRun: true, Progress: func(done ImportReport, rows int) {
		b.Report = done
		_ = s.store.updateBatch(ctx, *b, BatchChecking) // a progress that is not seen stops no check
	}})
}

// bringIn imports what is not in yet.
func (s *Service) bringIn(ctx context.Context, b *Batch) error {
	base := b.Report
	err := s.take(ctx, b, ImportOptions{
		BatchID: b.ID, Skip: base.Rows,
		Commit: func(ctx context.Context, done ImportReport) error {
			return s.store.countBatch(ctx, *b, base.plus(done))
		},
	})
	if err != nil {
		return err
	}
	b.Report = base.plus(b.Report)
	if base.Rows == 0 {
		return nil
	}
	// The broken rows of before the crash went with it; a dry run finds them again.
	again := *b
	if err := s.take(ctx, &again, ImportOptions{DryRun: true}); err != nil {
		return err
	}
	b.Broken, b.ErrorFile = again.Broken, again.ErrorFile
	return nil
}

// take opens the file and runs the import over it, with an error file.
func (s *Service) take(ctx context.Context, b *Batch, o ImportOptions) error {
	o.OrgPath = b.OrgPath
	errs, err := os.CreateTemp("", "gonghui-rows-*.csv")
	if err != nil {
		return fmt.Errorf("error file: %w", err)
	}
	defer func() { _ = errors.Join(errs.Close(), os.Remove(errs.Name())) }() // a leftover in the temporary folder harms nobody
	o.Errors = errs
	return s.withTable(ctx, *b, func(t *exchange.Table) error {
		im, err := OpenImport(t, b.Map)
		if err != nil {
			return err
		}
		if err := s.Import(ctx, im, o); err != nil {
			return err
		}
		b.Report, b.Broken, b.ErrorFile = im.Report, im.Broken, ""
		if im.Report.Failed == 0 {
			return nil
		}
		if _, err := errs.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("error file: %w", err)
		}
		ref, err := s.Blobs.Put(ctx, errs, 4*exchange.DefaultLimits().MaxBytes)
		b.ErrorFile = ref.SHA256
		return err
	})
}

// withTable copies the batch's file beside, because a table is read at any place,
// and opens it.
func (s *Service) withTable(ctx context.Context, b Batch, f func(*exchange.Table) error) (err error) {
	from, err := s.Blobs.Get(ctx, b.SHA256)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	beside, err := os.CreateTemp("", "gonghui-batch-*")
	if err != nil {
		return fmt.Errorf("copy of the file: %w", err)
	}
	defer func() { _ = errors.Join(beside.Close(), os.Remove(beside.Name())) }()
	if _, err := io.Copy(beside, from); err != nil {
		return err
	}
	t, err := exchange.OpenReader(beside, b.Size, b.Name, exchange.DefaultLimits())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	return f(t)
}

// GetBatch gives a batch of the actor's units. Fault: employment.no_batch.
func (s *Service) GetBatch(ctx context.Context, city, batchID string) (Batch, error) {
	ctx, err := access.For(ctx, access.VacancyImport)
	if err != nil {
		return Batch{}, err
	}
	return s.store.batch(ctx, city, batchID)
}

// ListBatches lists the batches of the actor's units, the newest first.
func (s *Service) ListBatches(ctx context.Context, r page.Request) (page.Page[Batch], error) {
	ctx, err := access.For(ctx, access.VacancyImport)
	if err != nil {
		return page.Page[Batch]{}, err
	}
	return s.store.batches(ctx, r)
}

// BatchErrors opens the file of the rows that were not taken; the caller closes
// it. Fault: employment.no_batch, also for a batch without such rows.
func (s *Service) BatchErrors(ctx context.Context, city, batchID string) (io.ReadCloser, error) {
	b, err := s.GetBatch(ctx, city, batchID)
	if err != nil {
		return nil, err
	}
	if b.ErrorFile == "" {
		return nil, errNoBatch()
	}
	return s.Blobs.Get(ctx, b.ErrorFile)
}

func errNoBatch() error { return fault.New(fault.NotFound, "employment.no_batch") }

// became is what the log says when a batch has reached a state.
var became = map[BatchState]audit.Action{
	BatchUploaded: "employment.batch_uploaded", BatchChecking: "employment.batch_checking", BatchReady: "employment.batch_ready",
	BatchRunning: "employment.batch_running", BatchDone: "employment.batch_done", BatchFailed: "employment.batch_failed",
}

// recordBatch writes down that a batch has reached its state.
func (s *Service) recordBatch(ctx context.Context, b Batch) error {
	detail, err := json.Marshal(struct {
		File string `json:"file"`
		ImportReport
	}{b.Name, b.Report})
	if err != nil {
		return fault.New(fault.Internal, "internal", fault.Because(err))
	}
	return s.Audit.Record(ctx, audit.Entry{
		CityCode: b.CityCode, OrgPath: b.OrgPath, Action: became[b.State], SubjectKind: "batch", SubjectID: b.ID, Detail: string(detail),
	})
}
