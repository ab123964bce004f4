-- +goose Up

CREATE TABLE dues_files (
    city_code     text NOT NULL,
    id            text NOT NULL,
    org_path      text NOT NULL,                -- the union that took it in
    name          text NOT NULL,
    sha256        text NOT NULL,
    rows          bigint NOT NULL,              -- control totals, stated and counted
    payroll_fen   bigint NOT NULL,
    paid_fen      bigint NOT NULL,
    done_rows     bigint NOT NULL DEFAULT 0,    -- of an interrupted run
    lines         bigint NOT NULL DEFAULT 0,
    failed        bigint NOT NULL DEFAULT 0,    -- rows that are no lines
    repeated      bigint NOT NULL DEFAULT 0,    -- lines that were there before
    breaks        bigint NOT NULL DEFAULT 0,
    state         text NOT NULL,                -- running taken signed
    union_by      text NOT NULL DEFAULT '',     -- who signed for the union
    union_at      timestamp,
    tax_by        text NOT NULL DEFAULT '',     -- who signed for the tax office
    tax_at        timestamp,
    version       integer NOT NULL DEFAULT 1,
    created_by    text NOT NULL,
    created_at    timestamp NOT NULL,
    PRIMARY KEY (city_code, id),
    CONSTRAINT dues_files_sha256_key UNIQUE (city_code, sha256)
);
CREATE INDEX dues_files_path_idx ON dues_files (org_path, created_at);

CREATE TABLE dues_lines (
    city_code     text NOT NULL,
    id            text NOT NULL,
    org_path      text NOT NULL,
    file_id       text NOT NULL,
    file_row      integer NOT NULL,
    company_city  text NOT NULL DEFAULT '',     -- '' = nobody was found
    company_id    text NOT NULL DEFAULT '',
    matched_by    text NOT NULL DEFAULT '',     -- credit_code name
    confidence    integer NOT NULL DEFAULT 0,   -- percent
    credit_code   text NOT NULL,
    name          text NOT NULL,
    office        text NOT NULL DEFAULT '',
    item          text NOT NULL,                -- dues preparation
    month         text NOT NULL,                -- first day of the month it is for
    payroll_fen   bigint NOT NULL,
    rate          bigint NOT NULL,              -- millionths
    due_fen       bigint NOT NULL,
    paid_fen      bigint NOT NULL,
    voucher       text NOT NULL,
    paid_on       text NOT NULL,
    arrived_fen   bigint,                       -- on the union's account; NULL = not yet
    PRIMARY KEY (city_code, id),
    CONSTRAINT dues_lines_voucher_key UNIQUE (city_code, voucher),
    CONSTRAINT dues_lines_file_fk FOREIGN KEY (city_code, file_id) REFERENCES dues_files (city_code, id)
);
CREATE INDEX dues_lines_company_idx ON dues_lines (city_code, company_id, month);
CREATE INDEX dues_lines_file_idx ON dues_lines (city_code, file_id, file_row);

CREATE TABLE dues_receipts (
    city_code     text NOT NULL,
    id            text NOT NULL,
    org_path      text NOT NULL,
    serial        text NOT NULL,                -- the bank's number of the entry
    voucher       text NOT NULL,
    amount_fen    bigint NOT NULL,
    on_day        text NOT NULL,
    line_id       text NOT NULL DEFAULT '',     -- '' = no line yet
    PRIMARY KEY (city_code, id),
    CONSTRAINT dues_receipts_serial_key UNIQUE (city_code, serial)
);
CREATE INDEX dues_receipts_voucher_idx ON dues_receipts (city_code, voucher);

CREATE TABLE dues_breaks (
    city_code      text NOT NULL,
    id             text NOT NULL,
    org_path       text NOT NULL,
    file_id        text NOT NULL,
    line_id        text NOT NULL DEFAULT '',
    file_row       integer NOT NULL DEFAULT 0,
    kind           text NOT NULL,
    credit_code    text NOT NULL DEFAULT '',
    voucher        text NOT NULL DEFAULT '',
    month          text NOT NULL DEFAULT '',
    difference_fen bigint NOT NULL,
    state          text NOT NULL,               -- open cleared written_off
    opened_on      text NOT NULL,
    due_on         text NOT NULL,
    note           text NOT NULL DEFAULT '',
    cleared_by     text NOT NULL DEFAULT '',
    cleared_at     timestamp,
    version        integer NOT NULL DEFAULT 1,
    PRIMARY KEY (city_code, id),
    CONSTRAINT dues_breaks_kind_key UNIQUE (city_code, file_id, kind, voucher, file_row),
    CONSTRAINT dues_breaks_file_fk FOREIGN KEY (city_code, file_id) REFERENCES dues_files (city_code, id)
);
CREATE INDEX dues_breaks_path_idx ON dues_breaks (org_path, state, due_on);
