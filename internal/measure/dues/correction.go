package dues

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"gonghui/internal/base/audit"
	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/hanzi"
	"gonghui/internal/kit/id"
	"gonghui/internal/kit/money"
	"gonghui/internal/kit/page"
)

// CorrectionState is where a correction stands.
type CorrectionState string

// The states of a correction.
const (
	CorrectionOpen     CorrectionState = "open"
	CorrectionAccepted CorrectionState = "accepted"
	CorrectionDeclined CorrectionState = "declined"
)

// Stand is what stands, or is to stand, in a line.
type Stand struct {
	CreditCode string
	Name       string
	Item       Item
	Month      clock.Day
	Payroll    money.Fen
	Paid       money.Fen
}

// Correction is what the tax office wants to stand instead of a line (更正申请),
// and the union's answer. An accepted one takes the line back by one line and sets
// what should stand by another (冲正): nothing that was written is changed.
type Correction struct {
	CityCode   string
	ID         string
	OrgPath    string
	FileID     string
	LineID     string
	Voucher    string
	Was        Stand
	Want       Stand
	Void       bool // nothing is to stand
	Reason     string
	State      CorrectionState
	AskedBy    string
	AskedAt    time.Time
	Answer     string
	AnsweredBy string
	AnsweredAt time.Time
	Version    int
}

// CorrectionInput asks for a correction of the line with the voucher.
type CorrectionInput struct {
	Voucher string
	Void    bool
	Want    Stand
	Reason  string
}

// correctionMark stands between a voucher and the count of its corrections.
const correctionMark = "#"

// voucherOf is the voucher that the tax office gave, without marks of corrections.
func voucherOf(voucher string) string {
	root, _, _ := strings.Cut(voucher, correctionMark)
	return root
}

func errNoCorrection() error { return fault.New(fault.NotFound, "dues.no_correction") }

// AskCorrection asks the union to correct a line. Faults: access.denied, not_found
// dues.no_file, invalid form.invalid (the fields say why), conflict
// dues.correction_waits (one of this line has no answer yet), casework.moved_on (the
// file is still being taken in).
func (s *Service) AskCorrection(ctx context.Context, city, fileID string, in CorrectionInput) (Correction, error) {
	var c Correction
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		f, err := s.GetFile(ctx, city, fileID)
		if err != nil {
			return err
		}
		if err := access.Require(ctx, access.DuesTax, f.OrgPath); err != nil {
			return err
		}
		if f.State == FileRunning {
			return casework.ErrMovedOn
		}
		in.Voucher = strings.ToUpper(strings.TrimSpace(hanzi.Fold(in.Voucher)))
		line, found, err := s.store.standing(ctx, f, voucherOf(in.Voucher))
		if err != nil {
			return err
		}
		if !found {
			return fault.New(fault.Invalid, "form.invalid", fault.OnField("voucher", "no_line"))
		}
		if err := in.check(line.stand()); err != nil {
			return err
		}
		actor, _ := access.From(ctx)
		c = Correction{
			CityCode: f.CityCode, ID: id.New(), OrgPath: f.OrgPath, FileID: f.ID, LineID: line.ID, Voucher: voucherOf(line.Voucher),
			Was: line.stand(), Want: in.Want, Void: in.Void, Reason: in.Reason, State: CorrectionOpen,
			AskedBy: actor.AccountID, AskedAt: s.Clock.Now(), Version: 1,
		}
		if err := s.store.insertCorrection(ctx, c); err != nil {
			return err
		}
		return s.recordCorrection(ctx, c, "dues.correction_asked", c.Reason)
	})
	return c, err
}

// check judges what is asked for against what stands.
func (in *CorrectionInput) check(was Stand) error {
	in.Reason = strings.TrimSpace(in.Reason)
	w := &in.Want
	w.CreditCode, w.Name = strings.ToUpper(strings.TrimSpace(hanzi.Fold(w.CreditCode))), strings.TrimSpace(w.Name)
	var wrong []fault.Option
	if in.Reason == "" {
		wrong = append(wrong, fault.OnField("reason", "required"))
	}
	switch {
	case in.Void:
		*w = was
	default:
		if w.CreditCode == "" && w.Name == "" {
			wrong = append(wrong, fault.OnField("credit_code", "required"))
		}
		if w.Item != Dues && w.Item != Preparation {
			wrong = append(wrong, fault.OnField("item", "item"))
		}
		if _, _, day := w.Month.Date(); w.Month.IsZero() || day != 1 {
			wrong = append(wrong, fault.OnField("month", "month"))
		}
		if w.Payroll < 0 {
			wrong = append(wrong, fault.OnField("payroll", "money"))
		}
		if w.Paid < 0 {
			wrong = append(wrong, fault.OnField("paid", "money"))
		}
		if len(wrong) == 0 && *w == was {
			wrong = append(wrong, fault.OnField("paid", "same"))
		}
	}
	if len(wrong) > 0 {
		return fault.New(fault.Invalid, "form.invalid", wrong...)
	}
	return nil
}

