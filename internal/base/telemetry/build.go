package telemetry

import "runtime/debug"

// Build names the program that is running.
type Build struct {
	Version  string // module version, "(devel)" for a build from a checkout
	Revision string // commit, with "+" behind it when the checkout had changes; may be empty
	Go       string // version of Go
}

// ReadBuild reads what the Go toolchain wrote into the program.
func ReadBuild() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return Build{Version: "(unknown)"}
	}
	b := Build{Version: info.Main.Version, Go: info.GoVersion}
	changed := ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			if s.Value == "true" {
				changed = "+"
			}
		}
	}
	if b.Revision != "" {
		b.Revision += changed
	}
	return b
}
