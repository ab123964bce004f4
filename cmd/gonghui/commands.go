package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"gonghui/internal/app"
	"gonghui/internal/app/calc"
	"gonghui/internal/measure/dues"
	"gonghui/internal/measure/employment"
)

type dataFlags struct {
	Data     string `help:"Data folder (default $GONGHUI_DATA or ./data)." placeholder:"DIR"`
	Database string `help:"Database: a path, or postgres://… (default DATA/gonghui.db)." placeholder:"URL"`
}

func (f dataFlags) config() (app.Config, error) {
	return app.LoadConfig(f.Data, func(name string) string {
		if name == app.EnvPrefix+"DATABASE" && f.Database != "" {
			return f.Database
		}
		return os.Getenv(name)
	})
}

// open opens a house that was set up before.
func (f dataFlags) open(ctx context.Context, s *streams) (*app.App, error) {
	c, err := f.config()
	if err != nil {
		return nil, err
	}
	return app.Open(ctx, c, app.Options{Log: s.err})
}

type serveCmd struct {
	dataFlags
	Addr string `help:"Address to listen on." placeholder:"HOST:PORT"`
}

func (c *serveCmd) Run(ctx context.Context, s *streams) error {
	conf, err := c.config()
	if err != nil {
		return err
	}
	if c.Addr != "" {
		conf.Addr = c.Addr
	}
	return app.Serve(ctx, conf, s.out, s.err)
}

