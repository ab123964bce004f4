-- +goose Up

-- ref: dated parameters ---------------------------------------------------------------
-- What the program shipped, once for each edition, so that old decisions can be made again.
CREATE TABLE rule_editions (
    digest     text PRIMARY KEY,                -- SHA-256 of the body
    body       text NOT NULL,                   -- JSON
    created_at timestamp NOT NULL
);

-- What was decided. Rows are added and closed, never changed otherwise.
CREATE TABLE rule_entries (
    id          text PRIMARY KEY,
    param       text NOT NULL,                  -- room.name
    place       text NOT NULL,                  -- 37, 3701, 370102
    valid_from  text NOT NULL,
    valid_to    text NOT NULL DEFAULT '',       -- last day; empty = open
    value       text NOT NULL,                  -- JSON
    citation    text NOT NULL,
    basis       text NOT NULL,                  -- fact known assumed
    since_seq   bigint NOT NULL,                -- version of the book that brought it
    until_seq   bigint NOT NULL DEFAULT 0,      -- version that replaced it; 0 = still
    change_city text NOT NULL,
    change_id   text NOT NULL,
    approved_by text NOT NULL,
    approved_at timestamp NOT NULL
);
CREATE INDEX rule_entries_seq_idx ON rule_entries (since_seq);

-- city: changes and decisions -----------------------------------------------------------
CREATE TABLE rule_changes (
    city_code   text NOT NULL,
    id          text NOT NULL,                  -- the case's id
    number      text NOT NULL,
    org_path    text NOT NULL,      -- the place's unit
    param       text NOT NULL,
    place       text NOT NULL,
    valid_from  text NOT NULL,
    valid_to    text NOT NULL DEFAULT '',
    value       text NOT NULL,                  -- JSON
    citation    text NOT NULL,
    basis       text NOT NULL,
    reason      text NOT NULL,
    replaces    text NOT NULL DEFAULT '',       -- id of an entry
    state       text NOT NULL,
    trial       text NOT NULL DEFAULT '',       -- JSON
    tried_at    timestamp,
    edit_no     integer NOT NULL DEFAULT 1,     -- a trial belongs to one writing
    edited_by   text NOT NULL,
    edited_name text NOT NULL,
    created_at  timestamp NOT NULL,
    updated_at  timestamp NOT NULL,
    PRIMARY KEY (city_code, id)
);
CREATE INDEX rule_changes_path_idx ON rule_changes (org_path, created_at);
CREATE INDEX rule_changes_param_idx ON rule_changes (param, created_at);

CREATE TABLE rule_decisions (
    city_code    text NOT NULL,
    id           text NOT NULL,
    org_path     text NOT NULL,
    rule         text NOT NULL,                 -- room.rule
    edition      integer NOT NULL,              -- of the rule's code
    subject_kind text NOT NULL,
    subject_id   text NOT NULL,
    person_id    text NOT NULL DEFAULT '',
    company_id   text NOT NULL DEFAULT '',
    place        text NOT NULL,
    on_day       text NOT NULL,
    book_version text NOT NULL,
    facts        text NOT NULL DEFAULT '',      -- JSON: inputs and trace
    facts_enc    blob,                          -- the same, sealed, where they are personal
    used         text NOT NULL,                 -- JSON: the parameters as they were
    result       text NOT NULL,
    amount_fen   bigint NOT NULL DEFAULT 0,
    decided_by   text NOT NULL,
    decided_at   timestamp NOT NULL,
    PRIMARY KEY (city_code, id)
);
CREATE INDEX rule_decisions_subject_idx ON rule_decisions (city_code, subject_kind, subject_id);
CREATE INDEX rule_decisions_path_idx ON rule_decisions (org_path, decided_at);

-- +goose Down
DROP TABLE rule_decisions; DROP TABLE rule_changes; DROP TABLE rule_entries; DROP TABLE rule_editions;
