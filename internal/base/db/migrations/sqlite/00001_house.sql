-- +goose Up

-- local: settings, accounts, sessions -------------------------------------------------
CREATE TABLE settings (
    name       text PRIMARY KEY,
    value      text NOT NULL,
    updated_at timestamp NOT NULL
);

CREATE TABLE accounts (
    id              text PRIMARY KEY,
    kind            text NOT NULL,              -- worker | staff
    login           text,                       -- staff sign-in name
    phone_hash      text,                       -- keyed hash of the phone number
    phone_enc       blob,
    phone_mask      text NOT NULL DEFAULT '',
    person_city     text NOT NULL DEFAULT '',
    person_id       text NOT NULL DEFAULT '',
    name            text NOT NULL DEFAULT '',
    password_hash   text NOT NULL DEFAULT '',
    totp_enc        blob,
    totp_required   boolean NOT NULL DEFAULT false,
    totp_last_step  bigint NOT NULL DEFAULT 0,  -- a TOTP code is good once
    failed_tries    integer NOT NULL DEFAULT 0,
    locked_until    timestamp,
    lang            text NOT NULL DEFAULT '',
    disabled_at     timestamp,
    created_at      timestamp NOT NULL,
    last_sign_in_at timestamp,
    CONSTRAINT accounts_login_key UNIQUE (login),
    CONSTRAINT accounts_phone_hash_key UNIQUE (phone_hash)
);
CREATE INDEX accounts_person_idx ON accounts (person_id);

CREATE TABLE sessions (
    token_hash text PRIMARY KEY,
    account_id text NOT NULL DEFAULT '',
    data       blob NOT NULL,
    expires_at timestamp NOT NULL
);
CREATE INDEX sessions_expires_idx ON sessions (expires_at);
CREATE INDEX sessions_account_idx ON sessions (account_id);

CREATE TABLE sms_codes (
    id         text PRIMARY KEY,
    phone_hash text NOT NULL,
    code_hash  text NOT NULL,
    sent_at    timestamp NOT NULL,
    expires_at timestamp NOT NULL,
    tries      integer NOT NULL DEFAULT 0,
    used_at    timestamp
);
CREATE INDEX sms_codes_phone_idx ON sms_codes (phone_hash, sent_at);

-- A grant is account + role + unit, or + company for people who act for one.
CREATE TABLE grants (
    id           text PRIMARY KEY,
    account_id   text NOT NULL,
    role         text NOT NULL,
    unit_id      text NOT NULL DEFAULT '',
    company_city text NOT NULL DEFAULT '',
    company_id   text NOT NULL DEFAULT '',
    granted_by   text NOT NULL,
    created_at   timestamp NOT NULL,
    expires_on   text NOT NULL DEFAULT '',
    revoked_at   timestamp
);
CREATE INDEX grants_account_idx ON grants (account_id);
CREATE INDEX grants_company_idx ON grants (company_id);

CREATE TABLE roles (
    code         text PRIMARY KEY,
    capabilities text NOT NULL,                 -- space-separated, sorted
    built_in     boolean NOT NULL DEFAULT true,
    version      integer NOT NULL DEFAULT 1
);

CREATE TABLE tokens (
    id           text PRIMARY KEY,
    token_hash   text NOT NULL,
    account_id   text NOT NULL,
    purpose      text NOT NULL,
    scope        text NOT NULL,                 -- space-separated capabilities
    created_at   timestamp NOT NULL,
    expires_at   timestamp NOT NULL,
    revoked_at   timestamp,
    last_used_at timestamp,
    CONSTRAINT tokens_hash_key UNIQUE (token_hash)
);
CREATE INDEX tokens_account_idx ON tokens (account_id);

-- A form sent twice gets the first answer again.
CREATE TABLE form_receipts (
    token_hash text PRIMARY KEY,
    location   text NOT NULL,
    created_at timestamp NOT NULL
);

