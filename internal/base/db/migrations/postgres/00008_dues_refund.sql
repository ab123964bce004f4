-- +goose Up

-- Who pays dues (缴费单位): what decides whether, and where to, a refund goes.
CREATE TABLE dues_payers (
    city_code        text NOT NULL,               -- custody of the company
    company_id       text NOT NULL,
    org_path         text COLLATE "C" NOT NULL,               -- the union that reviews: the township's where it is known
    credit_code      text NOT NULL DEFAULT '',
    name             text NOT NULL,
    payer_type       text NOT NULL DEFAULT 'general',
    size_class       text NOT NULL DEFAULT 'unclassified', -- micro small medium large unclassified
    size_industry    text NOT NULL DEFAULT '',    -- one of the sixteen
    size_by          text NOT NULL DEFAULT '',    -- rule hand; empty = nobody has looked
    size_source      text NOT NULL DEFAULT '',    -- the list that won
    size_year        integer NOT NULL DEFAULT 0,  -- of the figures
    size_conflict    boolean NOT NULL DEFAULT false, -- lists give other classes
    size_note        text NOT NULL DEFAULT '',    -- why by hand
    excluded         text NOT NULL DEFAULT '',    -- group financial; empty = not excluded
    excluded_note    text NOT NULL DEFAULT '',
    union_founded_on text NOT NULL DEFAULT '',    -- empty = it has none yet
    union_approval   text NOT NULL DEFAULT '',    -- number of the founding's approval
    account_name     text NOT NULL DEFAULT '',
    account_kind     text NOT NULL DEFAULT '',    -- union company personal; empty = no account
    account_enc      bytea,
    account_mask     text NOT NULL DEFAULT '',
    account_hash     text NOT NULL DEFAULT '',
    account_bank     text NOT NULL DEFAULT '',    -- number of the branch in CNAPS
    account_bank_as  text NOT NULL DEFAULT '',    -- its name
    account_since    text NOT NULL DEFAULT '',
    qr_hash          text NOT NULL DEFAULT '',    -- of the code on the company's letter
    qr_until         text NOT NULL DEFAULT '',
    version          integer NOT NULL DEFAULT 1,
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (city_code, company_id)
);
CREATE INDEX dues_payers_path_idx ON dues_payers (org_path, company_id);
CREATE INDEX dues_payers_account_idx ON dues_payers (account_hash) WHERE account_hash <> '';
CREATE INDEX dues_payers_qr_idx ON dues_payers (qr_hash) WHERE qr_hash <> '';

-- What both sides agree on of a line, and whose it is: written when the line comes
-- in, corrected where the bank says otherwise, fixed once its file is signed. A
-- correction after that is a line of its own.
ALTER TABLE dues_lines ADD COLUMN corrects text NOT NULL DEFAULT '';          -- id of a line
ALTER TABLE dues_lines ADD COLUMN counted_fen bigint NOT NULL DEFAULT 0;
ALTER TABLE dues_lines ADD COLUMN retained_fen bigint NOT NULL DEFAULT 0;
ALTER TABLE dues_lines ADD COLUMN national_fen bigint NOT NULL DEFAULT 0;
ALTER TABLE dues_lines ADD COLUMN province_fen bigint NOT NULL DEFAULT 0;
ALTER TABLE dues_lines ADD COLUMN city_fen bigint NOT NULL DEFAULT 0;
ALTER TABLE dues_lines ADD COLUMN county_fen bigint NOT NULL DEFAULT 0;
ALTER TABLE dues_lines ADD COLUMN refunded boolean NOT NULL DEFAULT false;    -- its month lies in a period of the full refund
ALTER TABLE dues_lines ADD COLUMN claim_id text NOT NULL DEFAULT '';          -- that gives it back
ALTER TABLE dues_lines ADD COLUMN part_claim_id text NOT NULL DEFAULT '';     -- that passes on the union's own part
ALTER TABLE dues_lines ADD COLUMN supplements text NOT NULL DEFAULT '';       -- id of the line that late money is for
ALTER TABLE dues_receipts ADD COLUMN booked boolean NOT NULL DEFAULT false;   -- in the ledger
ALTER TABLE dues_receipts ADD COLUMN file_id text NOT NULL DEFAULT '';        -- with which it was entered
CREATE INDEX dues_receipts_file_idx ON dues_receipts (city_code, file_id);

-- A list of refunds (返还名单), or the application of one company: one case.
CREATE TABLE dues_refunds (
    city_code     text NOT NULL,
    id            text NOT NULL,                  -- of the case too
    number        text NOT NULL,
    org_path      text COLLATE "C" NOT NULL,                  -- the county whose funds they are
    mode          text NOT NULL,                  -- list apply
    kind          text NOT NULL,                  -- refund part
    review_path   text COLLATE "C" NOT NULL,                  -- whose companies: a township's union, or the county
    from_month    text NOT NULL,
    to_month      text NOT NULL,
    rules_version text NOT NULL,
    claims        integer NOT NULL,
    amount_fen    bigint NOT NULL,
    company_id    text NOT NULL DEFAULT '',       -- of an application
    notice_until  text NOT NULL DEFAULT '',
    created_by    text NOT NULL,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (city_code, id)
);
CREATE INDEX dues_refunds_path_idx ON dues_refunds (org_path, created_at);

