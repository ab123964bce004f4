package casework_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"gonghui/internal/core/access"
	"gonghui/internal/core/casework"
	"gonghui/internal/core/casework/flowtest"
	"gonghui/internal/kit/i18n"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestWalkOfTheTestFlow(t *testing.T) { flowtest.Walk(t, grant()) }

func TestCheckFindsMistakes(t *testing.T) {
	desk := []casework.Role{casework.Desk}
	for _, tc := range []struct {
		name  string
		spoil func(f *casework.Flow)
		says  string
	}{
		{"no name", func(f *casework.Flow) { f.Name = "" }, "has no name"},
		{"prefix", func(f *casework.Flow) { f.Prefix = "g1" }, "prefix"},
		{"no beginning", func(f *casework.Flow) { f.Initial = nil }, "no initial state"},
		{"unknown beginning", func(f *casework.Flow) { f.Initial = []string{"x"} }, "unknown"},
		{"state twice", func(f *casework.Flow) { f.States = append(f.States, casework.State{Name: "listed"}) }, "stands twice"},
		{"unreachable", func(f *casework.Flow) { f.States = append(f.States, casework.State{Name: "island", Final: true}) }, "cannot be reached"},
		{"dead end", func(f *casework.Flow) { f.States[4].Final = false }, "dead end"},
		{"final with a way out", func(f *casework.Flow) {
			f.Transitions = append(f.Transitions, casework.Transition{From: []string{"approved"}, Event: "again", To: "submitted", By: desk, Capability: access.CaseView})
		}, "has a way out"},
		{"final that waits", func(f *casework.Flow) { f.States[4].WaitingFor = casework.Worker }, "waits for something"},
		{"waits for someone helpless", func(f *casework.Flow) { f.States[0].WaitingFor = casework.Worker }, "can do nothing"},
		{"waits for a stranger", func(f *casework.Flow) { f.States[0].WaitingFor = "mayor" }, `waits for "mayor"`},
		{"desk without capability", func(f *casework.Flow) { f.States[1].Capability = "" }, "no capability"},
		{"unknown capability", func(f *casework.Flow) { f.States[1].Capability = access.Capability("vacancy.fly") }, "unknown capability"},
		{"a desk step for anyone", func(f *casework.Flow) { f.Transitions[0].By = desk }, "asks no capability"},
		{"a step with an unknown capability", func(f *casework.Flow) { f.Transitions[0].Capability = "vacancy.fly" }, "unknown capability"},
		{"event to nowhere", func(f *casework.Flow) { f.Transitions[0].To = "x" }, "unknown state"},
		{"event from nowhere", func(f *casework.Flow) { f.Transitions[0].From = []string{"listed", "x"} }, "unknown state"},
		{"event by nobody", func(f *casework.Flow) { f.Transitions[0].By = nil }, "nobody"},
		{"event by a stranger", func(f *casework.Flow) { f.Transitions[0].By = []string{"mayor"} }, "mayor"},
		{"two meanings", func(f *casework.Flow) {
			f.Transitions = append(f.Transitions, casework.Transition{From: []string{"submitted"}, Event: "check", To: "approved", By: desk})
		}, "two things"},
		{"event named open", func(f *casework.Flow) { f.Transitions[0].Event = casework.Opened }, "may not be called"},
		{"clock cannot fire", func(f *casework.Flow) { f.States[1].Deadlines[1].Event = "check" }, "cannot fire"},
		{"deadline twice", func(f *casework.Flow) { f.States[1].Deadlines[1].Name = "review" }, "no name of its own"},
		{"length without unit", func(f *casework.Flow) { f.States[1].Deadlines[0].Unit = "" }, "no length"},
		{"unknown due", func(f *casework.Flow) { f.States[1].Due = "x" }, "unknown deadline"},
		{"a circle without end", func(f *casework.Flow) {
			f.States = append(f.States, casework.State{Name: "a"}, casework.State{Name: "b"})
			f.Transitions = append(f.Transitions,
				casework.Transition{From: []string{"listed", "b"}, Event: "loop", To: "a", By: desk, Capability: access.CaseView},
				casework.Transition{From: []string{"a"}, Event: "loop", To: "b", By: desk, Capability: access.CaseView})
		}, "never comes to an end"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := grant()
			tc.spoil(&f)
			require.ErrorContains(t, f.Check(), tc.says)
		})
	}
	require.NoError(t, grant().Check())
}

func TestRegisterTwice(t *testing.T) {
	e := casework.New(casework.Deps{})
	require.NoError(t, e.Register(grant(), nil))
	require.ErrorContains(t, e.Register(grant(), nil), "twice")
	require.Len(t, e.Flows(), 1)
}

func TestDoc(t *testing.T) {
	for _, lang := range i18n.Langs {
		got := casework.Doc(grant(), lang)
		file := filepath.Join("testdata", "grant."+string(lang)+".md")
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
		}
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(want), got)
	}
}

func TestDocs(t *testing.T) {
	files := casework.Docs([]casework.Flow{grant()})
	require.Len(t, files, 3)
	require.Contains(t, files["README.md"], "(test.grant.en.md)")
	require.Equal(t, casework.Doc(grant(), i18n.ZH), files["test.grant.md"])
}
