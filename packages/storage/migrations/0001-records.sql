-- Ids sort by the time they were made, byte by byte: hence the "C" collation wherever they are compared.

create table projects (
  id text collate "C" primary key,
  created_at timestamptz(3) not null default now()
);

create table api_keys (
  id text collate "C" primary key,
  project text collate "C" not null references projects (id),
  name text not null,
  salt text not null,
  hash text not null,
  created_at timestamptz(3) not null default now(),
  revoked_at timestamptz(3)
);
create index api_keys_of_project on api_keys (project, id);

create table models (
  id text collate "C" primary key,
  project text collate "C" not null,
  stored json not null,
  artifact text not null,
  digests text[] not null,
  created_at timestamptz(3) not null default now()
);
create index models_of_project on models (project, id desc);
create index models_digests on models using gin (digests);

create table datasets (
  id text collate "C" primary key,
  project text collate "C" not null,
  stored json not null,
  artifact text not null,
  digests text[] not null,
  created_at timestamptz(3) not null default now()
);
create index datasets_of_project on datasets (project, id desc);
create index datasets_digests on datasets using gin (digests);

create table audits (
  id text collate "C" primary key,
  project text collate "C" not null,
  name text not null,
  status text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  request json not null,
  seed bigint not null,
  plan text,
  progress json not null,
  estimate json,
  notices json not null,
  findings json not null,
  verdict text,
  report text,
  error json,
  -- Raised with every change: what an ETag is made of.
  version integer not null default 1,
  last_event integer not null default 0,
  created_at timestamptz(3) not null default now(),
  started_at timestamptz(3),
  finished_at timestamptz(3),
  updated_at timestamptz(3) not null default now()
);
create index audits_of_project on audits (project, id desc);
create index audits_unfinished on audits (id) where status in ('queued', 'running');

-- Which models and datasets an audit reads.
create table audit_inputs (
  audit text collate "C" not null references audits (id) on delete cascade,
  project text collate "C" not null,
  item text collate "C" not null,
  primary key (audit, item)
);
create index audit_inputs_of_item on audit_inputs (item);

create table audit_events (
  audit text collate "C" not null references audits (id) on delete cascade,
  project text collate "C" not null,
  sequence integer not null,
  type text not null,
  data json not null,
  created_at timestamptz(3) not null default now(),
  primary key (audit, sequence)
);

create table idempotency_keys (
  project text collate "C" not null,
  key text collate "C" not null,
  body_digest text not null,
  audit text collate "C" not null references audits (id) on delete cascade deferrable initially deferred,
  created_at timestamptz(3) not null default now(),
  primary key (project, key)
);
create index idempotency_keys_of_audit on idempotency_keys (audit);

create table task_durations (
  id bigint generated always as identity primary key,
  project text collate "C" not null,
  task text collate "C" not null,
  kind text not null,
  device text not null,
  units double precision not null check (units > 0),
  duration_ms double precision not null check (duration_ms >= 0),
  created_at timestamptz(3) not null default now(),
  unique (project, task)
);
create index task_durations_of_kind on task_durations (project, kind, device, id desc);