-- ref: the union tree, province-wide registry, targets ------------------------------------
CREATE TABLE org_units (
    id            text PRIMARY KEY,
    code          text NOT NULL,                -- public number, stable
    kind          text NOT NULL,                -- province city county township industrial federation company
    name          text NOT NULL,
    name_en       text NOT NULL DEFAULT '',
    division_code text NOT NULL,
    city_code     text NOT NULL,                -- custody of the records it creates: 3701 … 3717, 3700
    parent_id     text NOT NULL DEFAULT '',
    path          text NOT NULL,
    company_city  text NOT NULL DEFAULT '',
    company_id    text NOT NULL DEFAULT '',
    zone          boolean NOT NULL DEFAULT false, -- a development zone: a reporting unit, no legal county
    founded_on    text NOT NULL DEFAULT '',
    dissolved_on  text NOT NULL DEFAULT '',
    version       integer NOT NULL DEFAULT 1,
    CONSTRAINT org_units_code_key UNIQUE (code),
    CONSTRAINT org_units_path_key UNIQUE (path)
);
CREATE INDEX org_units_parent_idx ON org_units (parent_id);
CREATE INDEX org_units_division_idx ON org_units (division_code);
CREATE INDEX org_units_company_idx ON org_units (company_id);

-- Where a unit stood, from day to day: the tree of any past day.
CREATE TABLE org_spans (
    unit_id    text NOT NULL,
    valid_from text NOT NULL,
    valid_to   text NOT NULL DEFAULT '',        -- exclusive; empty = still
    parent_id  text NOT NULL DEFAULT '',
    path       text NOT NULL,
    name       text NOT NULL,
    cause      text NOT NULL,                   -- founded moved renamed merged split dissolved
    PRIMARY KEY (unit_id, valid_from)
);
CREATE INDEX org_spans_path_idx ON org_spans (path);

CREATE TABLE registry (
    kind       text NOT NULL,                   -- resident_id credit_code phone company_name
    hash       text NOT NULL,                   -- keyed hash of the value
    city_code  text NOT NULL,
    subject_id text NOT NULL,
    PRIMARY KEY (kind, hash)
);
CREATE INDEX registry_subject_idx ON registry (subject_id);

CREATE TABLE figure_targets (
    indicator text NOT NULL,
    period    text NOT NULL,
    unit_id   text NOT NULL,
    org_path  text NOT NULL,
    target    bigint NOT NULL,
    due_on    text NOT NULL,
    citation  text NOT NULL DEFAULT '',
    PRIMARY KEY (indicator, period, unit_id)
);

-- city: people, companies ------------------------------------------------------------------
CREATE TABLE persons (
    city_code     text NOT NULL,
    id            text NOT NULL,
    org_path      text NOT NULL,
    name          text NOT NULL,
    sex           text NOT NULL DEFAULT '',     -- M F
    birth_on      text NOT NULL DEFAULT '',
    phone_enc     blob,
    phone_mask    text NOT NULL DEFAULT '',
    resident_enc  blob,
    resident_mask text NOT NULL DEFAULT '',
    division_code text NOT NULL DEFAULT '',
    education     integer NOT NULL DEFAULT 0,
    groups        text NOT NULL DEFAULT '',     -- space-separated codes
    version       integer NOT NULL DEFAULT 1,
    created_at    timestamp NOT NULL,
    updated_at    timestamp NOT NULL,
    PRIMARY KEY (city_code, id)
);
CREATE INDEX persons_path_idx ON persons (org_path, id);

CREATE TABLE consents (
    city_code    text NOT NULL,
    id           text NOT NULL,
    person_id    text NOT NULL,
    purpose      text NOT NULL,                 -- employment.share_phone …
    recipient    text NOT NULL DEFAULT '',      -- company id, unit id
    granted_at   timestamp NOT NULL,
    expires_at   timestamp,
    withdrawn_at timestamp,
    PRIMARY KEY (city_code, id),
    CONSTRAINT consents_person_fk FOREIGN KEY (city_code, person_id) REFERENCES persons (city_code, id)
);
CREATE INDEX consents_person_idx ON consents (city_code, person_id, purpose);

