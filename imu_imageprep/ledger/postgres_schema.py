"""The tables on a PostgreSQL server, as steps from each version of the schema to the next.

What SQLite's schema promises holds here too, also against the application's own roles: they may
add events and read them, and nothing else. The server itself chains each event to the last one.
"""

from __future__ import annotations

_ROLES = """
DO $$ BEGIN
  IF current_setting('server_encoding') <> 'UTF8' THEN
    RAISE EXCEPTION 'the ledger needs a database whose encoding is UTF8';
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'imageprep_reader') THEN
    CREATE ROLE imageprep_reader NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'imageprep_writer') THEN
    CREATE ROLE imageprep_writer NOLOGIN;
    GRANT imageprep_reader TO imageprep_writer;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'imageprep_eraser') THEN
    CREATE ROLE imageprep_eraser NOLOGIN;
    GRANT imageprep_writer TO imageprep_eraser;
  END IF;
END $$;
"""

# SQLite's functions of these names, as far as the queries ask for them. A name of a file may hold
# what JSON can write and a text of PostgreSQL cannot hold (half a surrogate, a zero); no column
# that is looked up does. Without SET or STRICT they become part of the query that asks.
_JSON = r"""
CREATE SCHEMA imageprep;
CREATE FUNCTION imageprep.as_json(body text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE pg_catalog.strpos(body, '\u') WHEN 0 THEN body ELSE pg_catalog.regexp_replace(
    body,
    '\\u0000|\\ud[89ab]..(?!\\ud[c-f])|(?<!\\ud[89ab]..)\\ud[c-f]..',
    '\\ufffd', 'gi'
  ) END::pg_catalog.jsonb
$$;
CREATE FUNCTION imageprep.json_extract(body text, path text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT pg_catalog.jsonb_extract_path_text(
    imageprep.as_json(body),
    VARIADIC pg_catalog.string_to_array(pg_catalog.substr(path, 3), '.')
  )
$$;
CREATE FUNCTION imageprep.json_each(body text, path text) RETURNS TABLE (value text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT pg_catalog.jsonb_array_elements_text(
    CASE pg_catalog.jsonb_typeof(imageprep.json_extract(body, path)::pg_catalog.jsonb)
      WHEN 'array' THEN imageprep.json_extract(body, path)::pg_catalog.jsonb ELSE '[]' END
  )
$$;
"""

