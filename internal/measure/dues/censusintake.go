package dues

import (
	"context"
	"io"
	"slices"

	"gonghui/internal/base/queue"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/exchange"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/page"
)

// IntakeList is a list of companies on its way in. It is tried first, and taken in
// when somebody has seen what would come of it: running → ready → running → done.
const IntakeList IntakeKind = "dues.list"

// IntakeReady is a list that was tried and waits for somebody's word.
const IntakeReady IntakeState = "ready"

// ListIntake is what only a list on its way in has.
type ListIntake struct {
	Source Source     `json:"source"`
	Year   int        `json:"year"`
	Tried  bool       `json:"tried"` // what follows is the real thing
	Report ListReport `json:"report"`
	Again  bool       `json:"again,omitempty"` // the same list was taken in before
}

// judgeList refuses a source or a year that no list has.
func (s *Service) judgeList(source Source, year int) error {
	var w wrong
	if !slices.Contains(Sources(), source) {
		w.add("source", "choice")
	}
	if year < 2000 || year > clock.Today(s.Clock).Year() {
		w.add("year", "invalid")
	}
	return w.fault()
}

// SendList keeps a list of companies for a unit and sets its trial going. Faults:
// access.denied, not_found org.no_unit, form.invalid (source, year), and those of
// reading a heading.
func (s *Service) SendList(ctx context.Context, unitID string, source Source, year int, name string, r io.Reader) (Intake, error) {
	unit, ok := s.Org.ByID(unitID)
	if !ok || !unit.Stands() {
		return Intake{}, fault.New(fault.NotFound, "org.no_unit")
	}
	if err := access.Require(ctx, access.DuesCollect, unit.Path); err != nil {
		return Intake{}, err
	}
	if err := s.judgeList(source, year); err != nil {
		return Intake{}, err
	}
	in := Intake{Kind: IntakeList, CityCode: unit.CityCode, OrgPath: unit.Path, List: &ListIntake{Source: source, Year: year}}
	return s.send(ctx, in, name, r, func(t *exchange.Table) error {
		_, err := openEntries(t, nil)
		return err
	})
}

// StartList takes a list in that was tried. Faults: access.denied, not_found
// dues.no_intake, casework.moved_on.
func (s *Service) StartList(ctx context.Context, city, intakeID string) (Intake, error) {
	var in Intake
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		var err error
		if in, err = s.GetListIntake(ctx, city, intakeID); err != nil {
			return err
		}
		if err := access.Require(ctx, access.DuesCollect, in.OrgPath); err != nil {
			return err
		}
		if in.State != IntakeReady {
			return casework.ErrMovedOn
		}
		actor, _ := access.From(ctx)
		in.State, in.List.Tried, in.List.Report, in.Broken, in.ErrorFile = IntakeRunning, true, ListReport{}, nil, ""
		in.CreatedBy, in.By = actor.AccountID, actor.Name // whose word it is
		if err := s.store.moveIntake(ctx, in, IntakeReady); err != nil {
			return err
		}
		return s.Queue.Add(ctx, JobIntake, intakeJob{in.CityCode, in.ID}, queue.Opts{UniqueKey: in.ID})
	})
	return in, err
}

// workList tries a list, or takes it in.
func (s *Service) workList(ctx context.Context, in *Intake, r io.ReaderAt, o FileOptions) error {
	unit, ok := s.Org.ByPath(in.OrgPath)
	if !ok {
		return fault.New(fault.NotFound, "org.no_unit")
	}
	l, err := s.ImportList(ctx, unit.ID, in.List.Source, in.List.Year, r, in.Size, ListOptions{
		Name: in.Name, DryRun: !in.List.Tried, Errors: o.Errors, Broken: o.Broken,
		Progress: func(r ListReport) {
			in.List.Report = r
			o.Progress(FileReport{Rows: r.Rows, Failed: r.Failed})
		},
	})
	if err != nil {
		return err
	}
	in.List.Report, in.List.Again, in.FileID = l.Report, l.Again, l.ID
	in.Report = FileReport{Rows: l.Report.Rows, Lines: l.Report.Taken, Repeated: l.Report.Unchanged, Failed: l.Report.Failed}
	return nil
}

// after is the state of an intake whose work is done.
func (in Intake) after() IntakeState {
	if in.List != nil && !in.List.Tried && !in.List.Again {
		return IntakeReady
	}
	return IntakeDone
}

// GetListIntake gives a list on its way in to the actor's units. Faults:
// access.denied, not_found dues.no_intake.
func (s *Service) GetListIntake(ctx context.Context, city, intakeID string) (Intake, error) {
	ctx, err := access.For(ctx, access.DuesCollect)
	if err != nil {
		return Intake{}, err
	}
	in, err := s.store.intake(ctx, city, intakeID)
	if err == nil && in.List == nil {
		err = errNoIntake()
	}
	return in, err
}

// ListIntakes gives the lists that are not in yet, the newest first. Fault: access.denied.
func (s *Service) ListIntakes(ctx context.Context, r page.Request) (page.Page[Intake], error) {
	ctx, err := access.For(ctx, access.DuesCollect)
	if err != nil {
		return page.Page[Intake]{}, err
	}
	return s.store.intakesOf(ctx, []IntakeKind{IntakeList}, r)
}

// ListIntakeErrors opens the file of the rows that were not taken; the caller closes
// it. Fault: not_found dues.no_intake, also for a list without such rows.
func (s *Service) ListIntakeErrors(ctx context.Context, city, intakeID string) (io.ReadCloser, error) {
	in, err := s.GetListIntake(ctx, city, intakeID)
	if err != nil {
		return nil, err
	}
	if in.ErrorFile == "" {
		return nil, errNoIntake()
	}
	return s.Blobs.Get(ctx, in.ErrorFile)
}