CREATE TABLE companies (
    city_code          text NOT NULL,
    id                 text NOT NULL,
    org_path           text NOT NULL,
    credit_code        text NOT NULL DEFAULT '',
    name               text NOT NULL,
    industry_code      text NOT NULL DEFAULT '',
    division_code      text NOT NULL DEFAULT '',
    address            text NOT NULL DEFAULT '',
    about              text NOT NULL DEFAULT '',
    contact_name       text NOT NULL DEFAULT '',
    contact_phone_enc  blob,
    contact_phone_mask text NOT NULL DEFAULT '',
    union_unit_id      text NOT NULL DEFAULT '', -- empty = no union yet: a lead for organising, no bar to hiring
    state              text NOT NULL,            -- listed submitted returned verified blocked
    version            integer NOT NULL DEFAULT 1,
    created_at         timestamp NOT NULL,
    updated_at         timestamp NOT NULL,
    PRIMARY KEY (city_code, id)
);
CREATE INDEX companies_path_idx ON companies (org_path, id);

CREATE TABLE company_facts (
    city_code  text NOT NULL,
    id         text NOT NULL,
    company_id text NOT NULL,
    kind       text NOT NULL,                   -- staff revenue assets
    year       integer NOT NULL,
    quantity   bigint NOT NULL,                 -- people, or fen
    source     text NOT NULL,
    stated_on  text NOT NULL,
    PRIMARY KEY (city_code, id),
    CONSTRAINT company_facts_company_fk FOREIGN KEY (city_code, company_id) REFERENCES companies (city_code, id)
);
CREATE INDEX company_facts_company_idx ON company_facts (city_code, company_id);

-- city: casework ---------------------------------------------------------------------------
CREATE TABLE cases (
    city_code   text NOT NULL,
    id          text NOT NULL,                  -- the id of the record the case is about
    number      text NOT NULL,                  -- public number
    kind        text NOT NULL,                  -- flow name: employment.vacancy …
    state       text NOT NULL,
    title       text NOT NULL,
    org_path    text NOT NULL,      -- the unit in charge
    person_id   text NOT NULL DEFAULT '',
    company_id  text NOT NULL DEFAULT '',
    waiting_for text NOT NULL DEFAULT '',       -- worker company desk; empty = nobody
    capability  text NOT NULL DEFAULT '',       -- what a desk user needs to take the next step
    due_at      timestamp,                    -- deadline of the present state
    paused_at   timestamp,
    version     integer NOT NULL DEFAULT 1,
    opened_at   timestamp NOT NULL,
    opened_by   text NOT NULL DEFAULT '',
    state_at    timestamp NOT NULL,
    closed_at   timestamp,
    PRIMARY KEY (city_code, id),
    CONSTRAINT cases_number_key UNIQUE (city_code, number)
);
-- What waits for the desk, by the deadline, for the province, a city and a county:
-- each kind and capability is one stretch of an index, read from its beginning.
CREATE INDEX cases_desk_idx ON cases (kind, capability, due_at, id, city_code) WHERE waiting_for = 'desk';
CREATE INDEX cases_desk_city_idx ON cases (substr(org_path, 1, 8), kind, capability, due_at, id, city_code, org_path) WHERE waiting_for = 'desk';
CREATE INDEX cases_desk_county_idx ON cases (substr(org_path, 1, 12), kind, capability, due_at, id, city_code, org_path) WHERE waiting_for = 'desk';
CREATE INDEX cases_person_idx ON cases (person_id);
CREATE INDEX cases_company_idx ON cases (company_id);

CREATE TABLE case_events (
    city_code  text NOT NULL,
    case_id    text NOT NULL,
    seq        integer NOT NULL,                -- = version of the case after the event
    event      text NOT NULL,
    from_state text NOT NULL,
    to_state   text NOT NULL,
    actor_id   text NOT NULL,
    actor_name text NOT NULL,
    actor_role text NOT NULL,                   -- worker company desk clock
    reason     text NOT NULL DEFAULT '',
    detail     text NOT NULL DEFAULT '',        -- JSON, opaque to SQL
    at         timestamp NOT NULL,
    PRIMARY KEY (city_code, case_id, seq),
    CONSTRAINT case_events_case_fk FOREIGN KEY (city_code, case_id) REFERENCES cases (city_code, id)
);

