-- The archive of Smallprint. Times are ISO-8601 text in UTC ("2024-09-18T06:30:00Z").
-- NULL means "not known" or "not yet". Nothing is ever deleted; rows are changed only where a comment says so.

-- Whose documents they are. `key` is Open Terms Archive's service id: the name of the declaration's file. `owner` is the
-- company behind several services, as declared ("Meta"), else empty.
CREATE TABLE services (
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL,
    key   TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL DEFAULT ''
) STRICT;

-- What is watched. `origin` is empty where we fetch it ourselves, else whose record it is ("Open Terms Archive"): what
-- others have read with their rules is never compared with what we read with ours. `url` and `declaration` (JSON) are
-- the ones last crawled with; `extractor` names the reading rules under which the newest version is current. These
-- three change with the catalogue.
CREATE TABLE documents (
    id          INTEGER PRIMARY KEY,
    name        TEXT NOT NULL,
    service_id  INTEGER NOT NULL REFERENCES services(id),
    type        TEXT NOT NULL,
    region      TEXT NOT NULL DEFAULT '',
    language    TEXT NOT NULL DEFAULT '',
    origin      TEXT NOT NULL DEFAULT '',
    url         TEXT NOT NULL,
    declaration TEXT NOT NULL DEFAULT '',
    extractor   TEXT NOT NULL DEFAULT '',
    UNIQUE (service_id, type, region, origin)
) STRICT;

-- Raw bytes as received (after transport decoding), once each, found by their SHA-256.
CREATE TABLE snapshots (
    id         INTEGER PRIMARY KEY,
    sha256     TEXT NOT NULL UNIQUE,
    media_type TEXT NOT NULL,
    size       INTEGER NOT NULL -- bytes
) STRICT;

-- The bytes of a snapshot, compressed with zstd. Where `base_id` is set, that snapshot's bytes are the dictionary; a
-- base may have a base itself, 16 deep at most.
CREATE TABLE bodies (
    snapshot_id INTEGER PRIMARY KEY REFERENCES snapshots(id),
    base_id     INTEGER REFERENCES snapshots(id),
    zstd        BLOB NOT NULL
) STRICT;

-- Every attempt to read one page of a document, with how it ended. `part` counts the pages of a combined document from 0.
-- `outcome` is "fetched" until the snapshot has been read, then one of: recorded, unchanged, suspect, or what else it turned out to be.
CREATE TABLE fetches (
    id          INTEGER PRIMARY KEY,
    document_id INTEGER NOT NULL REFERENCES documents(id),
    part        INTEGER NOT NULL DEFAULT 0,
    fetched_at  TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    detail      TEXT NOT NULL DEFAULT '', -- why, in words, where the document was not seen
    status      INTEGER,                  -- HTTP status
    url         TEXT NOT NULL,
    final_url   TEXT NOT NULL DEFAULT '', -- after redirects
    headers     TEXT NOT NULL DEFAULT '[]', -- JSON, a list of [name, value] as received; of imported pages the type alone
    seconds     REAL,
    snapshot_id INTEGER REFERENCES snapshots(id),
    origin_id   TEXT                      -- what the document's origin calls this record: a commit of its repository
) STRICT;
CREATE UNIQUE INDEX fetches_of_origin ON fetches(origin_id) WHERE origin_id IS NOT NULL;
CREATE INDEX fetches_of_document ON fetches(document_id, part, id);
CREATE INDEX fetches_by_outcome ON fetches(document_id, outcome, fetched_at);
CREATE INDEX fetches_that_saw ON fetches(document_id, fetched_at)
    WHERE outcome IN ('recorded', 'unchanged', 'not modified');

