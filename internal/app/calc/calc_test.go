package calc_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"gonghui/internal/app/calc"
	"gonghui/internal/kit/fault"
)

// run answers a whole input.
func run(t *testing.T, name, in string) string {
	t.Helper()
	table := calc.Kit()
	table["pay"] = calc.Text(parse)
	var out bytes.Buffer
	require.NoError(t, calc.Run(table, name, strings.NewReader(in), &out))
	return out.String()
}

// parse stands for a parser of a measure room.
func parse(s string) (map[string]int, error) {
	if s == "" {
		return nil, fault.New(fault.Invalid, "room.text", fault.OnField("text", "empty"))
	}
	return map[string]int{"runes": len([]rune(s))}, nil
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"ident", `{"kind":"resident_id","value":"370101199001010013"}`, `{"valid":true}`},
		{"ident", `{"kind":"resident_id","value":"370101199001010014"}`, `{"valid":false,"reason":"checksum"}`},
		{"ident", `{"kind":"resident_id","value":"370101199013010013"}`, `{"valid":false,"reason":"date"}`},
		{"ident", `{"kind":"resident_id","value":""}`, `{"valid":false,"reason":"length"}`},
		{"ident", `{"kind":"credit_code","value":"92370406LIMTAQ9469"}`, `{"valid":false,"reason":"charset"}`},
		{"ident", `{"kind":"credit_code","value":"A1371525M48B56E02D","note":1}`, `{"valid":true}`},
		{"ident", `{"kind":"bank_card","value":"6200000000000005"}`, `{"valid":true}`},
		{"deadline", `{"from":"2020-09-30","days":5,"unit":"workday"}`, `{"due":"2020-10-14"}`},
		{"deadline", `{"from":"2020-03-17","days":20,"unit":"day","roll":true}`, `{"due":"2020-04-07"}`},
		{"deadline", `{"from":"2020-03-17","days":20,"unit":"day","roll":false}`, `{"due":"2020-04-06"}`},
		{"deadline", `{"from":"1970-01-01","days":0,"unit":"day"}`, `{"due":"1970-01-01"}`},
		{"deadline", `{"from":"2030-09-28","days":5,"unit":"workday"}`, `{"due":"2030-10-04","weekends_only":[2030]}`},
		{"deadline", `{"from":"2026-12-30","days":3,"unit":"workday"}`, `{"due":"2027-01-04","weekends_only":[2027]}`},
		{"deadline", `{"from":"2026-12-25","days":2,"unit":"workday"}`, `{"due":"2026-12-29"}`},
		{"deadline", `{"from":"2026-12-31","days":2,"unit":"day","roll":true}`, `{"due":"2027-01-04","weekends_only":[2027]}`},
		{"deadline", `{"from":"2026-12-31","days":2,"unit":"day"}`, `{"due":"2027-01-02"}`},
		{"deadline", `{"from":"2003-12-30","days":3,"unit":"workday"}`, `{"due":"2004-01-05","weekends_only":[2003]}`},
		{"vote", `{"of":90,"rule":"half_or_more"}`, `{"needed":45}`},
		{"vote", `{"of":90,"rule":"more_than_half"}`, `{"needed":46}`},
		{"vote", `{"of":90,"rule":"two_thirds"}`, `{"needed":60}`},
		{"vote", `{"of":1000000000,"rule":"two_thirds"}`, `{"needed":666666667}`},
		{"pay", `{"text":"面议"}`, `{"runes":2}`},
		{"pay", `{"text":""}`, `{"error":"room.text: empty"}`},
	} {
		require.Equal(t, c.want+"\n", run(t, c.name, c.in), c.in)
	}
}

func TestBadLines(t *testing.T) {
	for name, lines := range map[string][]string{
		"ident": {
			`{"kind":"passport","value":"1"}`, `{"kind":"resident_id"}`, `{"value":"1"}`, `{"kind":"resident_id","value":null}`,
			`{"kind":"resident_id","value":370101199001010013}`, `{"kind":["resident_id"],"value":"1"}`, `{}`,
		},
		"deadline": {
			`{"from":"2020-02-30","days":5,"unit":"day"}`, `{"from":"","days":5,"unit":"day"}`, `{"days":5,"unit":"day"}`,
			`{"from":"2020-01-01","unit":"day"}`, `{"from":"2020-01-01","days":5}`, `{"from":"2020-01-01","days":5,"unit":"month"}`,
			`{"from":"2020-01-01","days":-1,"unit":"day"}`, `{"from":"2020-01-01","days":1.5,"unit":"day"}`,
			`{"from":"2020-01-01","days":"5","unit":"day"}`, `{"from":"2020-01-01","days":99999999999999999999,"unit":"day"}`,
			`{"from":"2020-01-01","days":36526,"unit":"workday"}`, `{"from":"9999-12-31","days":1,"unit":"day"}`,
			`{"from":"2020-01-01","days":5,"unit":"day","roll":"yes"}`, `{"from":20200101,"days":5,"unit":"day"}`,
		},
		"vote": {
			`{"of":0,"rule":"two_thirds"}`, `{"of":-3,"rule":"two_thirds"}`, `{"of":1e30,"rule":"two_thirds"}`, `{"of":1000000001,"rule":"two_thirds"}`,
			`{"of":9.5,"rule":"two_thirds"}`, `{"rule":"two_thirds"}`, `{"of":9}`, `{"of":9,"rule":"most"}`, `{"of":"9","rule":"two_thirds"}`, `{"of":9,"rule":2}`,
		},
		"pay": {`{}`, `{"text":5}`, `{"text":null}`},
	} {
		for _, line := range append(lines, `x`, `null`, `[]`, `"{}"`, `{`, `{"a":1}{"b":2}`, `{} trailing`, "{\"text\":\"\xff\"}", "\x00") {
			out := run(t, name, line+"\n")
			var got map[string]string
			require.NoError(t, json.Unmarshal([]byte(out), &got), "%s: %s", line, out)
			require.NotEmpty(t, got["error"], "%s %s: %s", name, line, out)
			require.Len(t, got, 1, out)
			require.Equal(t, 1, strings.Count(out, "\n"))
		}
	}
}

