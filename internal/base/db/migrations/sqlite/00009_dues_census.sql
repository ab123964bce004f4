-- +goose Up

-- What else a company was called, and whose credit codes it has taken over: what
-- lists still name it by.
CREATE TABLE company_formers (
    city_code  text NOT NULL,                   -- custody of the company
    id         text NOT NULL,
    company_id text NOT NULL,
    kind       text NOT NULL,                   -- former_name merged_code
    value      text NOT NULL,                   -- the name or the code
    from_city  text NOT NULL DEFAULT '',        -- the record of the company that was absorbed,
    from_id    text NOT NULL DEFAULT '',        -- where there is one
    from_on    text NOT NULL DEFAULT '',        -- first day of the name, or of the merger; empty = not known
    until_on   text NOT NULL DEFAULT '',        -- day the name ended; empty for codes
    reason     text NOT NULL,
    created_by text NOT NULL,
    created_at timestamp NOT NULL,
    PRIMARY KEY (city_code, id),
    CONSTRAINT company_formers_company_fk FOREIGN KEY (city_code, company_id) REFERENCES companies (city_code, id),
    CONSTRAINT company_formers_value_key UNIQUE (city_code, company_id, kind, value)
);
CREATE INDEX company_formers_from_idx ON company_formers (from_id) WHERE from_id <> '';

-- A list of companies with their figures, from the tax office, the statistics or
-- the market regulation.
CREATE TABLE dues_lists (
    city_code     text NOT NULL,
    id            text NOT NULL,
    org_path      text NOT NULL,
    source        text NOT NULL,                -- tax statistics market
    year          integer NOT NULL,             -- of the figures
    name          text NOT NULL,
    sha256        text NOT NULL,
    done_rows     bigint NOT NULL DEFAULT 0,
    taken         bigint NOT NULL DEFAULT 0,
    unchanged     bigint NOT NULL DEFAULT 0,
    failed        bigint NOT NULL DEFAULT 0,
    companies     bigint NOT NULL DEFAULT 0,    -- not known before
    conflicts     bigint NOT NULL DEFAULT 0,
    unclassified  bigint NOT NULL DEFAULT 0,
    excluded      bigint NOT NULL DEFAULT 0,
    state         text NOT NULL,                -- running taken
    created_by    text NOT NULL,
    created_at    timestamp NOT NULL,
    PRIMARY KEY (city_code, id),
    CONSTRAINT dues_lists_sum_key UNIQUE (city_code, org_path, source, year, sha256)
);
CREATE INDEX dues_lists_path_idx ON dues_lists (org_path, created_at);

-- What a list says of a company beside its figures, which are company_facts.
CREATE TABLE dues_census (
    city_code     text NOT NULL,                -- custody of the company
    company_id    text NOT NULL,
    source        text NOT NULL,
    year          integer NOT NULL,
    org_path      text NOT NULL,
    name          text NOT NULL,
    industry_code text NOT NULL DEFAULT '',     -- GB/T 4754-2017
    parent_name   text NOT NULL DEFAULT '',
    parent_code   text NOT NULL DEFAULT '',
    parent_kind   text NOT NULL DEFAULT '',     -- group financial; empty = none, or another
    standing      text NOT NULL DEFAULT '',     -- as the list calls its state
    list_city     text NOT NULL,
    list_id       text NOT NULL,
    stated_on     text NOT NULL,
    PRIMARY KEY (city_code, company_id, source, year),
    CONSTRAINT dues_census_company_fk FOREIGN KEY (city_code, company_id) REFERENCES companies (city_code, id)
);