-- What one company gets.
CREATE TABLE dues_claims (
    city_code     text NOT NULL,                  -- of the books that pay
    id            text NOT NULL,
    refund_id     text NOT NULL,
    org_path      text COLLATE "C" NOT NULL,
    company_city  text NOT NULL,
    company_id    text NOT NULL,
    name          text NOT NULL,
    inputs        text NOT NULL,                  -- JSON: what the conditions were held against
    lines         integer NOT NULL,
    paid_fen      bigint NOT NULL,                -- what it rests on
    amount_fen    bigint NOT NULL,
    national_fen  bigint NOT NULL,
    province_fen  bigint NOT NULL,
    city_fen      bigint NOT NULL,
    county_fen    bigint NOT NULL,
    retained_fen  bigint NOT NULL,
    state         text NOT NULL,                  -- listed held struck approved kept ordered paid bounced clawback recovered
    holds         text NOT NULL DEFAULT '',       -- why somebody should look again
    reason        text NOT NULL DEFAULT '',
    looked_by     text NOT NULL DEFAULT '',
    payment_id    text NOT NULL DEFAULT '',       -- the latest
    paid_on       text NOT NULL DEFAULT '',
    version       integer NOT NULL DEFAULT 1,
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (city_code, id),
    CONSTRAINT dues_claims_refund_fk FOREIGN KEY (city_code, refund_id) REFERENCES dues_refunds (city_code, id)
);
CREATE INDEX dues_claims_refund_idx ON dues_claims (city_code, refund_id, state, id);
CREATE INDEX dues_claims_company_idx ON dues_claims (company_city, company_id);
CREATE INDEX dues_claims_state_idx ON dues_claims (org_path, state, id);

-- An order to a bank.
CREATE TABLE dues_batches (
    city_code    text NOT NULL,
    id           text NOT NULL,
    number       text NOT NULL,
    org_path     text COLLATE "C" NOT NULL,
    message_id   text NOT NULL,
    bank         text NOT NULL,                   -- which way its file is written
    state        text NOT NULL,                   -- prepared approved sent done
    payments     integer NOT NULL,
    amount_fen   bigint NOT NULL,
    execute_on   text NOT NULL,
    hold_id      text NOT NULL DEFAULT '',
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL,
    approved_by  text NOT NULL DEFAULT '',
    approved_at  timestamptz,
    sent_at      timestamptz,
    version      integer NOT NULL DEFAULT 1,
    PRIMARY KEY (city_code, id),
    CONSTRAINT dues_batches_message_key UNIQUE (city_code, message_id)
);
CREATE INDEX dues_batches_path_idx ON dues_batches (org_path, created_at);

CREATE TABLE dues_payments (
    city_code    text NOT NULL,
    id           text NOT NULL,                   -- the bank gives it back
    org_path     text COLLATE "C" NOT NULL,
    batch_id     text NOT NULL,
    claim_id     text NOT NULL,
    name         text NOT NULL,
    amount_fen   bigint NOT NULL,
    account_enc  bytea,
    account_mask text NOT NULL,
    account_hash text NOT NULL,
    account_bank text NOT NULL DEFAULT '',
    account_bank_as text NOT NULL DEFAULT '',
    state        text NOT NULL,                   -- ready pending settled rejected returned dropped doubled
    reason       text NOT NULL DEFAULT '',
    info         text NOT NULL DEFAULT '',
    reference    text NOT NULL DEFAULT '',
    answered_at  timestamptz,
    version      integer NOT NULL DEFAULT 1,
    PRIMARY KEY (city_code, id),
    CONSTRAINT dues_payments_batch_fk FOREIGN KEY (city_code, batch_id) REFERENCES dues_batches (city_code, id)
);
CREATE INDEX dues_payments_batch_idx ON dues_payments (city_code, batch_id, id);
-- No claim has two payments that may still move money.
CREATE UNIQUE INDEX dues_payments_claim_key ON dues_payments (city_code, claim_id) WHERE state IN ('ready', 'pending', 'settled');

-- What a bank said, and what of it cannot be.
CREATE TABLE dues_answers (
    city_code   text NOT NULL,
    id          text NOT NULL,
    org_path    text COLLATE "C" NOT NULL,
    batch_id    text NOT NULL,
    sha256      text NOT NULL,
    settled     integer NOT NULL,
    rejected    integer NOT NULL,
    pending     integer NOT NULL,
    problems    text NOT NULL,                    -- JSON, opaque to SQL
    received_at timestamptz NOT NULL,
    received_by text NOT NULL,
    PRIMARY KEY (city_code, id),
    CONSTRAINT dues_answers_sha256_key UNIQUE (city_code, sha256)
);
CREATE INDEX dues_answers_batch_idx ON dues_answers (city_code, batch_id, received_at);