func TestOneAnswerALineInOrder(t *testing.T) {
	long := `{"of":3,"rule":"two_thirds","pad":"` + strings.Repeat("x", calc.MaxLine-len(`{"of":3,"rule":"two_thirds","pad":""}`)) + `"}`
	require.Equal(t, calc.MaxLine, len(long)) //nolint:testifylint // Len would print the megabyte
	in := "\ufeff" + `{"of":1,"rule":"two_thirds"}` + "\r\n\n  \n" + "rubbish\n" + long + "\r\n" + "x" + long + "\n" +
		strings.Repeat("{", 3*calc.MaxLine) + "\n" + `{"of":90,"rule":"two_thirds"}` // no line end
	require.Equal(t, []string{
		`{"needed":1}`, `{"error":"line: empty"}`, `{"error":"line: empty"}`, `{"error":"line: not a JSON object"}`, `{"needed":2}`,
		`{"error":"line: longer than 1048576 bytes"}`, `{"error":"line: longer than 1048576 bytes"}`, `{"needed":60}`, "",
	}, strings.Split(run(t, "vote", in), "\n"))
	require.Empty(t, run(t, "vote", ""))
	require.Empty(t, run(t, "vote", "\ufeff"))
	require.Equal(t, strings.Repeat(`{"error":"line: empty"}`+"\n", 3), run(t, "vote", "\n \t\r\n "))
}

// A nested line must not exhaust the stack.
func TestDeepNesting(t *testing.T) {
	out := run(t, "vote", `{"of":`+strings.Repeat("[", 400_000)+strings.Repeat("]", 400_000)+`,"rule":"two_thirds"}`)
	require.Contains(t, out, `"error"`)
}

func TestUnknownCalculator(t *testing.T) {
	err := calc.Run(calc.Kit(), "taxes", strings.NewReader("{}"), io.Discard)
	require.True(t, fault.HasCode(err, "calc.unknown"))
	require.Equal(t, "deadline, ident, size, vote", fault.As(err).Params["Names"])
}

func TestReadAndWriteErrorsEndTheRun(t *testing.T) {
	broken := errors.New("broken pipe")
	in := io.MultiReader(strings.NewReader(`{"of":90,"rule":"two_thirds"}`+"\n"), iotest.ErrReader(broken))
	var out bytes.Buffer
	require.ErrorIs(t, calc.Run(calc.Kit(), "vote", in, &out), broken)
	require.Equal(t, "{\"needed\":60}\n", out.String(), "what was answered is written")
	r, w := io.Pipe()
	require.NoError(t, r.CloseWithError(broken))
	require.ErrorIs(t, calc.Run(calc.Kit(), "vote", strings.NewReader("{}\n"), w), broken)
}

// An answer comes before the next question is asked.
func TestAnswersAtOnce(t *testing.T) {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- calc.Run(calc.Kit(), "vote", inR, outW) }()
	for range 2 {
		_, err := inW.Write([]byte(`{"of":90,"rule":"two_thirds"}` + "\n"))
		require.NoError(t, err)
		got := make([]byte, len("{\"needed\":60}\n"))
		_, err = io.ReadFull(outR, got)
		require.NoError(t, err)
	}
	require.NoError(t, inW.Close())
	require.NoError(t, <-done)
}

// answersOne holds what every calculator promises for any input.
func answersOne(t *testing.T, name string, line []byte) {
	var out bytes.Buffer
	require.NoError(t, calc.Run(calc.Kit(), name, bytes.NewReader(line), &out))
	var want int
	lines := bytes.Split(bytes.TrimPrefix(line, []byte("\ufeff")), []byte("\n"))
	for i, l := range lines {
		if len(l) > 0 || i+1 < len(lines) {
			want++
		}
	}
	require.Equal(t, want, bytes.Count(out.Bytes(), []byte("\n")))
	for _, l := range bytes.Split(bytes.TrimSuffix(out.Bytes(), []byte("\n")), []byte("\n")) {
		if want > 0 {
			require.True(t, json.Valid(l), "%q", l)
		}
	}
}

func FuzzIdent(f *testing.F) {
	f.Add([]byte(`{"kind":"resident_id","value":"370101199001010013"}`))
	f.Add([]byte(`{"kind":"credit_code","value":"A1371525M48B56E02D"}`))
	f.Add([]byte(`{"kind":"bank_card","value":"6200000000000005济"}`))
	f.Fuzz(func(t *testing.T, line []byte) { answersOne(t, "ident", line) })
}

func FuzzDeadline(f *testing.F) {
	f.Add([]byte(`{"from":"2020-03-17","days":20,"unit":"day","roll":true}`))
	f.Add([]byte(`{"from":"2020-09-30","days":36525,"unit":"workday"}`))
	f.Fuzz(func(t *testing.T, line []byte) { answersOne(t, "deadline", line) })
}
