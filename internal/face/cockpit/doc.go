// Package cockpit is the face for leaders: targets, progress, the records behind them.
package cockpit
