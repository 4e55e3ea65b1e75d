-- Times are microseconds since 1970, 0 for none. Lists of strings and of ranges
-- are blobs (coding.go), since a name may hold any byte.

-- +goose Up
CREATE TABLE clients (
	id            INTEGER PRIMARY KEY,
	name          TEXT NOT NULL UNIQUE, -- C.…
	key           BLOB NOT NULL,        -- PKCS #1 DER
	hostname      TEXT NOT NULL DEFAULT '',
	fqdn          TEXT NOT NULL DEFAULT '',
	hostname_fold TEXT NOT NULL DEFAULT '', -- in lower case, for searching
	fqdn_fold     TEXT NOT NULL DEFAULT '',
	os            TEXT NOT NULL DEFAULT '',
	release       TEXT NOT NULL DEFAULT '',
	architecture  TEXT NOT NULL DEFAULT '',
	agent_name    TEXT NOT NULL DEFAULT '',
	agent_version TEXT NOT NULL DEFAULT '',
	labels        BLOB NOT NULL DEFAULT x'',
	macs          BLOB NOT NULL DEFAULT x'',
	first_seen    INTEGER NOT NULL
) STRICT;

-- What changes with every packet of a client stands apart, in short rows.
CREATE TABLE contacts (
	client  INTEGER PRIMARY KEY REFERENCES clients,
	seen    INTEGER NOT NULL,
	address TEXT NOT NULL DEFAULT '',
	normal  BLOB NOT NULL DEFAULT x'', -- list keys of the lane's last packets
	urgent  BLOB NOT NULL DEFAULT x''
) STRICT;

CREATE TABLE flows (
	id              INTEGER PRIMARY KEY,
	client          INTEGER NOT NULL REFERENCES clients,
	name            TEXT NOT NULL, -- F.…
	creator         TEXT NOT NULL,
	artifacts       BLOB NOT NULL,
	state           TEXT NOT NULL,
	error           TEXT NOT NULL DEFAULT '',
	rows            INTEGER NOT NULL DEFAULT 0,
	logs            INTEGER NOT NULL DEFAULT 0,
	uploads         INTEGER NOT NULL DEFAULT 0,
	uploaded_bytes  INTEGER NOT NULL DEFAULT 0,
	tasks           INTEGER NOT NULL DEFAULT 0,
	packets         INTEGER NOT NULL DEFAULT 0,
	batches         INTEGER NOT NULL DEFAULT 0,
	created         INTEGER NOT NULL,
	started         INTEGER NOT NULL DEFAULT 0,
	finished        INTEGER NOT NULL DEFAULT 0,
	log_batches     INTEGER NOT NULL DEFAULT 0,
	claim_complete  INTEGER NOT NULL DEFAULT 0,
	claim_cancelled INTEGER NOT NULL DEFAULT 0,
	claim_error     TEXT NOT NULL DEFAULT '',
	claim_rows      INTEGER NOT NULL DEFAULT 0,
	claim_uploads   INTEGER NOT NULL DEFAULT 0,
	UNIQUE (client, name)
) STRICT;
CREATE INDEX flows_by_time ON flows (client, created, id);

-- A source is a result set: what one query of one action of a flow brought.
CREATE TABLE sources (
	id     INTEGER PRIMARY KEY,
	flow   INTEGER NOT NULL REFERENCES flows,
	action INTEGER NOT NULL,
	name   TEXT NOT NULL,
	next   INTEGER NOT NULL, -- one more than the last row's number
	rows   INTEGER NOT NULL,
	UNIQUE (flow, action, name)
) STRICT;

CREATE TABLE batches (
	id       INTEGER PRIMARY KEY,
	source   INTEGER NOT NULL REFERENCES sources,
	first    INTEGER NOT NULL,
	count    INTEGER NOT NULL,
	coding   INTEGER NOT NULL,
	raw      INTEGER NOT NULL,
	checksum INTEGER NOT NULL,
	received INTEGER NOT NULL,
	data     BLOB NOT NULL,
	UNIQUE (source, first)
) STRICT;

CREATE TABLE logs (
	id       INTEGER PRIMARY KEY,
	flow     INTEGER NOT NULL REFERENCES flows,
	seq      INTEGER NOT NULL,
	count    INTEGER NOT NULL,
	error    TEXT NOT NULL,
	checksum INTEGER NOT NULL,
	received INTEGER NOT NULL,
	data     BLOB NOT NULL,
	UNIQUE (flow, seq)
) STRICT;

CREATE TABLE uploads (
	id          INTEGER PRIMARY KEY,
	flow        INTEGER NOT NULL REFERENCES flows,
	number      INTEGER NOT NULL,
	accessor    TEXT NOT NULL,
	components  BLOB NOT NULL,
	size        INTEGER NOT NULL,
	stored_size INTEGER NOT NULL,
	received    INTEGER NOT NULL,
	last        INTEGER NOT NULL, -- the client sent everything
	done        INTEGER NOT NULL,
	sha256      BLOB NOT NULL DEFAULT x'',
	sparse      BLOB NOT NULL,
	mtime       INTEGER NOT NULL,
	finished    INTEGER NOT NULL,
	UNIQUE (flow, number)
) STRICT;

CREATE TABLE parts (
	upload INTEGER NOT NULL REFERENCES uploads,
	offset INTEGER NOT NULL,
	length INTEGER NOT NULL,
	blob   BLOB NOT NULL,
	PRIMARY KEY (upload, offset)
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
	id      INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice
	client  INTEGER NOT NULL REFERENCES clients,
	flow    INTEGER NOT NULL REFERENCES flows,
	start   INTEGER NOT NULL,
	urgent  INTEGER NOT NULL,
	payload BLOB NOT NULL,
	created INTEGER NOT NULL,
	sent    INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX tasks_by_client ON tasks (client, urgent DESC, id);
CREATE INDEX tasks_by_flow ON tasks (flow);

CREATE TABLE users (
	name    TEXT PRIMARY KEY,
	role    TEXT NOT NULL,
	created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
