"""The tables, as steps from each version of the schema to the next."""

from __future__ import annotations

# Generated columns give the look-ups an index without a second copy of anything.
_EVENTS = """
CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  prev TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  source TEXT GENERATED ALWAYS AS (json_extract(body, '$.source.sha256')) VIRTUAL,
  begun TEXT GENERATED ALWAYS AS (json_extract(body, '$.begun')) VIRTUAL
);
CREATE INDEX IF NOT EXISTS events_by_source ON events (source) WHERE source IS NOT NULL;
CREATE INDEX IF NOT EXISTS events_by_begun ON events (begun) WHERE begun IS NOT NULL;
CREATE TRIGGER IF NOT EXISTS events_never_change BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER IF NOT EXISTS events_never_go BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
"""

# REPLACE would delete without the trigger above (sqlite.org/lang_conflict.html), so what is there
# already is refused. A key goes only after the erasure that names it was written.
_CONSENT = """
ALTER TABLE events ADD COLUMN ref TEXT
  GENERATED ALWAYS AS (json_extract(body, '$.ref')) VIRTUAL;
ALTER TABLE events ADD COLUMN about TEXT
  GENERATED ALWAYS AS (json_extract(body, '$.about')) VIRTUAL;
ALTER TABLE events ADD COLUMN photo TEXT
  GENERATED ALWAYS AS (json_extract(body, '$.seen.photo')) VIRTUAL;
ALTER TABLE events ADD COLUMN export TEXT
  GENERATED ALWAYS AS (json_extract(body, '$.export.sha256')) VIRTUAL;
ALTER TABLE events ADD COLUMN relied TEXT
  GENERATED ALWAYS AS (nullif(json_extract(body, '$.receipt.relied_on'), '[]')) VIRTUAL;
ALTER TABLE events ADD COLUMN origin TEXT
  GENERATED ALWAYS AS (json_extract(body, '$.origin.hash')) VIRTUAL;
CREATE UNIQUE INDEX events_by_ref ON events (ref) WHERE ref IS NOT NULL;
CREATE INDEX events_by_about ON events (about) WHERE about IS NOT NULL;
CREATE INDEX events_by_photo ON events (photo) WHERE photo IS NOT NULL;
CREATE INDEX events_by_export ON events (export) WHERE export IS NOT NULL;
CREATE INDEX events_relying ON events (seq) WHERE relied IS NOT NULL;
CREATE INDEX events_by_origin ON events (origin) WHERE origin IS NOT NULL;
CREATE INDEX erasures ON events (seq) WHERE kind = 'erasure';
CREATE TRIGGER events_never_replaced BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq)
  OR EXISTS (SELECT 1 FROM events WHERE hash = NEW.hash)
  OR EXISTS (SELECT 1 FROM events WHERE ref = json_extract(NEW.body, '$.ref'))
BEGIN SELECT RAISE(ABORT, 'events are never replaced'); END;
CREATE TABLE keys (event INTEGER PRIMARY KEY, key BLOB NOT NULL);
CREATE TRIGGER keys_never_change BEFORE UPDATE ON keys
BEGIN SELECT RAISE(ABORT, 'keys are never changed'); END;
CREATE TRIGGER keys_never_replaced BEFORE INSERT ON keys
WHEN EXISTS (SELECT 1 FROM keys WHERE event = NEW.event)
BEGIN SELECT RAISE(ABORT, 'keys are never replaced'); END;
CREATE TRIGGER keys_go_by_erasure BEFORE DELETE ON keys
WHEN NOT EXISTS (
  SELECT 1 FROM events e, json_each(e.body, '$.keys') k
  WHERE e.kind = 'erasure' AND k.value = OLD.event
)
BEGIN SELECT RAISE(ABORT, 'keys go only by an erasure'); END;
"""

# Step n leads from version n to version n + 1; a step that was released is never edited.
STEPS = (_EVENTS, _CONSENT)
VERSION = len(STEPS)