-- A text of a document that differs from the one before. `seen_at` is when its page was fetched, `recorded_at` when
-- the row was made. A technical version is the same page read with newer rules. Within a document, ids follow time.
-- `content` is the text, as numbers of the document's placements in their order: JSON, a list of [first, last], or of
-- [number] for one alone. The view version_passages writes it out.
CREATE TABLE versions (
    id          INTEGER PRIMARY KEY,
    document_id INTEGER NOT NULL REFERENCES documents(id),
    seen_at     TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    extractor   TEXT NOT NULL,
    technical   INTEGER NOT NULL DEFAULT 0,
    passages    INTEGER NOT NULL, -- how many
    words       INTEGER NOT NULL, -- how many
    text_hash   TEXT NOT NULL,    -- of the words of all passages in order, without links
    content     TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX versions_of_document ON versions(document_id, id);

-- The fetches a version was read from: its evidence. One row for each page of the document.
CREATE TABLE version_fetches (
    version_id INTEGER NOT NULL REFERENCES versions(id),
    fetch_id   INTEGER NOT NULL REFERENCES fetches(id),
    PRIMARY KEY (version_id, fetch_id)
) STRICT, WITHOUT ROWID;

-- Each distinct text of a heading, paragraph, list item or table row, once. `hash` is the first half of its SHA-256.
CREATE TABLE passages (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE
) STRICT;

-- The words of all passages, for searching: MATCH 'train models'. Indexed in the transaction that adds the passages.
CREATE VIRTUAL TABLE passages_fts USING fts5(text, content='passages', content_rowid='id', tokenize='porter unicode61');

-- The ways in which a passage stands in a document, each once and numbered from 1: as which kind, with which links, and
-- from the version that first had it so to the one that no longer does. That one is NULL while it stands in the newest
-- version, and changes when the passage goes or comes back; which versions hold it in between, their `content` tells.
CREATE TABLE placements (
    document_id      INTEGER NOT NULL REFERENCES documents(id),
    number           INTEGER NOT NULL,
    passage_id       INTEGER NOT NULL REFERENCES passages(id),
    kind             TEXT NOT NULL, -- heading, paragraph, item, row
    level            INTEGER NOT NULL, -- of a heading 1-6, of a list item its depth, else 0
    links            TEXT NOT NULL DEFAULT '[]', -- JSON, a list of [words, target]
    first_version_id INTEGER NOT NULL REFERENCES versions(id),
    gone_version_id  INTEGER REFERENCES versions(id),
    PRIMARY KEY (document_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX placements_of_passage ON placements(passage_id, document_id);

-- One row for each version: what it changed against the text before it, and what the gate decided, and why. `severity`
-- and `line` are empty where nothing is flagged, and where nothing was changed: of a first or a technical version.
-- `decided_at` is the look that decided it. A change that waits (held, quarantined) has `held_until`, when it is looked
-- at again; when it is decided anew, decision, reason, decided_at, held_until and, out of quarantine, before_version_id,
-- severity and line change, and what was decided before moves to earlier_decisions. It was compared with the text
-- before it, with the last one that was told, and with all those that stood since `recent_since`.
CREATE TABLE changes (
    id                INTEGER PRIMARY KEY,
    document_id       INTEGER NOT NULL REFERENCES documents(id),
    before_version_id INTEGER REFERENCES versions(id), -- NULL: the first version of the document
    after_version_id  INTEGER NOT NULL UNIQUE REFERENCES versions(id),
    decision          TEXT NOT NULL, -- baseline, push, muted, unflagged, cosmetic, technical, returned, held, quarantined
    reason            TEXT NOT NULL,
    decided_at        TEXT NOT NULL,
    queued_at         TEXT, -- when its notifications were queued; set once, only where the decision is push
    severity          TEXT NOT NULL DEFAULT '', -- of its most severe flag: high, medium, low
    line              TEXT NOT NULL DEFAULT '', -- what it does, in plain words
    held_until        TEXT,
    told_version_id   INTEGER REFERENCES versions(id), -- the document's last text that was told before this one
    recent_since      TEXT NOT NULL DEFAULT '',
    told_in           INTEGER REFERENCES changes(id) -- of a push: whose message tells it, its own or a like one's; set once
) STRICT;
CREATE INDEX changes_of_document ON changes(document_id, id);
CREATE INDEX changes_to_queue ON changes(decision, queued_at);
CREATE INDEX changes_that_wait ON changes(document_id) WHERE held_until IS NOT NULL;
CREATE INDEX changes_told_together ON changes(told_in) WHERE told_in IS NOT NULL;

-- What was decided about a change at first, where it was decided anew.
CREATE TABLE earlier_decisions (
    id         INTEGER PRIMARY KEY,
    change_id  INTEGER NOT NULL REFERENCES changes(id),
    decision   TEXT NOT NULL,
    reason     TEXT NOT NULL,
    decided_at TEXT NOT NULL,
    held_until TEXT
) STRICT;
CREATE INDEX earlier_decisions_of_change ON earlier_decisions(change_id);

-- The paths of headings that edits stand under, joined by " › ", each once.
CREATE TABLE headings (
    id   INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE
) STRICT;

-- What happened to a passage, once for each document: a page that flips makes the same edits again and again. Where
-- the kind is links, `links` has those that moved: JSON, a list of [words, old target, new target].
CREATE TABLE edits (
    id                INTEGER PRIMARY KEY,
    document_id       INTEGER NOT NULL REFERENCES documents(id),
    kind              TEXT NOT NULL, -- added, removed, changed, moved, links
    heading_id        INTEGER NOT NULL REFERENCES headings(id),
    before_passage_id INTEGER REFERENCES passages(id),
    after_passage_id  INTEGER REFERENCES passages(id),
    links             TEXT NOT NULL DEFAULT '[]',
    same_words        INTEGER NOT NULL DEFAULT 0 -- 1: only links, punctuation, case, spacing or numbering differ
) STRICT;
CREATE INDEX edits_of_document ON edits(document_id, before_passage_id, after_passage_id);

-- The edits that a change consists of, in the order of the text. Of a first version only those that are flagged, as if
-- they had been added; of one in quarantine none, as it is not believed.
CREATE TABLE change_edits (
    change_id INTEGER NOT NULL REFERENCES changes(id),
    place     INTEGER NOT NULL,
    edit_id   INTEGER NOT NULL REFERENCES edits(id),
    telling   INTEGER NOT NULL, -- 1: the edit has flags or facts
    news      INTEGER NOT NULL DEFAULT 0, -- 1: flagged and new here: what a push tells; 2: over before it was confirmed
    PRIMARY KEY (change_id, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX changes_that_tell ON change_edits(edit_id, change_id) WHERE telling = 1;

-- A reason to look at an edit, with the exact words. An edit that newer rules read differently is another edit.
CREATE TABLE flags (
    id         INTEGER PRIMARY KEY,
    edit_id    INTEGER NOT NULL REFERENCES edits(id),
    topic      TEXT NOT NULL, -- ai-training, consent
    effect     TEXT NOT NULL, -- permits, restricts, restates, none
    mechanisms TEXT NOT NULL DEFAULT '', -- of consent: opt_out, opt_in, deemed, withdraw, default, joined by ", "
    quote      TEXT NOT NULL,
    side       TEXT NOT NULL, -- the quote stands in the text "before" or "after"
    rule       TEXT NOT NULL,
    score      REAL NOT NULL,
    severity   TEXT NOT NULL DEFAULT '', -- what it means to a reader: high, medium, low
    why        TEXT NOT NULL DEFAULT ''  -- the words of the quote that set the rule off
) STRICT;
CREATE INDEX flags_of_edit ON flags(edit_id);

-- What an edit states: effective, optout, exempt, not_retroactive, third_party, data, sharing... `codes` are what the
-- value names, normalised: of exempt regions ISO 3166 codes, joined by " ".
CREATE TABLE facts (
    id      INTEGER PRIMARY KEY,
    edit_id INTEGER NOT NULL REFERENCES edits(id),
    kind    TEXT NOT NULL,
    value   TEXT NOT NULL,
    quote   TEXT NOT NULL,
    codes   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX facts_of_edit ON facts(edit_id);
CREATE INDEX facts_on_days ON facts(value) WHERE kind = 'effective';

-- Where notifications go: names only. Addresses and passwords stay in the settings file.
CREATE TABLE targets (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- What some days have brought, told together: what was recorded and not pushed and, to targets that want it so, what was
-- pushed. A span of days is a span of rows, those after one id up to another: of `changes` what was decided, of
-- `earlier_decisions` what was decided anew. Times would lose what is decided late. Each schedule, as the settings have
-- it, has its own spans; "" is the usual one. A span without anything to tell has a row here, and no notifications.
CREATE TABLE digests (
    id             INTEGER PRIMARY KEY,
    since          TEXT NOT NULL,
    until          TEXT NOT NULL,
    queued_at      TEXT NOT NULL,
    after_change   INTEGER NOT NULL,
    last_change    INTEGER NOT NULL,
    after_decision INTEGER NOT NULL,
    last_decision  INTEGER NOT NULL,
    schedule       TEXT NOT NULL DEFAULT ''
) STRICT;

-- What else is told, each once: a change that applies soon (reminder), what cannot be read (silence) and can be read
-- again (heard), a target that nothing reaches (dead), that a public stream is alive (watching). `key` says which one of
-- its kind; `told` is what was known when it was queued: JSON, an object.
CREATE TABLE bulletins (
    id        INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL,
    key       TEXT NOT NULL,
    change_id INTEGER REFERENCES changes(id), -- of a reminder
    told      TEXT NOT NULL DEFAULT '{}',
    queued_at TEXT NOT NULL,
    UNIQUE (kind, key)
) STRICT;

-- Links by which people can refuse, as documents of ours give them, and how each look at one went. One that asks for a
-- login is alive; what a robot is not shown is unknown.
CREATE TABLE link_looks (
    id          INTEGER PRIMARY KEY,
    document_id INTEGER NOT NULL REFERENCES documents(id),
    url         TEXT NOT NULL,
    looked_at   TEXT NOT NULL,
    outcome     TEXT NOT NULL,            -- alive, dead, unknown
    detail      TEXT NOT NULL DEFAULT '', -- why, in words, where it is not alive
    status      INTEGER                   -- HTTP status
) STRICT;
CREATE INDEX link_looks_of_document ON link_looks(document_id, url, id);

-- When a document could not be read, or a link to refuse led nowhere, for so long that it was told. Without a document:
-- nothing at all could be reached. The last two columns are set when it is over.
CREATE TABLE silences (
    id          INTEGER PRIMARY KEY,
    document_id INTEGER REFERENCES documents(id),
    kind        TEXT NOT NULL,             -- unreadable, blocked, broken, link, network
    url         TEXT NOT NULL DEFAULT '',  -- of a link
    detail      TEXT NOT NULL DEFAULT '',  -- why, in words
    since       TEXT NOT NULL,             -- the first look that failed
    told_in     INTEGER NOT NULL REFERENCES bulletins(id),
    ended_at    TEXT,                      -- the look that found it again
    ended_in    INTEGER REFERENCES bulletins(id) -- told_in where nobody is told: it is watched no more
) STRICT;
CREATE INDEX silences_that_last ON silences(document_id) WHERE ended_at IS NULL;

-- The outbox: one row for each pushed change, digest or bulletin, and target. `reference` is what the message is known by
-- at its target. State, attempts, times, error, uncertain and receipts change while it is delivered.
CREATE TABLE notifications (
    id          INTEGER PRIMARY KEY,
    change_id   INTEGER REFERENCES changes(id),
    digest_id   INTEGER REFERENCES digests(id),
    bulletin_id INTEGER REFERENCES bulletins(id),
    target_id   INTEGER NOT NULL REFERENCES targets(id),
    reference   TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(8)))),
    state       TEXT NOT NULL DEFAULT 'pending', -- pending, sent, failed (tried again later), dead
    attempts    INTEGER NOT NULL DEFAULT 0,
    queued_at   TEXT NOT NULL,
    next_try_at TEXT,
    sent_at     TEXT,
    last_error  TEXT NOT NULL DEFAULT '',
    uncertain   INTEGER NOT NULL DEFAULT 0,   -- 1: it left, and nobody knows whether it arrived
    receipts    TEXT NOT NULL DEFAULT '[]',   -- JSON: what the target has said of the parts that arrived
    UNIQUE (change_id, target_id),
    UNIQUE (digest_id, target_id),
    UNIQUE (bulletin_id, target_id),
    CHECK ((change_id IS NOT NULL) + (digest_id IS NOT NULL) + (bulletin_id IS NOT NULL) = 1)
) STRICT;
CREATE INDEX notifications_to_send ON notifications(target_id) WHERE state IN ('pending', 'failed');
CREATE INDEX notifications_given_up ON notifications(target_id) WHERE state = 'dead';

-- For people: every flag of every change with its service, document, words and decision. What a document said when it
-- was first recorded is no change; the view ai_training_passages has it.
CREATE VIEW flagged_changes AS
SELECT changes.id AS change_id, versions.seen_at, services.name AS service, documents.type AS document,
       flags.severity, changes.line, flags.topic, flags.effect, flags.mechanisms, flags.quote, flags.side,
       edits.kind AS edit, headings.path AS heading, changes.decision, changes.reason, flags.rule, flags.score,
       flags.why, documents.region, documents.origin, documents.url, flags.id AS flag_id
FROM flags
JOIN edits ON edits.id = flags.edit_id
JOIN headings ON headings.id = edits.heading_id
JOIN change_edits ON change_edits.edit_id = edits.id AND change_edits.telling = 1
JOIN changes ON changes.id = change_edits.change_id AND changes.before_version_id IS NOT NULL
JOIN versions ON versions.id = changes.after_version_id
JOIN documents ON documents.id = changes.document_id
JOIN services ON services.id = documents.service_id
ORDER BY versions.seen_at DESC, changes.id DESC, change_edits.place, flags.id;

-- For people: every change with its decision and how much of it there is.
CREATE VIEW decided_changes AS
SELECT changes.id AS change_id, versions.seen_at, services.name AS service, documents.type AS document,
       changes.severity, changes.line, changes.decision, changes.reason,
       (SELECT count(*) FROM change_edits WHERE change_id = changes.id) AS edits,
       (SELECT count(*) FROM flags JOIN change_edits ON change_edits.edit_id = flags.edit_id
        WHERE change_id = changes.id) AS flags,
       documents.region, documents.origin, changes.decided_at, changes.held_until, changes.told_in,
       documents.id AS document_id
FROM changes
JOIN versions ON versions.id = changes.after_version_id
JOIN documents ON documents.id = changes.document_id
JOIN services ON services.id = documents.service_id
ORDER BY versions.seen_at DESC, changes.id DESC;

-- For people: the text of each version, passage by passage. Ask for one: WHERE version_id = 12 ORDER BY run, number.
CREATE VIEW version_passages AS
SELECT versions.id AS version_id, runs.key AS run, placements.number, placements.kind, placements.level, passages.text,
       placements.links, placements.passage_id, versions.document_id
FROM versions
CROSS JOIN json_each(versions.content) AS runs
CROSS JOIN placements ON placements.document_id = versions.document_id
    AND placements.number BETWEEN json_extract(runs.value, '$[0]') AND json_extract(runs.value, '$[#-1]')
CROSS JOIN passages ON passages.id = placements.passage_id;

-- For people: how long each passage has stood in each document, the newest passages first. Grouped as the index of
-- placements lies, so that the first rows, and those of a few passages, come without reading all.
CREATE VIEW passage_lives AS
SELECT services.name AS service, documents.type AS document, placements.kind, passages.text,
       min(born.seen_at) AS first_seen,
       CASE WHEN sum(placements.gone_version_id IS NULL) THEN NULL ELSE max(gone.seen_at) END AS gone,
       placements.passage_id AS passage_id, placements.document_id AS document_id
FROM placements
JOIN passages ON passages.id = placements.passage_id
JOIN documents ON documents.id = placements.document_id
JOIN services ON services.id = documents.service_id
JOIN versions born ON born.id = placements.first_version_id
LEFT JOIN versions gone ON gone.id = placements.gone_version_id
GROUP BY placements.passage_id, placements.document_id
ORDER BY placements.passage_id DESC, placements.document_id DESC;

-- For people: when each document was last looked at and last seen, and how the last look ended.
CREATE VIEW document_health AS
SELECT services.name AS service, documents.type AS document, documents.region, documents.language,
       last.outcome AS last_outcome, last.detail, last.status, last.fetched_at AS last_looked,
       (SELECT max(fetched_at) FROM fetches WHERE document_id = documents.id
        AND outcome IN ('recorded', 'unchanged', 'not modified')) AS last_seen,
       (SELECT count(*) FROM versions WHERE document_id = documents.id) AS versions,
       documents.url, documents.id AS document_id
FROM documents
JOIN services ON services.id = documents.service_id
LEFT JOIN fetches last ON last.id = (SELECT max(id) FROM fetches WHERE document_id = documents.id)
WHERE documents.origin = '' -- the others are not ours to look at
ORDER BY services.name, documents.type;

-- For people: every passage that was flagged on AI training, in a first version too, with its life in the document: the
-- first and the last fetch that found it, and when it was gone (NULL: it still stands). Where it was flagged more than
-- once, what was said when it came goes before what was said when it went.
CREATE VIEW ai_training_passages AS
WITH said AS (
    SELECT edits.document_id, CASE flags.side WHEN 'after' THEN edits.after_passage_id
                              ELSE edits.before_passage_id END AS passage_id,
           flags.side, flags.effect, flags.quote, flags.score, flags.id
    FROM flags
    JOIN edits ON edits.id = flags.edit_id
    WHERE flags.topic = 'ai-training'
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY document_id, passage_id ORDER BY side, score DESC, id) AS place FROM said
), lives AS (
    SELECT ranked.*, min(born.seen_at) AS first_seen,
           CASE WHEN sum(placements.gone_version_id IS NULL) THEN NULL ELSE max(gone.seen_at) END AS gone
    FROM ranked
    -- "+" keeps SQLite from walking all placements of the document: those of the passage are few.
    JOIN placements ON placements.passage_id = ranked.passage_id AND +placements.document_id = ranked.document_id
    JOIN versions born ON born.id = placements.first_version_id
    LEFT JOIN versions gone ON gone.id = placements.gone_version_id
    WHERE ranked.place = 1
    GROUP BY ranked.document_id, ranked.passage_id
)
SELECT services.name AS service, documents.type AS document, passages.text, lives.first_seen,
       max(lives.first_seen, coalesce((SELECT fetched_at FROM fetches WHERE document_id = lives.document_id
           AND outcome IN ('recorded', 'unchanged', 'not modified')
           AND fetched_at < coalesce(lives.gone, '~') ORDER BY fetched_at DESC LIMIT 1), '')) AS last_seen,
       lives.gone, lives.effect, lives.quote, documents.region, documents.origin, lives.passage_id, lives.document_id
FROM lives
JOIN passages ON passages.id = lives.passage_id
JOIN documents ON documents.id = lives.document_id
JOIN services ON services.id = documents.service_id
ORDER BY services.name, documents.type, lives.first_seen, lives.passage_id;
