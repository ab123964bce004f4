package dues

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

	"gonghui/internal/base/queue"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/exchange"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/page"
)

// JobIntake is the queue's kind for taking a file in.
const JobIntake = "dues.intake"

// IntakeKind says what a file on its way in is.
type IntakeKind string

// The kinds of files.
const (
	IntakeTax      IntakeKind = "dues.tax"
	IntakeReceipts IntakeKind = "dues.receipts"
)

// IntakeState is how far a file has come.
type IntakeState string

// The states of an intake: running → done or failed.
const (
	IntakeRunning IntakeState = "running"
	IntakeDone    IntakeState = "done"
	IntakeFailed  IntakeState = "failed"
)

// Intake is a file that somebody sent in and a job takes in.
type Intake struct {
	CityCode, ID, OrgPath string
	Kind                  IntakeKind
	Name                  string // as the sender called it
	SHA256                string
	Size                  int64
	FileID                string // the tax file: that receipts are for, or that came of it
	Total                 int64  // rows of the file, about; 0 = not known
	State                 IntakeState
	Report                FileReport  // of receipts: entered are lines, known before repeated
	List                  *ListIntake // of a list of companies; nil = it is none
	Broken                []BrokenRow // the first rows that were not taken
	ErrorFile             string      // blob of all of them; "" = none
	Problem               string      // message key, when failed
	Params                map[string]string
	CreatedBy             string
	By                    string // the name
	CreatedAt             time.Time
	FinishedAt            time.Time
}

// maxBroken is how many broken rows are shown; the file has them all.
const maxBroken = 50

func errNoIntake() error { return fault.New(fault.NotFound, "dues.no_intake") }

// SendFile keeps a tax file for a unit and sets its taking in going; what is no tax
// file at all, or has been taken in before, is refused at once. Faults: access.denied,
// not_found org.no_unit, conflict dues.same_file, and those of reading a heading.
func (s *Service) SendFile(ctx context.Context, unitID, name string, r io.Reader) (Intake, error) {
	unit, ok := s.Org.ByID(unitID)
	if !ok || !unit.Stands() {
		return Intake{}, fault.New(fault.NotFound, "org.no_unit")
	}
	if err := access.Require(ctx, access.DuesCollect, unit.Path); err != nil {
		return Intake{}, err
	}
	in := Intake{Kind: IntakeTax, CityCode: unit.CityCode, OrgPath: unit.Path}
	return s.send(ctx, in, name, r, func(t *exchange.Table) error {
		if _, err := OpenLines(t, nil, nil); err != nil {
			return err
		}
		standing, found, err := s.store.fileBySum(ctx, unit.CityCode, t.SHA256())
		if err == nil && found && standing.State != FileRunning {
			err = errSameFile(standing)
		}
		return err
	})
}

// SendReceipts keeps a bank statement for a tax file and sets its taking in going.
// Faults: access.denied, not_found dues.no_file, conflict casework.moved_on, and those
// of reading a heading.
func (s *Service) SendReceipts(ctx context.Context, city, fileID, name string, r io.Reader) (Intake, error) {
	f, err := s.receivable(ctx, city, fileID)
	if err != nil {
		return Intake{}, err
	}
	in := Intake{Kind: IntakeReceipts, CityCode: f.CityCode, OrgPath: f.OrgPath, FileID: f.ID}
	return s.send(ctx, in, name, r, func(t *exchange.Table) error {
		_, err := OpenStatement(t, nil)
		return err
	})
}

func (s *Service) send(ctx context.Context, in Intake, name string, r io.Reader, check func(*exchange.Table) error) (Intake, error) {
	ref, err := s.Blobs.Put(ctx, r, exchange.DefaultLimits().MaxBytes)
	if err != nil {
		return Intake{}, err
	}
	actor, _ := access.From(ctx)
	in.ID, in.Name, in.SHA256, in.Size, in.State = id.New(), fileName(name), ref.SHA256, ref.Size, IntakeRunning
	in.CreatedBy, in.By, in.CreatedAt = actor.AccountID, actor.Name, s.Clock.Now()
	err = s.withCopy(ctx, in, func(copy io.ReaderAt) (err error) {
		t, err := exchange.OpenReader(copy, in.Size, in.Name, exchange.DefaultLimits())
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, t.Close()) }()
		in.Total = int64(t.Rows())
		return check(t)
	})
	if err != nil {
		return Intake{}, err
	}
	err = s.DB.InTx(ctx, func(ctx context.Context) error {
		if err := s.store.insertIntake(ctx, in); err != nil {
			return err
		}
		return s.Queue.Add(ctx, JobIntake, intakeJob{in.CityCode, in.ID}, queue.Opts{UniqueKey: in.ID})
	})
	return in, err
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

// withCopy copies the file beside, because a table is read at any place.
func (s *Service) withCopy(ctx context.Context, in Intake, f func(io.ReaderAt) error) (err error) {
	from, err := s.Blobs.Get(ctx, in.SHA256)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	beside, err := os.CreateTemp("", "gonghui-dues-*")
	if err != nil {
		return fmt.Errorf("copy of the file: %w", err)
	}
	defer func() { _ = errors.Join(beside.Close(), os.Remove(beside.Name())) }() // a leftover in the temporary folder harms nobody
	if _, err := io.Copy(beside, from); err != nil {
		return fmt.Errorf("copy of the file: %w", err)
	}
	return f(beside)
}

type intakeJob struct{ City, ID string }

