// Command gonghui runs the services of a provincial trade-union federation:
// one program, one database. `gonghui demo` shows a made-up province.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"gonghui/internal/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// cli is the command line. Flags go before the file and the environment.
type cli struct {
	Serve   serveCmd   `cmd:"" help:"Serve all faces. Refuses to start without generated secrets."`
	Demo    demoCmd    `cmd:"" help:"Create a made-up province once, then serve it."`
	Migrate migrateCmd `cmd:"" help:"Set up or update an installation: folder, secrets, schema, reference data."`
	Doctor  doctorCmd  `cmd:"" help:"Check configuration, database, queue and disk."`
	Backup  backupCmd  `cmd:"" help:"Write everything but the secrets into one file."`
	Restore restoreCmd `cmd:"" help:"Fill an empty installation from a backup."`
	Verify  verifyCmd  `cmd:"" help:"Check the audit chain and the books, recount the figures, compare the search with the store."`
	User    userCmd    `cmd:"" help:"Accounts of union staff."`
	Openapi openapiCmd `cmd:"" help:"Print the OpenAPI 3.1 description of /api/v1."`
	Flows   flowsCmd   `cmd:"" help:"Write the drawings of all procedures into a folder."`
	Jobs    jobsCmd    `cmd:"" help:"Vacancies."`
	Dues    duesCmd    `cmd:"" help:"Dues and their refund."`
	Ledger  ledgerCmd  `cmd:"" help:"The books."`
	Bench   benchCmd   `cmd:"" help:"Measure: one line a figure, name, value, unit."`
	Calc    calcCmd    `cmd:"" help:"Try a rule without a database: JSON lines in, JSON lines out."`

	Version kong.VersionFlag `help:"Print the version."`
}

type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exitCode lets a command end with another code than 1.
type exitCode struct {
	error
	code int
}

func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	var c cli
	done := -1
	parser, err := kong.New(&c,
		kong.Name("gonghui"),
		kong.Description("The service platform of a provincial trade-union federation."),
		kong.UsageOnError(),
		kong.Writers(out, errOut),
		kong.Exit(func(code int) { done = code }),
		kong.Vars{"version": app.Version()},
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(&streams{in, out, errOut}),
	)
	if err != nil {
		fmt.Fprintln(errOut, err)
		return 2
	}
	k, err := parser.Parse(args)
	if done >= 0 { // help or version was printed
		return done
	}
	if err != nil {
		fmt.Fprintln(errOut, "gonghui:", err)
		return 2
	}
	err = k.Run()
	var x exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &x):
		if x.error != nil {
			fmt.Fprintln(errOut, "gonghui:", app.Say(x.error))
		}
		return x.code
	default:
		fmt.Fprintln(errOut, "gonghui:", app.Say(err))
		return 1
	}
}
