-- +goose Up

CREATE TABLE vacancies (
    city_code       text NOT NULL,
    id              text NOT NULL,
    number          text NOT NULL,              -- public number, in the page's address
    org_path        text NOT NULL,  -- the county that reviews it
    company_id      text NOT NULL,
    company_name    text NOT NULL,
    title           text NOT NULL,
    occupation_code text NOT NULL DEFAULT '',
    industry_code   text NOT NULL DEFAULT '',
    form            text NOT NULL DEFAULT '',   -- direct dispatch part_time internship share
    headcount       integer NOT NULL DEFAULT 1,
    filled          integer NOT NULL DEFAULT 0,
    division_code   text NOT NULL,
    place_detail    text NOT NULL DEFAULT '',
    lon             real NOT NULL DEFAULT 0,
    lat             real NOT NULL DEFAULT 0,
    pay_min_fen     bigint NOT NULL DEFAULT 0,
    pay_max_fen     bigint NOT NULL DEFAULT 0,
    pay_per         text NOT NULL DEFAULT '',
    pay_months      integer NOT NULL DEFAULT 0,
    negotiable      boolean NOT NULL DEFAULT false,
    hours           text NOT NULL DEFAULT '',   -- day two_shift three_shift night flexible part_time
    education       integer NOT NULL DEFAULT 0,
    years_min       integer NOT NULL DEFAULT 0,
    years_max       integer NOT NULL DEFAULT 0,
    insurance       text NOT NULL DEFAULT '',   -- five five_one none partial
    dormitory       boolean NOT NULL DEFAULT false,
    meals           boolean NOT NULL DEFAULT false,
    groups          text NOT NULL DEFAULT '',   -- veteran graduate migrant … space-separated
    tags            text NOT NULL DEFAULT '',
    content         text NOT NULL DEFAULT '',
    link            text NOT NULL DEFAULT '',   -- where an imported ad came from
    source          text NOT NULL,              -- company import
    batch_id        text NOT NULL DEFAULT '',
    state           text NOT NULL,
    identity        text,                       -- duplicate key while the ad is alive; NULL once it is closed
    content_hash    text NOT NULL DEFAULT '',
    valid_to        text NOT NULL,
    published_at    timestamp,
    version         integer NOT NULL DEFAULT 1,
    created_at      timestamp NOT NULL,
    updated_at      timestamp NOT NULL,
    PRIMARY KEY (city_code, id),
    CONSTRAINT vacancies_number_key UNIQUE (city_code, number),
    CONSTRAINT vacancies_identity_key UNIQUE (city_code, identity),
    CONSTRAINT vacancies_company_fk FOREIGN KEY (city_code, company_id) REFERENCES companies (city_code, id)
);
CREATE INDEX vacancies_path_idx ON vacancies (org_path, state);
CREATE INDEX vacancies_company_idx ON vacancies (city_code, company_id, state);
CREATE INDEX vacancies_valid_idx ON vacancies (state, valid_to);
CREATE INDEX vacancies_updated_idx ON vacancies (updated_at, id);

CREATE TABLE applications (
    city_code     text NOT NULL,                -- custody of the vacancy
    id            text NOT NULL,
    number        text NOT NULL,
    org_path      text NOT NULL,
    vacancy_id    text NOT NULL,
    company_id    text NOT NULL,
    person_city   text NOT NULL,
    person_id     text NOT NULL,
    state         text NOT NULL,
    message       text NOT NULL DEFAULT '',     -- what the worker wrote
    name          text NOT NULL,                -- as known on the day of applying
    summary       text NOT NULL DEFAULT '',     -- JSON: education, years, occupation, groups on that day
    share_phone   boolean NOT NULL DEFAULT false,
    interview_at  timestamp,
    interview_place text NOT NULL DEFAULT '',
    outcome_note  text NOT NULL DEFAULT '',
    no_reply_at   timestamp,
    company_arrived_on text NOT NULL DEFAULT '',
    worker_arrived_on  text NOT NULL DEFAULT '',
    version       integer NOT NULL DEFAULT 1,
    created_at    timestamp NOT NULL,
    updated_at    timestamp NOT NULL,
    PRIMARY KEY (city_code, id),
    CONSTRAINT applications_number_key UNIQUE (city_code, number),
    CONSTRAINT applications_person_key UNIQUE (city_code, vacancy_id, person_id),
    CONSTRAINT applications_vacancy_fk FOREIGN KEY (city_code, vacancy_id) REFERENCES vacancies (city_code, id)
);
CREATE INDEX applications_person_idx ON applications (person_id, created_at);
CREATE INDEX applications_company_idx ON applications (city_code, company_id, state);

CREATE TABLE seekers (
    city_code       text NOT NULL,
    person_id       text NOT NULL,
    occupation_code text NOT NULL DEFAULT '',
    wanted          text NOT NULL DEFAULT '',   -- in the worker's own words
    places          text NOT NULL DEFAULT '',   -- up to three division codes
    pay_min_fen     bigint NOT NULL DEFAULT 0,  -- a month
    years           integer NOT NULL DEFAULT 0,
    skills          text NOT NULL DEFAULT '',
    about           text NOT NULL DEFAULT '',
    version         integer NOT NULL DEFAULT 1,
    updated_at      timestamp NOT NULL,
    PRIMARY KEY (city_code, person_id),
    CONSTRAINT seekers_person_fk FOREIGN KEY (city_code, person_id) REFERENCES persons (city_code, id)
);

-- Guidance sessions, fair check-ins, recommendations: services logged one by one.
CREATE TABLE employment_services (
    city_code   text NOT NULL,                  -- custody of the person
    id          text NOT NULL,
    org_path    text NOT NULL,
    person_id   text NOT NULL,
    kind        text NOT NULL,                  -- guidance fair_check_in recommendation
    state       text NOT NULL,                  -- done | offered accepted declined
    vacancy_city text NOT NULL DEFAULT '',
    vacancy_id  text NOT NULL DEFAULT '',
    on_day      text NOT NULL,
    note        text NOT NULL DEFAULT '',
    once_key    text NOT NULL,                  -- one check-in per person and fair day …
    created_by  text NOT NULL,
    created_at  timestamp NOT NULL,
    version     integer NOT NULL DEFAULT 1,
    PRIMARY KEY (city_code, id),
    CONSTRAINT employment_services_once_key UNIQUE (city_code, once_key),
    CONSTRAINT employment_services_person_fk FOREIGN KEY (city_code, person_id) REFERENCES persons (city_code, id)
);
CREATE INDEX employment_services_path_idx ON employment_services (org_path, on_day);
CREATE INDEX employment_services_person_idx ON employment_services (person_id);

-- +goose Down
DROP TABLE employment_services; DROP TABLE seekers; DROP TABLE applications; DROP TABLE vacancies;
