package notice

import (
	"context"
	"fmt"
	"time"

	"gonghui/internal/base/db"
	"gonghui/internal/base/queue"
	"gonghui/internal/core/access"
	"gonghui/internal/kit/clock"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/kit/page"
)

// News is what a room wants told, to one account, or to one person, or to all
// who act for one company. Params are shown as they are: numbers of people go in
// masked or not at all.
type News struct {
	City       string // custody of the record the news is about
	AccountID  string
	PersonCity string // with PersonID
	PersonID   string
	CompanyID  string
	Template   string // the text is the message "notice."+Template
	Params     map[string]any
	Link       string // a path of our own, "/applications/…"; may be empty
	OnceKey    string // names the event: the same news is told once
	SMS        bool   // also by SMS, where the account has a phone
}

// Notice is one line of an inbox.
type Notice struct {
	City      string
	ID        string
	Template  string
	Params    map[string]any
	Link      string
	CreatedAt time.Time
	ReadAt    time.Time // zero = unread
}

// Text gives the sentence in a language.
func (n Notice) Text(lang i18n.Lang) string { return i18n.T(lang, textKey(n.Template), n.Params) }

// Unread tells whether the notice is new.
func (n Notice) Unread() bool { return n.ReadAt.IsZero() }

func textKey(template string) string { return "notice." + template }

// Recipient is where an account is written to.
type Recipient struct {
	AccountID string
	Phone     string // empty = none
	PhoneMask string
	Lang      i18n.Lang
}

// Directory knows accounts; the room account is one.
type Directory interface {
	Recipient(ctx context.Context, accountID string) (Recipient, error)
	FindByPerson(ctx context.Context, city, personID string) (accountID string, ok bool, err error)
	ListForCompany(ctx context.Context, companyID string) (accountIDs []string, err error)
}

// Deps is what the service is plugged into.
type Deps struct {
	DB        *db.DB
	Queue     *queue.Queue
	Clock     clock.Clock
	Gateway   Gateway
	Directory Directory
}

// Service holds the use cases of this room.
type Service struct {
	Deps
	store store
}

// JobSMS is the kind of the job that sends one delivery.
const JobSMS = "notice.sms"

// New makes the service and registers its job.
func New(d Deps) *Service {
	s := &Service{Deps: d, store: store{d.DB}}
	d.Queue.Handle(JobSMS, s.Deliver)
	return s
}

// Tell puts news into the inbox of whom it is for, and a job for the SMS into
// the queue, in the transaction of ctx. News with a OnceKey told before, and news
// for a person who has no account, is no error and does nothing. Fault: Internal
// "notice.incomplete" for news without city, template, once key or recipient.
func (s *Service) Tell(ctx context.Context, n News) error {
	to := 0
	for _, id := range []string{n.AccountID, n.PersonID, n.CompanyID} {
		if id != "" {
			to++
		}
	}
	if n.City == "" || n.Template == "" || n.OnceKey == "" || to != 1 {
		return fault.New(fault.Internal, "notice.incomplete", fault.Because(fmt.Errorf("template %q, %d recipients", n.Template, to)))
	}
	return s.DB.InTx(ctx, func(ctx context.Context) error {
		accounts, err := s.recipients(ctx, n)
		if err != nil {
			return err
		}
		for _, accountID := range accounts {
			if err := s.tell(ctx, n, accountID); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) recipients(ctx context.Context, n News) ([]string, error) {
	switch {
	case n.CompanyID != "":
		return s.Directory.ListForCompany(ctx, n.CompanyID)
	case n.PersonID != "":
		city := n.PersonCity
		if city == "" {
			city = n.City
		}
		id, ok, err := s.Directory.FindByPerson(ctx, city, n.PersonID)
		if err != nil || !ok {
			return []string{}, err
		}
		return []string{id}, nil
	default:
		return []string{n.AccountID}, nil
	}
}

func (s *Service) tell(ctx context.Context, n News, accountID string) error {
	row, err := s.store.add(ctx, n, accountID, s.Clock.Now())
	if err != nil || row.ID == "" || !n.SMS {
		return err
	}
	r, err := s.Directory.Recipient(ctx, accountID)
	if err != nil {
		return err
	}
	if r.Phone == "" {
		return nil
	}
	d, err := s.store.addDelivery(ctx, row, r.PhoneMask)
	if err != nil {
		return err
	}
	return s.Queue.Add(ctx, JobSMS, deliveryRef{City: d.CityCode, ID: d.ID}, queue.Opts{})
}

// inbox gives the account whose inbox the actor of ctx reads: his own. A bearer
// token reads it only with access.SelfUse.
func inbox(ctx context.Context) (string, error) {
	a, ok := access.From(ctx)
	if !ok || a.Kind == access.KindSystem {
		return "", fault.New(fault.Unauthenticated, "access.sign_in")
	}
	if a.TokenID != "" && a.Person.ID == "" {
		return "", fault.New(fault.Forbidden, "access.denied")
	}
	return a.AccountID, nil
}

// List gives the actor's notices, the newest first.
func (s *Service) List(ctx context.Context, req page.Request) (page.Page[Notice], error) {
	accountID, err := inbox(ctx)
	if err != nil {
		return page.Page[Notice]{}, err
	}
	return s.store.list(ctx, accountID, req)
}

// UnreadCount tells how many of the actor's notices are new.
func (s *Service) UnreadCount(ctx context.Context) (int, error) {
	accountID, err := inbox(ctx)
	if err != nil {
		return 0, err
	}
	return s.store.unread(ctx, accountID)
}

// MarkRead marks one of the actor's notices as read and gives it, so that a page
// can go on to its link. Another account's is NotFound "notice.unknown".
func (s *Service) MarkRead(ctx context.Context, city, id string) (Notice, error) {
	accountID, err := inbox(ctx)
	if err != nil {
		return Notice{}, err
	}
	return s.store.markRead(ctx, accountID, city, id, s.Clock.Now())
}

// MarkAllRead marks all of the actor's notices as read.
func (s *Service) MarkAllRead(ctx context.Context) error {
	accountID, err := inbox(ctx)
	if err != nil {
		return err
	}
	return s.store.markAllRead(ctx, accountID, s.Clock.Now())
}
