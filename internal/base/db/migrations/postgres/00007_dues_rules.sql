-- +goose Up

-- The version of the rules that a file's lines are held against: what was begun
-- under some rules ends under them.
ALTER TABLE dues_files ADD COLUMN rules_version text NOT NULL DEFAULT '';
