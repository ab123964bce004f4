-- +goose Up

-- The months that the lines of a file are for; empty = it has no line.
ALTER TABLE dues_files ADD COLUMN from_month text NOT NULL DEFAULT '';
ALTER TABLE dues_files ADD COLUMN to_month text NOT NULL DEFAULT '';
UPDATE dues_files SET
    from_month = coalesce((SELECT min(l.month) FROM dues_lines AS l WHERE l.city_code = dues_files.city_code AND l.file_id = dues_files.id), ''),
    to_month = coalesce((SELECT max(l.month) FROM dues_lines AS l WHERE l.city_code = dues_files.city_code AND l.file_id = dues_files.id), '');

-- A line that takes another back, as it stood; the line that stands instead only
-- names it in corrects.
ALTER TABLE dues_lines ADD COLUMN reverses boolean NOT NULL DEFAULT false;
CREATE INDEX dues_lines_corrects_idx ON dues_lines (city_code, corrects) WHERE corrects <> '';

-- Lines that were sent although their voucher stands already, as they came.
CREATE TABLE dues_repeats (
    city_code     text NOT NULL,
    id            text NOT NULL,
    org_path      text COLLATE "C" NOT NULL,
    file_id       text NOT NULL,
    file_row      integer NOT NULL,
    credit_code   text NOT NULL,
    name          text NOT NULL,
    item          text NOT NULL,
    month         text NOT NULL,
    payroll_fen   bigint NOT NULL,
    paid_fen      bigint NOT NULL,
    voucher       text NOT NULL,
    PRIMARY KEY (city_code, id),
    CONSTRAINT dues_repeats_row_key UNIQUE (city_code, file_id, file_row),
    CONSTRAINT dues_repeats_file_fk FOREIGN KEY (city_code, file_id) REFERENCES dues_files (city_code, id)
);

-- What the tax office wants to stand instead of a line, and the union's answer.
CREATE TABLE dues_corrections (
    city_code     text NOT NULL,
    id            text NOT NULL,
    org_path      text COLLATE "C" NOT NULL,
    file_id       text NOT NULL,
    line_id       text NOT NULL,
    voucher       text NOT NULL,
    void          boolean NOT NULL DEFAULT false, -- nothing is to stand
    credit_code   text NOT NULL,
    name          text NOT NULL,
    item          text NOT NULL,
    month         text NOT NULL,
    payroll_fen   bigint NOT NULL,
    paid_fen      bigint NOT NULL,
    reason        text NOT NULL,
    state         text NOT NULL,                  -- open accepted declined
    asked_by      text NOT NULL,
    asked_at      timestamptz NOT NULL,
    answer        text NOT NULL DEFAULT '',
    answered_by   text NOT NULL DEFAULT '',
    answered_at   timestamptz,
    version       integer NOT NULL DEFAULT 1,
    PRIMARY KEY (city_code, id),
    CONSTRAINT dues_corrections_file_fk FOREIGN KEY (city_code, file_id) REFERENCES dues_files (city_code, id)
);
CREATE INDEX dues_corrections_path_idx ON dues_corrections (org_path, state, asked_at);
CREATE INDEX dues_corrections_file_idx ON dues_corrections (city_code, file_id, asked_at);
-- Of one line one correction at most waits for its answer.
CREATE UNIQUE INDEX dues_corrections_line_key ON dues_corrections (city_code, line_id) WHERE state = 'open';
