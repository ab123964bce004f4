// Report reads `go test -json` and prints what plain `go test` would: the closing
// line of each package, and everything a failed one said. Its last lines are
// what the tests left out, each reason once:
//
//	LEFT OUT: LibreOffice is not here, … (TestLibreOffice in gonghui/internal/core/exchange)
//
// A test that cannot run says so with t.Skip("LEFT OUT: …"); plain `go test`
// shows that to nobody.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

func main() {
	if err := report(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "report:", err)
		os.Exit(1)
	}
}

// event is one line of `go test -json`; see `go doc test2json`.
type event struct {
	Action, Package, Test, Output string
}

// mark begins a test's word on what it leaves out.
const mark = "LEFT OUT: "

// sayings is what the tests of one package said so far, by test; the package
// itself is "".
type sayings map[string]*strings.Builder

func report(in io.Reader, out io.Writer) error {
	said := map[string]sayings{}
	left := map[string][]string{} // reason → tests
	for d := json.NewDecoder(in); ; {
		var e event
		if err := d.Decode(&e); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return fmt.Errorf("read go test -json: %w", err)
		}
		switch e.Action {
		case "build-output":
			fmt.Fprint(out, e.Output)
		case "output":
			if said[e.Package] == nil {
				said[e.Package] = sayings{}
			}
			said[e.Package].add(e.Test, e.Output)
			if _, reason, ok := strings.Cut(e.Output, mark); ok {
				reason = strings.TrimSpace(reason)
				left[reason] = append(left[reason], e.Test+" in "+e.Package)
			}
		case "pass", "skip", "fail":
			if e.Test == "" {
				said[e.Package].end(out, e.Action == "fail")
				delete(said, e.Package)
			} else if e.Action != "fail" {
				delete(said[e.Package], e.Test)
			}
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(left)) {
		who := left[reason][0]
		if n := len(left[reason]); n > 1 {
			who = fmt.Sprintf("%d tests", n)
		}
		fmt.Fprintf(out, "%s%s (%s)\n", mark, reason, who)
	}
	return nil
}

func (s sayings) add(test, text string) {
	if strings.HasPrefix(text, "=== ") {
		return // RUN, PAUSE, CONT, NAME: plain `go test` does not say them
	}
	if s[test] == nil {
		s[test] = &strings.Builder{}
	}
	s[test].WriteString(text)
}

// end prints what a package leaves behind: its closing line, or, if it failed,
// all that it and the tests which did not pass have said.
func (s sayings) end(out io.Writer, failed bool) {
	for _, test := range slices.Sorted(maps.Keys(s)) {
		if test != "" && failed {
			fmt.Fprint(out, s[test])
		}
	}
	if s[""] == nil {
		return
	}
	for line := range strings.Lines(s[""].String()) {
		if failed || strings.HasPrefix(line, "ok  \t") || strings.HasPrefix(line, "?   \t") {
			fmt.Fprint(out, line)
		}
	}
}