func (s *Service) workIntake(ctx context.Context, payload []byte) error {
	var j intakeJob
	if err := json.Unmarshal(payload, &j); err != nil {
		return queue.GiveUp(err)
	}
	return s.RunIntake(ctx, j.City, j.ID)
}

// RunIntake takes a file in. What a crash interrupted goes on where it was. A file
// that is refused ends its intake as failed; any other fault leaves it for the next try.
func (s *Service) RunIntake(ctx context.Context, city, intakeID string) error {
	in, err := s.store.intake(ctx, city, intakeID)
	if err != nil || in.State != IntakeRunning {
		return err
	}
	work := access.Enter(ctx, access.Actor{AccountID: in.CreatedBy, Name: in.By, Kind: access.KindSystem, Purpose: JobIntake})
	err = s.work(work, &in)
	in.FinishedAt = s.Clock.Now()
	switch {
	case err == nil:
		in.State = in.after()
	case errors.Is(err, casework.ErrMovedOn): // the same job twice at once
		return err
	case fault.IsKind(err, fault.Invalid), fault.IsKind(err, fault.NotFound), fault.IsKind(err, fault.Conflict):
		f := fault.As(err)
		in.State, in.Problem, in.Params = IntakeFailed, f.Key, map[string]string{}
		for name, value := range f.Params {
			in.Params[name] = fmt.Sprint(value)
		}
	default:
		return err
	}
	return s.store.updateIntake(ctx, in)
}

// work takes the file in, with a file of the rows that were not taken.
func (s *Service) work(ctx context.Context, in *Intake) error {
	errs, err := os.CreateTemp("", "gonghui-rows-*.csv")
	if err != nil {
		return fmt.Errorf("error file: %w", err)
	}
	defer func() { _ = errors.Join(errs.Close(), os.Remove(errs.Name())) }()
	o := FileOptions{
		Name: in.Name, Errors: errs,
		Broken: func(b BrokenRow) {
			if len(in.Broken) < maxBroken {
				in.Broken = append(in.Broken, b)
			}
		},
		Progress: func(r FileReport) {
			in.Report = r
			_ = s.store.updateIntake(ctx, *in) // a progress that is not seen stops no work
		},
	}
	err = s.withCopy(ctx, *in, func(copy io.ReaderAt) error {
		if in.List != nil {
			return s.workList(ctx, in, copy, o)
		}
		if in.Kind == IntakeReceipts {
			r, err := s.TakeReceipts(ctx, in.CityCode, in.FileID, copy, in.Size, o)
			in.Report = FileReport{Rows: r.Rows, Lines: r.Entered, Repeated: r.Known, Failed: r.Failed}
			return err
		}
		f, err := s.takeOnce(ctx, *in, copy, o)
		in.FileID, in.Report = f.ID, f.Report
		return err
	})
	if err != nil || len(in.Broken) == 0 {
		return err
	}
	if _, err := errs.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("error file: %w", err)
	}
	ref, err := s.Blobs.Put(ctx, errs, 4*exchange.DefaultLimits().MaxBytes)
	in.ErrorFile = ref.SHA256
	return err
}

// takeOnce takes a tax file in, or gives what came of it where a crash left it
// taken in and its intake running.
func (s *Service) takeOnce(ctx context.Context, in Intake, r io.ReaderAt, o FileOptions) (File, error) {
	unit, ok := s.Org.ByPath(in.OrgPath)
	if !ok {
		return File{}, fault.New(fault.NotFound, "org.no_unit")
	}
	f, err := s.TakeFile(ctx, unit.ID, r, in.Size, o)
	if !fault.HasCode(err, "dues.same_file") {
		return f, err
	}
	standing, found, findErr := s.store.fileBySum(ctx, in.CityCode, in.SHA256)
	if findErr != nil || !found || standing.CreatedAt.Before(in.CreatedAt) {
		return File{}, errors.Join(err, findErr)
	}
	return standing, nil
}

func errSameFile(f File) error {
	return fault.New(fault.Conflict, "dues.same_file", fault.With("Name", f.Name), fault.With("On", clock.DayOf(f.CreatedAt).String()))
}

// GetIntake gives an intake of the actor's units. Faults: access.denied, not_found
// dues.no_intake.
func (s *Service) GetIntake(ctx context.Context, city, intakeID string) (Intake, error) {
	ctx, err := access.For(ctx, access.DuesCollect)
	if err != nil {
		return Intake{}, err
	}
	in, err := s.store.intake(ctx, city, intakeID)
	if err == nil && in.List != nil {
		err = errNoIntake()
	}
	return in, err
}

// Intakes lists the intakes of the actor's units that are running or have failed,
// the newest first. Fault: access.denied.
func (s *Service) Intakes(ctx context.Context, r page.Request) (page.Page[Intake], error) {
	ctx, err := access.For(ctx, access.DuesCollect)
	if err != nil {
		return page.Page[Intake]{}, err
	}
	return s.store.intakesOf(ctx, []IntakeKind{IntakeTax, IntakeReceipts}, r)
}

// IntakeErrors opens the file of the rows that were not taken; the caller closes
// it. Fault: not_found dues.no_intake, also for an intake without such rows.
func (s *Service) IntakeErrors(ctx context.Context, city, intakeID string) (io.ReadCloser, error) {
	in, err := s.GetIntake(ctx, city, intakeID)
	if err != nil {
		return nil, err
	}
	if in.ErrorFile == "" {
		return nil, errNoIntake()
	}
	return s.Blobs.Get(ctx, in.ErrorFile)
}
