package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"gonghui/internal/app"
	"gonghui/internal/measure/dues"
)

type duesCmd struct {
	Import   duesImportCmd   `cmd:"" help:"Take in a file of the tax office, or a list of companies with their figures."`
	Match    duesMatchCmd    `cmd:"" help:"Look again for the companies of lines that nobody was found for."`
	Refund   duesRefundCmd   `cmd:"" help:"List who gets what back."`
	Export   duesExportCmd   `cmd:"" help:"Write the file of an approved payment order for a bank."`
	Simulate duesSimulateCmd `cmd:"" help:"Run a period of the dues refund in a store of its own, against simulators of the tax office and the bank."`
}

type duesImportCmd struct {
	dataFlags
	File   string   `arg:"" help:"CSV or XLSX." type:"existingfile"`
	List   string   `help:"It is a list of companies: whose. Without, it is the tax office's file of what was collected." enum:",tax,statistics,market" default:"" placeholder:"tax|statistics|market"`
	Year   int      `help:"Year of the list's figures." placeholder:"YEAR"`
	Unit   string   `required:"" help:"Union that takes it in: its number, or the division's code such as 370102."`
	Map    []string `help:"Which column is which field: FIELD=COLUMN, by name or number. May be repeated." placeholder:"FIELD=COLUMN" sep:"none"`
	DryRun bool     `help:"Only check a list; change nothing."`
	Errors string   `help:"Write rows that were not understood to this CSV file." placeholder:"OUT.csv" type:"path"`
	JSON   bool     `help:"End with one JSON line of counts."`
	Quiet  bool     `short:"q" help:"No progress."`
}

func (c *duesImportCmd) Run(ctx context.Context, s *streams) error {
	switch {
	case c.List == "" && (c.Year != 0 || c.DryRun):
		return exitCode{fmt.Errorf("--year and --dry-run go with --list"), 2}
	case c.List != "" && c.Year == 0:
		return exitCode{fmt.Errorf("--list needs --year, the year of its figures"), 2}
	}
	conf, err := c.config()
	if err != nil {
		return err
	}
	report, err := app.ImportDues(ctx, conf, app.DuesImport{
		File: c.File, List: dues.Source(c.List), Year: c.Year, Unit: c.Unit, Map: c.Map, DryRun: c.DryRun, Errors: c.Errors, Quiet: c.Quiet || c.JSON,
	}, s.err)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(report)
	}
	fmt.Fprintln(s.out, report.Say())
	return nil
}

type duesMatchCmd struct {
	dataFlags
	Unit string `required:"" help:"Unit: its number, or the division's code such as 370102."`
	JSON bool   `name:"json" help:"Only the result, as one line of JSON."`
}

func (c *duesMatchCmd) Run(ctx context.Context, s *streams) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer closing(a, s)
	got, err := a.MatchDues(ctx, c.Unit)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(s.out).Encode(got)
	}
	fmt.Fprintf(s.out, "companies found for %d lines, none yet for %d\n", got.Found, got.Left)
	return nil
}

type duesRefundCmd struct {
	dataFlags
	Unit string `required:"" help:"Unit: its number, or the division's code such as 370102."`
	From string `required:"" help:"First month, such as 2020-01." placeholder:"MONTH"`
	To   string `required:"" help:"Last month, such as 2020-06." placeholder:"MONTH"`
	Kind string `help:"refund: what small and micro companies sent up; part: every union's own part." enum:"refund,part" default:"refund"`
	JSON bool   `name:"json" help:"One line of JSON for each list."`
}

func (c *duesRefundCmd) Run(ctx context.Context, s *streams) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer closing(a, s)
	lists, err := a.RefundDues(ctx, app.DuesRefund{Unit: c.Unit, From: c.From, To: c.To, Kind: c.Kind})
	if err != nil {
		return err
	}
	for _, l := range lists {
		if c.JSON {
			if err := json.NewEncoder(s.out).Encode(l); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(s.out, "%s  %s  %d companies  %s yuan\n", l.Number, l.Unit, l.Companies, l.Amount.Yuan())
	}
	if len(lists) == 0 && !c.JSON {
		fmt.Fprintln(s.out, "nothing to list")
	}
	return nil
}

type duesExportCmd struct {
	dataFlags
	Batch  string `arg:"" help:"Number of the payment order."`
	Format string `help:"pain.001, or the name of a bank whose own file is set up." default:"pain.001" placeholder:"FORMAT"`
	Name   string `required:"" help:"Holder of the account that is paid from."`
	From   string `required:"" help:"Number of the account that is paid from." placeholder:"ACCOUNT"`
	Bank   string `help:"CNAPS number of its branch." placeholder:"NUMBER"`
	Out    string `short:"o" help:"File to write; without it standard output." type:"path" placeholder:"FILE"`
}

func (c *duesExportCmd) Run(ctx context.Context, s *streams) error {
	a, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer closing(a, s)
	return a.ExportDues(ctx, app.DuesExport{Batch: c.Batch, Format: c.Format, From: dues.BankAccount{Name: c.Name, Number: c.From, Bank: c.Bank}, Out: c.Out}, s.out)
}

type duesSimulateCmd struct {
	dataFlags
	Companies int    `help:"How many companies pay." default:"1000" placeholder:"N"`
	Months    int    `help:"How many months of 2020, 12 at most." default:"12" placeholder:"M"`
	Faults    int    `help:"How many mistakes the tax office makes." default:"100" placeholder:"K"`
	Seed      uint64 `help:"Same seed, same run." default:"2020"`
	JSON      bool   `name:"json" help:"Only the result, as one line of JSON."`
}

func (c *duesSimulateCmd) Run(ctx context.Context, s *streams) error {
	log := s.err
	if c.JSON {
		log = io.Discard
	}
	got, err := app.SimulateDuesIn(ctx, c.Data, func(dir string) (app.Config, error) { return dataFlags{Data: dir, Database: c.Database}.config() },
		app.DuesSimulation{Companies: c.Companies, Months: c.Months, Faults: c.Faults, Seed: c.Seed}, log)
	if err != nil {
		return err
	}
	return json.NewEncoder(s.out).Encode(got)
}