// AnswerCorrection accepts or declines a correction; one that is declined needs a
// reason. With an accepted one the signatures that were given on what stood before
// are taken back, its breaks are cleared, and those of what stands now are opened.
// Once both sides have signed, the signatures stay and the books are corrected by
// entries of their own (冲正). Faults: access.denied, not_found dues.no_correction,
// invalid dues.reason, conflict casework.moved_on, ledger.insufficient (what is to be
// taken back was given back already).
func (s *Service) AnswerCorrection(ctx context.Context, city, correctionID string, accept bool, answer string, version int) (Correction, error) {
	if answer = strings.TrimSpace(answer); answer == "" && !accept {
		return Correction{}, fault.New(fault.Invalid, "dues.reason", fault.OnField("answer", "required"))
	}
	var c Correction
	err := s.DB.InTx(ctx, func(ctx context.Context) error {
		ctx, err := seen(ctx)
		if err != nil {
			return err
		}
		if c, err = s.store.correction(ctx, city, correctionID); err != nil {
			return err
		}
		if err := access.Require(ctx, access.DuesCollect, c.OrgPath); err != nil {
			return err
		}
		if c.State != CorrectionOpen || c.Version != version {
			return casework.ErrMovedOn
		}
		actor, _ := access.From(ctx)
		c.State, c.Answer, c.AnsweredBy, c.AnsweredAt = CorrectionDeclined, answer, actor.AccountID, s.Clock.Now()
		action := audit.Action("dues.correction_declined")
		if accept {
			c.State, action = CorrectionAccepted, "dues.correction_accepted"
		}
		if err := s.store.answerCorrection(ctx, &c); err != nil {
			return err
		}
		if accept {
			if err := s.correct(ctx, c); err != nil {
				return err
			}
		}
		return s.recordCorrection(ctx, c, action, answer)
	})
	return c, err
}

// correct writes the pair of lines of an accepted correction.
func (s *Service) correct(ctx context.Context, c Correction) error {
	f, err := s.store.file(ctx, c.CityCode, c.FileID)
	if err != nil {
		return err
	}
	old, found, err := s.store.standing(ctx, f, c.Voucher)
	if err != nil {
		return err
	}
	if !found || old.ID != c.LineID {
		return casework.ErrMovedOn
	}
	by, err := s.measureAt(ctx, f)
	if err != nil {
		return err
	}
	n, err := s.store.corrections(ctx, f, c.Voucher)
	if err != nil {
		return err
	}
	back := old
	back.ID, back.Corrects, back.Reverses, back.ArrivedFen = id.New(), old.ID, true, nil
	back.Voucher = c.Voucher + correctionMark + strconv.FormatInt(n+1, 10)
	back.PayrollFen, back.DueFen, back.PaidFen = -old.PayrollFen, -old.DueFen, -old.PaidFen
	back.take(share{})
	if f.State == FileSigned { // what is in the books is taken back there
		back.CountedFen, back.RetainedFen, back.Refunded = -old.CountedFen, -old.RetainedFen, old.Refunded
		back.NationalFen, back.ProvinceFen, back.CityFen, back.CountyFen = -old.NationalFen, -old.ProvinceFen, -old.CityFen, -old.CountyFen
	}
	rows := []lineRow{back}
	var lines []Line
	if !c.Void {
		row, err := s.replacement(ctx, old, c)
		if err != nil {
			return err
		}
		row.Voucher = c.Voucher + correctionMark + strconv.FormatInt(n+2, 10)
		if f.State == FileSigned {
			var came money.Fen
			if old.ArrivedFen != nil {
				came = *old.ArrivedFen
			}
			x, err := by.share(row.CompanyID, row.Item, row.Month, max(0, min(row.PaidFen, came)))
			if err != nil {
				return err
			}
			row.take(x)
		}
		rows = append(rows, row)
		lines = append(lines, row.line())
	}
	if err := s.store.insertPair(ctx, rows); err != nil {
		return err
	}
	if f.State == FileSigned {
		if err := s.bookCorrection(ctx, f, c, rows); err != nil {
			return err
		}
	} else if err := s.store.recount(ctx, f.CityCode, old.ID, share{}); err != nil { // it stands no more
		return err
	}
	if err := s.store.clearBreaksOf(ctx, f, old.ID, c); err != nil {
		return err
	}
	if err := s.judgeAgain(ctx, &f, rows, lines, by); err != nil {
		return err
	}
	if f.State == FileTaken {
		f.UnionBy, f.UnionAt, f.TaxBy, f.TaxAt = "", time.Time{}, "", time.Time{}
	}
	return s.store.moveFile(ctx, &f, f.State)
}

