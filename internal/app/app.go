package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"gonghui/internal/base/audit"
	"gonghui/internal/base/blob"
	"gonghui/internal/base/db"
	"gonghui/internal/base/queue"
	"gonghui/internal/base/telemetry"
	"gonghui/internal/base/vault"
	"gonghui/internal/core/access"
	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/company"
	"gonghui/internal/core/document"
	"gonghui/internal/core/figures"
	"gonghui/internal/core/inspection"
	"gonghui/internal/core/ledger"
	"gonghui/internal/core/notice"
	"gonghui/internal/core/org"
	"gonghui/internal/core/person"
	"gonghui/internal/core/rules"
	"gonghui/internal/core/signal"
	"gonghui/internal/kit/clock"
	"gonghui/internal/measure/dues"
	"gonghui/internal/measure/employment"
)

// App is the opened house.
type App struct {
	Config  Config
	Clock   clock.Clock
	Log     *slog.Logger
	Metrics *telemetry.Metrics

	DB    *db.DB
	Vault *vault.Vault
	Audit *audit.Log
	Queue *queue.Queue
	Blobs *blob.Store

	Roles      *access.Roles
	Org        *org.Service
	People     *person.Service
	Companies  *company.Service
	Documents  *document.Service
	Accounts   *account.Service
	Notices    *notice.Service
	Cases      *casework.Engine
	Rules      *rules.Service
	Figures    *figures.Service
	Signals    *signal.Bus
	Ledger     *ledger.Service
	Employment *employment.Service
	Dues       *dues.Service
	Inspection *inspection.Service

	outbox *notice.Outbox
}

// Options say how to open the house.
type Options struct {
	Clock   clock.Clock    // nil = the machine's
	Log     io.Writer      // nil = nowhere
	Gateway notice.Gateway // nil = the outbox file in the data folder
	// Create makes what a new installation needs: folder, secrets, schema,
	// reference data. Without it a house that was never set up is refused.
	Create bool
	// Volatile opens an SQLite file that nobody keeps after a power cut: see db.Config.
	Volatile bool
}

// Open opens every room in order. The caller must Close.
func Open(ctx context.Context, c Config, o Options) (_ *App, err error) {
	a := &App{Config: c, Clock: o.Clock, Metrics: telemetry.NewMetrics()}
	if a.Clock == nil {
		a.Clock = clock.System()
	}
	level, err := c.Level()
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		a.Log = telemetry.Quiet()
	} else {
		a.Log = telemetry.NewLogger(o.Log, level)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if o.Create {
		if err := c.prepare(); err != nil {
			return nil, err
		}
	}
	made, err := a.openVault(o.Create)
	if err != nil {
		return nil, err
	}
	if a.DB, err = db.Open(ctx, db.Config{URL: c.Database, MaxConns: c.MaxConns, Volatile: o.Volatile}); err != nil {
		return nil, err
	}
	have, want, err := a.DB.Version(ctx)
	if err != nil {
		return nil, err
	}
	if have > 0 { // not new
		if err := sameKeyring(ctx, c, a.DB, a.Vault); err != nil {
			return nil, err
		}
	}
	if made != nil {
		if err := made.Create(c.Secrets); err != nil {
			return nil, err
		}
	}
	a.Queue = queue.New(a.DB, a.Clock, a.Log)
	if have > want {
		return nil, fmt.Errorf("the database is at version %d, made by a newer gonghui; this one knows %d: use the newer program", have, want)
	}
	if o.Create {
		if _, err := a.DB.Migrate(ctx); err != nil {
			return nil, err
		}
		if err := a.Queue.Migrate(ctx); err != nil {
			return nil, err
		}
		if err := a.markKeyring(ctx); err != nil {
			return nil, err
		}
	} else if have < want {
		return nil, fmt.Errorf("the database is at version %d, this program needs %d: run `gonghui migrate`", have, want)
	}
	if a.Blobs, err = blob.Open(c.Blobs); err != nil {
		return nil, err
	}
	return a, a.plug(ctx, o)
}