type demoCmd struct {
	Data     string `help:"Data folder (default ./demo-data)." default:"demo-data" placeholder:"DIR"`
	Database string `help:"Database instead of the file in the data folder." placeholder:"URL"`
	Addr     string `help:"Address to listen on." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Size     string `help:"How much is made up: small or city." enum:"small,city,province" default:"small"`
	Seed     uint64 `help:"Same seed, same data." default:"2020"`
	Fresh    bool   `help:"Throw the data folder's demo away and begin anew."`
}

func (c *demoCmd) Run(ctx context.Context, s *streams) error {
	if c.Size == "province" {
		return fmt.Errorf("--size province comes later; use small or city")
	}
	conf, err := dataFlags{Data: c.Data, Database: c.Database}.config()
	if err != nil {
		return err
	}
	conf.Addr = c.Addr
	return app.Demo(ctx, conf, app.DemoOptions{Size: c.Size, Seed: c.Seed, Fresh: c.Fresh}, s.out, s.err)
}

type migrateCmd struct{ dataFlags }

func (c *migrateCmd) Run(ctx context.Context, s *streams) error {
	conf, err := c.config()
	if err != nil {
		return err
	}
	return app.Migrate(ctx, conf, s.out)
}

type doctorCmd struct{ dataFlags }

func (c *doctorCmd) Run(ctx context.Context, s *streams) error {
	conf, err := c.config()
	if err != nil {
		return err
	}
	return app.Doctor(ctx, conf, s.out)
}

type backupCmd struct {
	dataFlags
	File string `arg:"" help:"File to write; it must not exist." type:"path"`
}

func (c *backupCmd) Run(ctx context.Context, s *streams) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer closing(a, s)
	return a.Backup(ctx, c.File, s.out)
}

type restoreCmd struct {
	dataFlags
	File string `arg:"" help:"Backup to read." type:"existingfile"`
}

func (c *restoreCmd) Run(ctx context.Context, s *streams) error {
	conf, err := c.config()
	if err != nil {
		return err
	}
	return app.Restore(ctx, conf, c.File, s.out)
}

type verifyCmd struct{ dataFlags }

func (c *verifyCmd) Run(ctx context.Context, s *streams) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer closing(a, s)
	return a.Verify(ctx, s.out)
}

type userCmd struct {
	Create userCreateCmd `cmd:"" help:"Create an account of union staff; the password is read from the first line of standard input, or made up."`
}

type userCreateCmd struct {
	dataFlags
	Login string `arg:"" help:"Sign-in name."`
	Name  string `required:"" help:"The person's name."`
	Role  string `required:"" help:"Role, for example county_clerk."`
	Unit  string `required:"" help:"Unit: its number, or the division's code such as 370102."`
	Stdin bool   `help:"Read the password from standard input."`
}

func (c *userCreateCmd) Run(ctx context.Context, s *streams) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer closing(a, s)
	in := app.NewUser{Login: c.Login, Name: c.Name, Role: c.Role, Unit: c.Unit}
	if c.Stdin {
		in.Password = s.in
	}
	return a.CreateUser(ctx, in, s.out)
}

type openapiCmd struct{}

func (openapiCmd) Run(s *streams) error { return app.OpenAPI(s.out) }

type flowsCmd struct {
	Dir string `arg:"" help:"Folder." type:"path"`
}

func (c *flowsCmd) Run() error { return app.DrawFlows(c.Dir) }

type jobsCmd struct {
	Import jobsImportCmd `cmd:"" help:"Import vacancies from a CSV or XLSX file."`
}

type jobsImportCmd struct {
	dataFlags
	File   string   `arg:"" help:"CSV or XLSX." type:"existingfile"`
	Map    []string `help:"Which column is which field: FIELD=COLUMN, by name or number. May be repeated." placeholder:"FIELD=COLUMN" sep:"none"`
	DryRun bool     `help:"Only check; change nothing."`
	Errors string   `help:"Write rows that were not understood to this CSV file." placeholder:"OUT.csv" type:"path"`
	JSON   bool     `help:"End with one JSON line of counts."`
	Quiet  bool     `short:"q" help:"No progress."`
}

func (c *jobsImportCmd) Run(ctx context.Context, s *streams) error {
	conf, err := c.config()
	if err != nil {
		return err
	}
	report, err := app.ImportJobs(ctx, conf, app.JobsImport{
		File: c.File, Map: c.Map, DryRun: c.DryRun, Errors: c.Errors, Quiet: c.Quiet || c.JSON,
	}, s.err)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(report)
	}
	fmt.Fprintln(s.out, app.SayReport(report))
	return nil
}

type ledgerCmd struct {
	Export ledgerExportCmd `cmd:"" help:"Write the books as plain-text accounting to standard output."`
}

type ledgerExportCmd struct {
	dataFlags
	Format string `help:"Format." enum:"hledger" default:"hledger"`
	City   string `help:"Only the books of this city, such as 3701." placeholder:"CODE"`
	From   string `help:"Only vouchers booked on this day or later; what stood before is one opening voucher." placeholder:"DAY"`
	To     string `help:"Only vouchers booked on this day or earlier." placeholder:"DAY"`
}

func (c *ledgerExportCmd) Run(ctx context.Context, s *streams) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer closing(a, s)
	return a.ExportLedger(ctx, app.LedgerExport{City: c.City, From: c.From, To: c.To}, s.out)
}

type benchCmd struct {
	Only string `help:"Only figures whose name begins with this." placeholder:"PREFIX"`
	Max  int    `help:"Largest number of vacancies in the search." default:"1000000"`
}

func (c *benchCmd) Run(ctx context.Context, s *streams) error {
	return app.Bench(ctx, app.BenchOptions{Only: c.Only, MaxDocs: c.Max, Postgres: os.Getenv("GONGHUI_TEST_POSTGRES")}, s.out, s.err)
}

type calcCmd struct {
	Name string `arg:"" help:"Rule: ident, deadline, vote, pay."`
}

func (c *calcCmd) Run(s *streams) error {
	table := calc.Kit()
	table["pay"], table["dues"] = calc.Text(employment.ParsePay), dues.Calculate
	return calc.Run(table, c.Name, s.in, s.out)
}

func closing(a *app.App, s *streams) {
	if err := a.Close(); err != nil {
		fmt.Fprintln(s.err, "gonghui: closing:", err)
	}
}