CREATE TABLE deadlines (
    city_code text NOT NULL,
    case_id   text NOT NULL,
    name      text NOT NULL,                    -- remind no_reply review expire …
    kind      text NOT NULL,                    -- flow name, so that one query finds all due
    due_at    timestamp NOT NULL,
    fired_at  timestamp,
    PRIMARY KEY (city_code, case_id, name),
    CONSTRAINT deadlines_case_fk FOREIGN KEY (city_code, case_id) REFERENCES cases (city_code, id)
);
CREATE INDEX deadlines_due_idx ON deadlines (fired_at, due_at);

-- city: figures, audit, notices, documents, batches, signals ----------------------------------
CREATE TABLE figure_facts (
    city_code     text NOT NULL,
    id            text NOT NULL,
    indicator     text NOT NULL,
    period        text NOT NULL,                -- 2020
    on_day        text NOT NULL,
    org_path      text NOT NULL,    -- statistical owner: county, zone or township
    subject       text NOT NULL,                -- person id where the definition counts people
    quantity      bigint NOT NULL,
    source_kind   text NOT NULL,                -- what earned it: employment.application …
    source_id     text NOT NULL,
    created_at    timestamp NOT NULL,
    PRIMARY KEY (city_code, id),
    CONSTRAINT figure_facts_subject_key UNIQUE (city_code, indicator, period, subject)
);
CREATE INDEX figure_facts_path_idx ON figure_facts (indicator, period, org_path, on_day);
CREATE INDEX figure_facts_created_idx ON figure_facts (indicator, period, created_at);

CREATE TABLE figure_rollups (
    city_code text NOT NULL,
    indicator text NOT NULL,
    period    text NOT NULL,
    org_path  text NOT NULL,
    on_day    text NOT NULL,
    quantity  bigint NOT NULL,
    facts     bigint NOT NULL,
    PRIMARY KEY (city_code, indicator, period, org_path, on_day)
);
CREATE INDEX figure_rollups_path_idx ON figure_rollups (indicator, period, org_path);

CREATE TABLE audit_entries (
    city_code    text NOT NULL,
    id           text NOT NULL,
    at           timestamp NOT NULL,
    actor_id     text NOT NULL,
    actor_name   text NOT NULL,
    action       text NOT NULL,                 -- room.verb
    subject_kind text NOT NULL,
    subject_id   text NOT NULL,
    person_id    text NOT NULL DEFAULT '',      -- whose data was touched
    purpose      text NOT NULL DEFAULT '',
    detail       text NOT NULL DEFAULT '',
    request_id   text NOT NULL DEFAULT '',
    digest       text NOT NULL,                 -- SHA-256 of the entry itself
    seq          bigint,                        -- place in the city's chain, set when sealed
    chain        text NOT NULL DEFAULT '',      -- SHA-256(previous chain, digest)
    PRIMARY KEY (city_code, id)
);
CREATE INDEX audit_entries_seq_idx ON audit_entries (city_code, seq);
CREATE INDEX audit_entries_subject_idx ON audit_entries (subject_id);
CREATE INDEX audit_entries_person_idx ON audit_entries (person_id, at);

CREATE TABLE audit_heads (
    city_code text PRIMARY KEY,
    seq       bigint NOT NULL,
    chain     text NOT NULL,
    sealed_at timestamp NOT NULL
);

CREATE TABLE notices (
    city_code  text NOT NULL,
    id         text NOT NULL,
    account_id text NOT NULL,
    template   text NOT NULL,
    params     text NOT NULL,                   -- JSON; masked values only
    link       text NOT NULL DEFAULT '',
    once_key   text NOT NULL,                   -- the same news is told once
    created_at timestamp NOT NULL,
    read_at    timestamp,
    PRIMARY KEY (city_code, id),
    CONSTRAINT notices_once_key UNIQUE (city_code, account_id, once_key)
);
CREATE INDEX notices_account_idx ON notices (account_id, created_at);

