-- +goose Up

-- An entry belongs to the unit whose record was touched, so that each level reads its own part of the log.
ALTER TABLE audit_entries ADD COLUMN org_path text NOT NULL DEFAULT '';
CREATE INDEX audit_entries_at_idx ON audit_entries (at, id, org_path, action, subject_kind);
CREATE INDEX audit_entries_actor_idx ON audit_entries (actor_id, at, id, org_path);

-- local: what a call of the API with an Idempotency-Key was answered with
CREATE TABLE idempotency_keys (
    key_hash     text PRIMARY KEY,              -- keyed hash of caller and key
    request_hash text NOT NULL,                 -- keyed hash of operation and input
    status       integer NOT NULL,
    answer_enc   blob,
    created_at   timestamp NOT NULL,
    expires_at   timestamp NOT NULL
);
CREATE INDEX idempotency_keys_expires_idx ON idempotency_keys (expires_at);

-- +goose Down
DROP TABLE idempotency_keys;
DROP INDEX audit_entries_actor_idx;
DROP INDEX audit_entries_at_idx;
ALTER TABLE audit_entries DROP COLUMN org_path;
