-- +goose Up

-- city: the books -----------------------------------------------------------------------------
CREATE TABLE ledger_accounts (
    city_code text NOT NULL,
    id        text NOT NULL,
    unit_id   text NOT NULL,                    -- whose books
    org_path  text COLLATE "C" NOT NULL,
    fund      text NOT NULL,
    code      text NOT NULL,                    -- of the chart that rooms register
    party     text NOT NULL DEFAULT '',         -- with whom: a company's id …
    kind      text NOT NULL,                    -- asset liability equity income expense
    name      text NOT NULL DEFAULT '',
    guarded   boolean NOT NULL DEFAULT false,   -- never below zero, holds included
    closed_on text NOT NULL DEFAULT '',
    opened_at timestamptz NOT NULL,
    PRIMARY KEY (city_code, id),
    CONSTRAINT ledger_accounts_place_key UNIQUE (city_code, unit_id, fund, code, party)
);
CREATE INDEX ledger_accounts_path_idx ON ledger_accounts (org_path, fund, code, id);

-- What an account holds now; debit and credit only grow.
CREATE TABLE ledger_balances (
    city_code  text NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    debit_fen  bigint NOT NULL DEFAULT 0,
    credit_fen bigint NOT NULL DEFAULT 0,
    held_fen   bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (city_code, account_id)
);

-- Append-only. No foreign keys here and below: each would cost a look per row;
-- the ledger's own check covers them.
CREATE TABLE ledger_entries (
    city_code    text NOT NULL,
    seq          bigint NOT NULL,               -- voucher number, without a gap
    key          text COLLATE "C" NOT NULL,                 -- idempotency key
    input_hash   bytea NOT NULL,                 -- SHA-256 of what was given
    booked_on    text COLLATE "C" NOT NULL,
    known_on     text COLLATE "C" NOT NULL,                 -- day of recording, never falls along the chain
    recorded_at  timestamptz NOT NULL,
    kind         text NOT NULL,
    subject_kind text NOT NULL,
    subject_id   text NOT NULL,
    memo_key     text NOT NULL,
    memo_params  text NOT NULL,                 -- JSON, opaque to SQL
    reverses     bigint,
    outbox_id    text NOT NULL,                 -- joins the two halves of a transfer between cities
    actor_id     text NOT NULL,
    hash         bytea NOT NULL,                 -- chained to the entry before
    PRIMARY KEY (city_code, seq),
    CONSTRAINT ledger_entries_key_key UNIQUE (city_code, key)
);
CREATE UNIQUE INDEX ledger_entries_reverses_key ON ledger_entries (city_code, reverses) WHERE reverses IS NOT NULL;
CREATE INDEX ledger_entries_outbox_idx ON ledger_entries (outbox_id) WHERE outbox_id <> '';

CREATE TABLE ledger_lines (
    city_code  text NOT NULL,
    seq        bigint NOT NULL,
    no         integer NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    booked_on  text COLLATE "C" NOT NULL,
    side       text NOT NULL,                   -- D C
    fen        bigint NOT NULL,
    PRIMARY KEY (city_code, seq, no)
);
CREATE INDEX ledger_lines_account_idx ON ledger_lines (city_code, account_id, booked_on, seq, no, side, fen);

-- Sums by the day booked and the day known, and by the month booked.
CREATE TABLE ledger_days (
    city_code  text NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    booked_on  text COLLATE "C" NOT NULL,
    known_on   text COLLATE "C" NOT NULL,
    debit_fen  bigint NOT NULL,
    credit_fen bigint NOT NULL,
    lines      bigint NOT NULL,
    PRIMARY KEY (city_code, account_id, booked_on, known_on)
);

CREATE TABLE ledger_months (
    city_code    text NOT NULL,
    account_id   text COLLATE "C" NOT NULL,
    booked_month text COLLATE "C" NOT NULL,                 -- 2020-07
    known_on     text COLLATE "C" NOT NULL,
    debit_fen    bigint NOT NULL,
    credit_fen   bigint NOT NULL,
    lines        bigint NOT NULL,
    PRIMARY KEY (city_code, account_id, booked_month, known_on)
);

CREATE TABLE ledger_heads (
    city_code text PRIMARY KEY,
    seq       bigint NOT NULL,
    hash      bytea NOT NULL,
    known_on  text COLLATE "C" NOT NULL
);

-- Where the chain stood at the end of a day.
CREATE TABLE ledger_closings (
    city_code text NOT NULL,
    known_on  text COLLATE "C" NOT NULL,
    seq       bigint NOT NULL,
    hash      bytea NOT NULL,
    PRIMARY KEY (city_code, known_on)
);

CREATE TABLE ledger_holds (
    city_code    text NOT NULL,
    id           text NOT NULL,
    key          text COLLATE "C" NOT NULL,
    account_id   text COLLATE "C" NOT NULL,
    fen          bigint NOT NULL,
    subject_kind text NOT NULL,
    subject_id   text NOT NULL,
    state        text NOT NULL,                 -- held captured released
    entry_seq    bigint,                        -- what captured it
    actor_id     text NOT NULL,
    held_at      timestamptz NOT NULL,
    ended_at     timestamptz,
    PRIMARY KEY (city_code, id),
    CONSTRAINT ledger_holds_key_key UNIQUE (city_code, key)
);
CREATE INDEX ledger_holds_account_idx ON ledger_holds (city_code, account_id, state);

CREATE TABLE ledger_periods (
    city_code   text NOT NULL,
    unit_id     text NOT NULL,                  -- empty = the whole city
    month       text NOT NULL,
    closed      boolean NOT NULL,
    closed_by   text NOT NULL,
    closed_at   timestamptz NOT NULL,
    seq         bigint NOT NULL,                -- where the chain stood
    reopened_by text NOT NULL DEFAULT '',
    reopened_at timestamptz,
    reason      text NOT NULL DEFAULT '',
    PRIMARY KEY (city_code, unit_id, month)
);