CREATE TABLE deliveries (
    city_code  text NOT NULL,
    id         text NOT NULL,
    notice_id  text NOT NULL DEFAULT '',
    channel    text NOT NULL,                   -- sms email
    address    text NOT NULL,                   -- masked
    state      text NOT NULL,                   -- queued sent failed
    tries      integer NOT NULL DEFAULT 0,
    problem    text NOT NULL DEFAULT '',
    created_at timestamp NOT NULL,
    sent_at    timestamp,
    PRIMARY KEY (city_code, id)
);
CREATE INDEX deliveries_notice_idx ON deliveries (city_code, notice_id);

CREATE TABLE documents (
    city_code    text NOT NULL,
    id           text NOT NULL,
    org_path     text NOT NULL,
    subject_kind text NOT NULL,
    subject_id   text NOT NULL,
    person_id    text NOT NULL DEFAULT '',
    company_id   text NOT NULL DEFAULT '',
    name         text NOT NULL,                 -- shown name, cleaned; never a path
    media_type   text NOT NULL,                 -- sniffed
    size         bigint NOT NULL,               -- bytes
    sha256       text NOT NULL,                 -- the blob's key
    created_by   text NOT NULL,
    created_at   timestamp NOT NULL,
    PRIMARY KEY (city_code, id)
);
CREATE INDEX documents_subject_idx ON documents (city_code, subject_id);

CREATE TABLE batches (
    city_code   text NOT NULL,
    id          text NOT NULL,
    org_path    text NOT NULL,
    kind        text NOT NULL,                  -- employment.jobs …
    name        text NOT NULL,
    sha256      text NOT NULL,
    size        bigint NOT NULL,                -- bytes
    mapping     text NOT NULL DEFAULT '',
    state       text NOT NULL,                  -- checking ready running done failed
    dry_run     boolean NOT NULL DEFAULT false,
    done_bytes  bigint NOT NULL DEFAULT 0,
    rows        bigint NOT NULL DEFAULT 0,
    imported    bigint NOT NULL DEFAULT 0,
    collapsed   bigint NOT NULL DEFAULT 0,
    unchanged   bigint NOT NULL DEFAULT 0,
    failed      bigint NOT NULL DEFAULT 0,
    error_blob  text NOT NULL DEFAULT '',
    sample      text NOT NULL DEFAULT '',       -- JSON: first broken rows
    problem     text NOT NULL DEFAULT '',
    created_by  text NOT NULL,
    created_at  timestamp NOT NULL,
    finished_at timestamp,
    PRIMARY KEY (city_code, id)
);
CREATE INDEX batches_path_idx ON batches (org_path, created_at);

CREATE TABLE signals (
    city_code  text NOT NULL,
    id         text NOT NULL,
    kind       text NOT NULL,                   -- employment.hired …
    person_id  text NOT NULL DEFAULT '',
    company_id text NOT NULL DEFAULT '',
    payload    text NOT NULL,                   -- JSON
    at         timestamp NOT NULL,
    PRIMARY KEY (city_code, id)
);
CREATE INDEX signals_person_idx ON signals (person_id, at);

-- A subscriber has handled a signal: the second delivery does nothing.
CREATE TABLE signal_receipts (
    city_code  text NOT NULL,
    signal_id  text NOT NULL,
    subscriber text NOT NULL,
    at         timestamp NOT NULL,
    PRIMARY KEY (city_code, signal_id, subscriber)
);

-- +goose Down
DROP TABLE signal_receipts; DROP TABLE signals; DROP TABLE batches; DROP TABLE documents; DROP TABLE deliveries;
DROP TABLE notices; DROP TABLE audit_heads; DROP TABLE audit_entries; DROP TABLE figure_rollups; DROP TABLE figure_facts;
DROP TABLE deadlines; DROP TABLE case_events; DROP TABLE cases; DROP TABLE company_facts; DROP TABLE companies;
DROP TABLE consents; DROP TABLE persons; DROP TABLE figure_targets; DROP TABLE registry; DROP TABLE org_spans;
DROP TABLE org_units; DROP TABLE form_receipts; DROP TABLE tokens; DROP TABLE roles; DROP TABLE grants;
DROP TABLE sms_codes; DROP TABLE sessions; DROP TABLE accounts; DROP TABLE settings;