// bookCorrection books what a correction changes in a file that both sides have
// signed: the line taken back, and the one that stands instead. Both wait for a list
// of refunds like any other line. Fault: conflict ledger.insufficient (what is to be
// taken back was given back already).
func (s *Service) bookCorrection(ctx context.Context, f File, c Correction, rows []lineRow) error {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	items, err := s.store.itemSums(ctx, f, ids...)
	if err != nil {
		return err
	}
	return s.bookCollected(ctx, f, items, "dues.correction/"+c.ID)
}

// replacement is the line that stands instead of another.
func (s *Service) replacement(ctx context.Context, old lineRow, c Correction) (lineRow, error) {
	row, w := old, c.Want
	row.ID, row.Corrects, row.Reverses = id.New(), old.ID, false
	row.take(share{}) // until it is held against the union's account
	row.CreditCode, row.Name, row.Item, row.Month, row.PayrollFen, row.PaidFen = w.CreditCode, w.Name, w.Item, w.Month, w.Payroll, w.Paid
	var err error
	if row.DueFen, err = row.Rate.Of(w.Payroll); err != nil {
		return row, err
	}
	if w.CreditCode == old.CreditCode && w.Name == old.Name {
		return row, nil // whose it is stands
	}
	matches, err := s.recognise(ctx, old.OrgPath, []Line{row.line()})
	if err != nil {
		return row, err
	}
	row.match(matches[0])
	return row, nil
}

// judgeAgain opens the breaks of what stands now, and holds the file against the
// union's account again where that was done before.
func (s *Service) judgeAgain(ctx context.Context, f *File, rows []lineRow, lines []Line, by measure) error {
	today := clock.Today(s.Clock)
	judge := by.Rules
	judge.Seen = func(string) bool { return false }
	judge.Known = func(string) bool { return certain(company.Match{By: rows[len(rows)-1].MatchedBy}) }
	breaks, err := judge.Judge(lines)
	if err != nil {
		return err
	}
	ids := map[string]string{}
	for _, r := range rows {
		ids[r.Voucher] = r.ID
	}
	if err := s.store.insertBreaks(ctx, *f, breaks, ids, today, by.due(today)); err != nil {
		return err
	}
	f.Report.Breaks += int64(len(breaks))
	before, err := s.store.compared(ctx, *f)
	if err != nil || !before {
		return err
	}
	return s.compare(ctx, f)
}

// recordCorrection writes down what was done to a correction.
func (s *Service) recordCorrection(ctx context.Context, c Correction, action audit.Action, why string) error {
	detail, err := json.Marshal(map[string]string{"voucher": c.Voucher, "reason": why})
	if err != nil {
		return fault.New(fault.Internal, "internal", fault.Because(err))
	}
	return s.Audit.Record(ctx, audit.Entry{
		CityCode: c.CityCode, OrgPath: c.OrgPath, Action: action, SubjectKind: "dues_correction", SubjectID: c.ID, Detail: string(detail),
	})
}

// ListCorrections pages through the corrections of a file, or of all files of the
// scope when fileID is empty, the latest first. Fault: access.denied.
func (s *Service) ListCorrections(ctx context.Context, fileID string, state CorrectionState, r page.Request) (page.Page[Correction], error) {
	ctx, err := seen(ctx)
	if err != nil {
		return page.Page[Correction]{}, err
	}
	return s.store.listCorrections(ctx, fileID, state, r)
}
