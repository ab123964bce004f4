package employment

import (
	"context"
	"time"

	"gonghui/internal/core/access"
	"gonghui/internal/core/calendar"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/rules"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/page"
)

const (
	trialDays = 90     // of records that a trial looks back on
	trialRows = 20_000 // and at most so many, the latest first
)

// trials say what another number of the room would do to the records of the last
// weeks, as far as whoever tries it may see them.
func (s *Service) trials() []rules.Trial {
	return []rules.Trial{
		{Name: "employment.reviews", Keys: []string{keyReviewWorkdays}, Run: s.tryReviews},
		{Name: "employment.vacancies", Keys: []string{keyValidDays, keyMaxValidDays, keyMaxHeadcount}, Run: s.tryVacancies},
		{Name: "employment.silence", Keys: []string{keyRemindDays, keyNoReplyDays}, Run: s.trySilence},
		{Name: "employment.applies", Keys: []string{keyDailyApplies}, Run: s.tryApplies},
	}
}

// both reads the room's numbers as they are and as they would be.
func both(try rules.Try) (before, after Parameters, err error) {
	if before, err = ParametersOn(try.Before, try.Day); err == nil {
		after, err = ParametersOn(try.After, try.Day)
	}
	return before, after, err
}

// count adds to a line what is so before, and what is so after.
func count(l *rules.TrialLine, before, after bool) {
	if before {
		l.Before++
	}
	if after {
		l.After++
	}
}

// tryReviews counts the reviews that wait now, and those that would be late.
func (s *Service) tryReviews(ctx context.Context, try rules.Try) ([]rules.TrialLine, error) {
	was, is, err := both(try)
	if err != nil {
		return nil, err
	}
	waiting, late := rules.TrialLine{Line: "waiting"}, rules.TrialLine{Line: "late"}
	today := s.today()
	over := func(since clock.Day, n int) bool { return calendar.Deadline(since, n, calendar.Workday, false) < today }
	req := page.Request{Limit: page.MaxLimit}
	for n := 0; n < trialRows; {
		p, err := s.Cases.Queue(ctx, casework.Filter{Kinds: []string{FlowEmployer, FlowVacancy}, Unit: try.Path}, req)
		if err != nil {
			return nil, err
		}
		for _, k := range p.Items {
			since := clock.DayOf(k.StateAt)
			count(&waiting, true, true)
			count(&late, over(since, was.ReviewWorkdays), over(since, is.ReviewWorkdays))
		}
		if n += len(p.Items); p.Next == "" {
			break
		}
		req.After = p.Next
	}
	return []rules.TrialLine{waiting, late}, nil
}

// tryVacancies counts what was posted, and what would be refused.
func (s *Service) tryVacancies(ctx context.Context, try rules.Try) ([]rules.TrialLine, error) {
	was, is, err := both(try)
	if err != nil {
		return nil, err
	}
	ctx, err = access.For(ctx, access.CaseView)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.postedSince(ctx, try.Path, s.lookBack(), trialRows)
	if err != nil {
		return nil, err
	}
	all, long, many := rules.TrialLine{Line: "posted"}, rules.TrialLine{Line: "too_long"}, rules.TrialLine{Line: "too_many"}
	for _, v := range rows {
		days := int(v.ValidTo - clock.DayOf(v.CreatedAt))
		count(&all, true, true)
		count(&long, days > was.MaxValidDays, days > is.MaxValidDays)
		count(&many, v.Headcount > was.MaxHeadcount, v.Headcount > is.MaxHeadcount)
	}
	return []rules.TrialLine{
		{Line: "days", Before: int64(was.ValidDays), After: int64(is.ValidDays)}, all, long, many,
	}, nil
}

// trySilence counts the applications that no company has answered, those of which
// the company would have been reminded, and those whose worker would have been told.
func (s *Service) trySilence(ctx context.Context, try rules.Try) ([]rules.TrialLine, error) {
	was, is, err := both(try)
	if err != nil {
		return nil, err
	}
	rows, err := s.appliedLately(ctx, try)
	if err != nil {
		return nil, err
	}
	open, reminded, told := rules.TrialLine{Line: "open"}, rules.TrialLine{Line: "reminded"}, rules.TrialLine{Line: "told"}
	today := s.today()
	for _, a := range rows {
		if a.State != "delivered" && a.State != "viewed" && a.State != "no_reply" {
			continue
		}
		silent := int(today - clock.DayOf(a.CreatedAt))
		count(&open, true, true)
		count(&reminded, silent > was.RemindDays, silent > is.RemindDays)
		count(&told, silent > was.NoReplyDays, silent > is.NoReplyDays)
	}
	return []rules.TrialLine{open, reminded, told}, nil
}

// tryApplies counts the applications, and those beyond the limit of a day.
func (s *Service) tryApplies(ctx context.Context, try rules.Try) ([]rules.TrialLine, error) {
	was, is, err := both(try)
	if err != nil {
		return nil, err
	}
	rows, err := s.appliedLately(ctx, try)
	if err != nil {
		return nil, err
	}
	type personDay struct {
		person string
		day    clock.Day
	}
	sent := map[personDay]int{}
	all, beyond := rules.TrialLine{Line: "sent"}, rules.TrialLine{Line: "beyond"}
	for _, a := range rows {
		k := personDay{a.PersonID, clock.DayOf(a.CreatedAt)}
		sent[k]++
		count(&all, true, true)
		count(&beyond, sent[k] > was.DailyApplies, sent[k] > is.DailyApplies)
	}
	return []rules.TrialLine{all, beyond}, nil
}

func (s *Service) appliedLately(ctx context.Context, try rules.Try) ([]applicationRow, error) {
	ctx, err := access.For(ctx, access.CaseView)
	if err != nil {
		return nil, err
	}
	return s.store.appliedBelow(ctx, try.Path, s.lookBack(), trialRows)
}

func (s *Service) lookBack() time.Time { return (s.today() - trialDays).Start() }