# Of an event the application gives time, kind and body, and of each transaction a token, by which
# it finds again what it lost sight of, and enters nothing twice; the trigger fills in the rest. "C"
# compares bytes, so no update of the system's rules for sorting can spoil an index.
_EVENTS = r"""
CREATE TABLE imageprep.version (version integer NOT NULL);
CREATE TABLE imageprep.turn (alone boolean PRIMARY KEY DEFAULT true CHECK (alone));
INSERT INTO imageprep.turn DEFAULT VALUES;
CREATE TABLE imageprep.events (
  seq bigint PRIMARY KEY,
  at text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL,
  prev text COLLATE "C" NOT NULL UNIQUE,
  hash text COLLATE "C" NOT NULL UNIQUE,
  token uuid NOT NULL,
  nth integer NOT NULL,
  source text COLLATE "C",
  begun text COLLATE "C",
  ref text COLLATE "C",
  about text COLLATE "C",
  photo text COLLATE "C",
  export text COLLATE "C",
  relied text[],
  origin text COLLATE "C",
  size bigint,
  UNIQUE (token, nth)
);
CREATE INDEX events_by_source ON imageprep.events (source) WHERE source IS NOT NULL;
CREATE INDEX events_by_begun ON imageprep.events (begun) WHERE begun IS NOT NULL;
CREATE UNIQUE INDEX events_by_ref ON imageprep.events (ref) WHERE ref IS NOT NULL;
CREATE INDEX events_by_about ON imageprep.events (about) WHERE about IS NOT NULL;
CREATE INDEX events_by_photo ON imageprep.events (photo) WHERE photo IS NOT NULL;
CREATE INDEX events_by_export ON imageprep.events (export) WHERE export IS NOT NULL;
CREATE INDEX events_relying ON imageprep.events USING gin (relied) WHERE relied IS NOT NULL;
CREATE INDEX events_by_origin ON imageprep.events (origin) WHERE origin IS NOT NULL;
CREATE INDEX erasures ON imageprep.events (seq) WHERE kind = 'erasure';
CREATE INDEX events_by_size ON imageprep.events (seq) INCLUDE (size) WHERE kind = 'export-begun';
-- A path may be longer than what other kinds of index take.
CREATE INDEX events_by_path ON imageprep.events
  USING hash (imageprep.json_extract(body, '$.export.path')) WHERE kind = 'export-begun';
CREATE INDEX events_by_caption ON imageprep.events
  USING hash (imageprep.json_extract(body, '$.caption_sha256')) WHERE kind = 'export-begun';
CREATE TABLE imageprep.keys (event bigint PRIMARY KEY, key bytea NOT NULL);

CREATE FUNCTION imageprep.take_turn() RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT FROM imageprep.turn FOR UPDATE
$$;
CREATE FUNCTION imageprep.wait() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM imageprep.take_turn();
  RETURN NULL;
END $$;
CREATE TRIGGER events_wait_their_turn BEFORE INSERT ON imageprep.events
FOR EACH STATEMENT EXECUTE FUNCTION imageprep.wait();

CREATE FUNCTION imageprep.chain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE doc jsonb := imageprep.as_json(NEW.body);
BEGIN
  IF NEW.kind = 'erasure' AND NOT pg_has_role(session_user, 'imageprep_eraser', 'MEMBER') THEN
    RAISE insufficient_privilege USING MESSAGE = 'only imageprep_eraser erases';
  END IF;
  SELECT e.seq + 1, e.hash INTO NEW.seq, NEW.prev
  FROM imageprep.events e ORDER BY e.seq DESC LIMIT 1;
  IF NOT FOUND THEN
    NEW.seq := 1;
    NEW.prev := repeat('0', 64);
  END IF;
  NEW.hash := encode(sha256(convert_to(
    '[' || to_json(NEW.at)::text || ',' || to_json(NEW.kind)::text || ','
    || to_json(NEW.body)::text || ',' || to_json(NEW.prev)::text || ']', 'UTF8'
  )), 'hex');
  NEW.source := doc #>> '{source,sha256}';
  NEW.begun := doc #>> '{begun}';
  NEW.ref := doc #>> '{ref}';
  NEW.about := doc #>> '{about}';
  NEW.photo := doc #>> '{seen,photo}';
  NEW.export := doc #>> '{export,sha256}';
  IF jsonb_typeof(doc #> '{receipt,relied_on}') = 'array' THEN
    NEW.relied := nullif(
      ARRAY(SELECT jsonb_array_elements_text(doc #> '{receipt,relied_on}')), '{}'
    );
  END IF;
  NEW.origin := doc #>> '{origin,hash}';
  IF NEW.kind = 'export-begun' THEN
    NEW.size := doc #>> '{export,bytes}';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER events_are_chained BEFORE INSERT ON imageprep.events
FOR EACH ROW EXECUTE FUNCTION imageprep.chain();

CREATE FUNCTION imageprep.never() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE integrity_constraint_violation
    USING MESSAGE = TG_TABLE_NAME || ' are never changed, emptied or replaced';
END $$;
CREATE TRIGGER events_never_change BEFORE UPDATE OR DELETE ON imageprep.events
FOR EACH ROW EXECUTE FUNCTION imageprep.never();
CREATE TRIGGER events_never_go BEFORE TRUNCATE ON imageprep.events
FOR EACH STATEMENT EXECUTE FUNCTION imageprep.never();
CREATE TRIGGER keys_never_change BEFORE UPDATE ON imageprep.keys
FOR EACH ROW EXECUTE FUNCTION imageprep.never();
CREATE TRIGGER keys_never_go_together BEFORE TRUNCATE ON imageprep.keys
FOR EACH STATEMENT EXECUTE FUNCTION imageprep.never();

CREATE FUNCTION imageprep.by_erasure() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM imageprep.events e, imageprep.json_each(e.body, '$.keys') k
    WHERE e.kind = 'erasure' AND k.value = OLD.event::text
  ) THEN
    RAISE integrity_constraint_violation USING MESSAGE = 'keys go only by an erasure';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER keys_go_by_erasure BEFORE DELETE ON imageprep.keys
FOR EACH ROW EXECUTE FUNCTION imageprep.by_erasure();

-- A deleted row stays in its page until that is written anew, which this does with all of them.
-- What an older state still shows is copied too, and the new index counts it; -1 is none.
CREATE FUNCTION imageprep.sweep_keys() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  PERFORM set_config('lock_timeout', '5s', true);
  CLUSTER imageprep.keys USING keys_pkey;
  RETURN (SELECT count(*) FROM imageprep.keys)
    = (SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = 'imageprep.keys_pkey'::regclass);
END $$;
"""

_GRANTS = """
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA imageprep FROM PUBLIC;
GRANT USAGE ON SCHEMA imageprep TO imageprep_reader;
GRANT SELECT ON imageprep.events, imageprep.keys, imageprep.version TO imageprep_reader;
GRANT EXECUTE ON FUNCTION imageprep.as_json(text), imageprep.json_extract(text, text),
  imageprep.json_each(text, text) TO imageprep_reader;
GRANT INSERT (at, kind, body, token, nth) ON imageprep.events TO imageprep_writer;
GRANT INSERT ON imageprep.keys TO imageprep_writer;
GRANT EXECUTE ON FUNCTION imageprep.take_turn() TO imageprep_writer;
GRANT DELETE ON imageprep.keys TO imageprep_eraser;
GRANT EXECUTE ON FUNCTION imageprep.sweep_keys() TO imageprep_eraser;
"""

# Step n leads from version n to version n + 1; a step that was released is never edited.
STEPS = (_ROLES + _JSON + _EVENTS + _GRANTS,)
VERSION = len(STEPS)
_RECORD = f"""
DELETE FROM imageprep.version;
INSERT INTO imageprep.version VALUES ({VERSION});
"""  # noqa: S608  (no value in it)


def script(version: int = 0) -> str:
    """The SQL that brings a database from a version of the schema to this release's, or fails.

    Args:
        version: what is there; 0 for a database without a ledger.
    """
    steps = "".join(step.lstrip("\n") for step in STEPS[version:])
    return f"BEGIN;\n{steps}{_RECORD}COMMIT;\n"
