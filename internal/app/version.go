package app

import (
	"strings"

	"gonghui/internal/base/telemetry"
)

// Version names the running program in one line.
func Version() string {
	b := telemetry.ReadBuild()
	return strings.Join(strings.Fields("gonghui "+b.Version+" "+b.Revision+" "+b.Go), " ")
}
