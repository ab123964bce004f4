package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"gonghui/internal/core/account"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/rules"
	"gonghui/internal/face/api"
	"gonghui/internal/face/cockpit"
	"gonghui/internal/face/company"
	"gonghui/internal/face/desk"
	"gonghui/internal/face/partner"
	"gonghui/internal/face/phone"
	"gonghui/internal/face/public"
	"gonghui/internal/face/web"
	"gonghui/internal/kit/fault"
	"gonghui/internal/kit/i18n"
	"gonghui/internal/measure/dues"
	"gonghui/internal/measure/employment"
)

// stopWithin is how long running requests and jobs may take to end.
const stopWithin = 20 * time.Second

// Handler builds the site of all faces over the opened house.
func (a *App) Handler(demo bool) http.Handler {
	proxies, _ := a.Config.Proxies() // judged when the configuration was read
	site := web.New(web.Deps{
		Accounts: a.Accounts, Notices: a.Notices, Receipts: account.NewReceipts(a.DB, a.Clock),
		Sessions: account.NewSessionStore(a.DB, a.Vault, a.Clock), Vault: a.Vault, Clock: a.Clock,
		Log: a.Log, Metrics: a.Metrics, Demo: demo, Secure: a.Config.TLS(), Proxies: proxies,
	})
	phone.Mount(site, phone.Deps{
		Dues: a.Dues, Org: a.Org,
		Accounts: a.Accounts, People: a.People, Notices: a.Notices, Cases: a.Cases, Employment: a.Employment, Clock: a.Clock, BaseURL: a.Config.BaseURL,
	})
	company.Mount(site, company.Deps{Companies: a.Companies, Cases: a.Cases, Notices: a.Notices, Employment: a.Employment, Dues: a.Dues, Clock: a.Clock})
	desk.Mount(site, desk.Deps{
		Accounts: a.Accounts, People: a.People, Companies: a.Companies, Cases: a.Cases, Figures: a.Figures, Org: a.Org,
		Notices: a.Notices, Audit: a.Audit, Queue: a.Queue, Blobs: a.Blobs, Employment: a.Employment, Dues: a.Dues, Inspection: a.Inspection, Rules: a.Rules, Clock: a.Clock,
	})
	partner.Mount(site, partner.Deps{Accounts: a.Accounts, Org: a.Org, Dues: a.Dues, Clock: a.Clock})
	cockpit.Mount(site, cockpit.Deps{Figures: a.Figures, Org: a.Org, Employment: a.Employment, People: a.People, Cases: a.Cases, Audit: a.Audit, Clock: a.Clock})
	api.Mount(site, api.Deps{
		Accounts: a.Accounts, Companies: a.Companies, Cases: a.Cases, Figures: a.Figures, Org: a.Org, Notices: a.Notices,
		Employment: a.Employment, Inspection: a.Inspection, Rules: a.Rules, Answers: account.NewAnswers(a.DB, a.Vault, a.Clock), Clock: a.Clock, Log: a.Log,
	})
	public.Mount(site, public.Deps{Metrics: a.Metrics, Checks: []public.Check{
		{Name: "database", Do: a.DB.Ping},
		{Name: "queue", Do: func(ctx context.Context) error { _, err := a.Queue.Depth(ctx); return err }},
	}})
	return site.Handler()
}

// Serve opens a house that was set up before and serves it until ctx ends.
func Serve(ctx context.Context, c Config, out, log io.Writer) error {
	a, err := Open(ctx, c, Options{Log: log})
	if err != nil {
		return err
	}
	return a.serve(ctx, false, out, nil)
}

// serve listens, works jobs, follows the store, and stops in good order:
// no new requests, running ones end, jobs end, rooms close.
func (a *App) serve(ctx context.Context, demo bool, out io.Writer, listening func(base string)) (err error) {
	defer func() { err = errors.Join(err, a.Close()) }()
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.Config.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", a.Config.Addr, err)
	}
	srv := &http.Server{
		Handler:           a.Handler(demo),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute, // an upload over a slow line
		WriteTimeout:      3 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	if err := a.Queue.Start(work); err != nil {
		return errors.Join(err, ln.Close())
	}
	go func() {
		if err := a.Employment.BuildIndex(work); err != nil && work.Err() == nil {
			a.Log.Error("search index", "error", err)
		}
		a.Employment.FollowStore(work, 2*time.Second, func(err error) { a.Log.Warn("search index", "error", err) })
	}()
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	base := "http://" + ln.Addr().String()
	if listening != nil {
		listening(base)
	} else {
		fmt.Fprintf(out, "gonghui serves %s\n", base)
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	a.Log.Info("stopping")
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err = srv.Shutdown(end)
	err = errors.Join(err, a.Queue.Stop(end))
	stopWork()
	return err
}

// Migrate sets an installation up, or brings it to this program's version.
func Migrate(ctx context.Context, c Config, out io.Writer) error {
	a, err := Open(ctx, c, Options{Create: true})
	if err != nil {
		return err
	}
	version, _, err := a.DB.Version(ctx)
	if err == nil {
		fmt.Fprintf(out, "%s: version %d, secrets in %s\n", redact(c.Database), version, c.Secrets)
	}
	return errors.Join(err, a.Close())
}

// Say gives an error in plain words: a fault in both languages, with the wrong
// fields; anything else as it is.
func Say(err error) string {
	var f *fault.Fault
	if !errors.As(err, &f) {
		return err.Error()
	}
	s := i18n.Fault(i18n.ZH, f) + " / " + i18n.Fault(i18n.EN, f)
	for _, x := range f.Fields {
		s += "\n  " + x.Name + ": " + i18n.Field(i18n.ZH, x) + " / " + i18n.Field(i18n.EN, x)
	}
	if f.Kind == fault.Internal && f.Cause != nil {
		s += "\n  " + f.Cause.Error()
	}
	return s
}

// DrawFlows writes the drawing of every procedure into a folder.
func DrawFlows(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, f := range slices.Concat(employment.Flows(employment.DefaultParameters()), dues.Flows(), []casework.Flow{rules.Flow()}) {
		if err := f.Check(); err != nil {
			return err
		}
		for lang, ending := range map[i18n.Lang]string{i18n.ZH: ".md", i18n.EN: ".en.md"} {
			if err := os.WriteFile(filepath.Join(dir, f.Name+ending), []byte(casework.Doc(f, lang)), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// OpenAPI prints the description of the API; it needs no database.
func OpenAPI(out io.Writer) error { return api.Describe(out) }
