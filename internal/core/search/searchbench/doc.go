// Package searchbench measures core/search on a made-up corpus of job
// advertisements and, where a PostgreSQL is at hand, the same questions over
// the same tokens there. It prints one figure a line: name, value, unit.
package searchbench
