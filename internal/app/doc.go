// Package app is the only place that knows every room: it opens them in order,
// plugs them together, serves, and closes them in the reverse order.
//
// The command line (cmd/gonghui) parses and exits; what its commands do is here.
package app