// plug builds the rooms from the lowest floor up.
func (a *App) plug(ctx context.Context, o Options) error {
	a.Audit = audit.New(a.DB, a.Clock)
	a.Roles = access.NewRoles(a.DB, a.Audit)
	a.Org = org.New(a.DB, a.Clock)
	if o.Create {
		if err := access.SeedRoles(ctx, a.DB); err != nil {
			return err
		}
		if err := a.Org.Seed(ctx); err != nil {
			return err
		}
	}
	if err := a.Org.Load(ctx); err != nil {
		return err
	}
	a.People = person.New(person.Deps{DB: a.DB, Vault: a.Vault, Clock: a.Clock, Org: a.Org, Audit: a.Audit})
	a.Companies = company.New(company.Deps{DB: a.DB, Vault: a.Vault, Clock: a.Clock, Org: a.Org, Audit: a.Audit})
	a.Documents = document.New(document.Deps{DB: a.DB, Blob: a.Blobs, Clock: a.Clock, Audit: a.Audit})

	gateway := o.Gateway
	if gateway == nil {
		var err error
		if a.outbox, err = notice.OpenOutbox(a.Config.DataDir, a.Clock); err != nil {
			return err
		}
		gateway = a.outbox
	}
	a.Accounts = account.New(account.Deps{
		DB: a.DB, Vault: a.Vault, Clock: a.Clock, Person: a.People, Org: a.Org, Roles: a.Roles, Audit: a.Audit, SMS: gateway,
	})
	a.Notices = notice.New(notice.Deps{DB: a.DB, Queue: a.Queue, Clock: a.Clock, Gateway: gateway, Directory: a.Accounts})
	a.Cases = casework.New(casework.Deps{DB: a.DB, Clock: a.Clock, Audit: a.Audit})
	var err error
	if a.Rules, err = rules.New(rules.Deps{DB: a.DB, Vault: a.Vault, Clock: a.Clock, Org: a.Org, Cases: a.Cases, Audit: a.Audit}); err != nil {
		return err
	}
	a.Figures = figures.New(figures.Deps{DB: a.DB, Clock: a.Clock, Org: a.Org})
	a.Signals = signal.New(a.DB, a.Queue, a.Clock)

	if a.Ledger, err = ledger.New(ledger.Deps{DB: a.DB, Clock: a.Clock, Audit: a.Audit, Org: a.Org, Signals: a.Signals}); err != nil {
		return err
	}
	a.Employment, err = employment.New(employment.Deps{
		DB: a.DB, Clock: a.Clock, Org: a.Org, People: a.People, Companies: a.Companies, Accounts: a.Accounts,
		Cases: a.Cases, Figures: a.Figures, Notices: a.Notices, Signals: a.Signals, Audit: a.Audit, Queue: a.Queue, Blobs: a.Blobs,
		Rules: a.Rules,
	})
	if err != nil {
		return err
	}
	a.Dues, err = dues.New(dues.Deps{
		DB: a.DB, Vault: a.Vault, Clock: a.Clock, Org: a.Org, Companies: a.Companies, Documents: a.Documents, Cases: a.Cases, Ledger: a.Ledger,
		Figures: a.Figures, Notices: a.Notices, Signals: a.Signals, Audit: a.Audit, Rules: a.Rules, Queue: a.Queue, Blobs: a.Blobs,
	})
	if err != nil {
		return err
	}
	a.Inspection = inspection.New(inspection.Deps{Audit: a.Audit, Org: a.Org, Accounts: a.Accounts, Cases: a.Cases})
	if err := a.Rules.Load(ctx); err != nil { // every room has registered
		return err
	}
	a.jobs()
	return nil
}

// jobs registers the work of every room with the queue.
func (a *App) jobs() {
	a.Queue.Handle("casework.tick", func(ctx context.Context, _ []byte) error { _, err := a.Cases.Tick(ctx); return err })
	a.Queue.Every("casework.tick", time.Minute)
	a.Queue.Handle("audit.seal", func(ctx context.Context, _ []byte) error { _, err := a.Audit.Seal(ctx); return err })
	a.Queue.Every("audit.seal", time.Minute)
	a.Queue.Handle("account.purge", func(ctx context.Context, _ []byte) error { _, err := a.Accounts.PurgeExpired(ctx); return err })
	a.Queue.Every("account.purge", time.Hour)
	a.Queue.Handle("blob.sweep", func(_ context.Context, _ []byte) error {
		_, err := a.Blobs.Sweep(a.Clock.Now().Add(-time.Hour))
		return err
	})
	a.Queue.Every("blob.sweep", time.Hour)
	a.Employment.Jobs(a.Queue)
	a.Dues.Jobs(a.Queue)
}

// Close closes the rooms in the reverse order.
func (a *App) Close() error {
	var errs []error
	if a.outbox != nil {
		errs = append(errs, a.outbox.Close())
	}
	if a.DB != nil {
		errs = append(errs, a.DB.Close())
	}
	return errors.Join(errs...)
}
