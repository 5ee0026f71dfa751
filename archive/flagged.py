"""Reads which flagged changes there are: of those that a reader wants, each with its day and severity."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import NamedTuple

from sqlite_utils import Database

from archive.regions import covered, overlap
from archive.words import Flag


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks for; "" where it does not matter.

    `effect` is an effect or a mechanism, of a flag on `topic`; `service` is a key. `region` is a code: wanted are
    documents for everybody or for people there, but not what says of itself that it does not apply to them.
    """

    topic: str = ""
    effect: str = ""
    severity: str = ""
    service: str = ""
    region: str = ""

    def meets(self, flag: Flag) -> bool:
        """Whether a flag is on the topic and has the effect or mechanism."""
        said = ("", flag.effect, *flag.mechanisms)
        return self.topic in ("", flag.topic) and self.effect in said


class Dated(NamedTuple):
    """A flagged change: its id, the day on which it was seen ("2026-03-02", UTC), and how much it matters."""

    id: int
    day: str
    severity: str


class Service(NamedTuple):
    """A service, and whether there are flagged changes of it."""

    key: str
    name: str
    flagged: bool


def dated(db: Database, wanted: Wanted) -> list[Dated]:
    """The flagged changes that are wanted, the last seen first; of those told together the one whose message it is."""
    clauses = [_SEVERE] if wanted.severity else []
    values: dict[str, object] = {"severity": wanted.severity, "topic": wanted.topic, "effect": wanted.effect}
    if wanted.service or wanted.region:
        clauses.append(_OF_DOCUMENTS)
        values["documents"] = json.dumps(_documents(db, wanted))
    if wanted.topic or wanted.effect or wanted.region:
        exempting = _exempting(db, wanted.region) if wanted.region else []
        clauses.append(_HAS_FLAG.format(_NOT_EXEMPT if exempting else ""))
        values["exempting"] = json.dumps(exempting)
    return list(map(Dated._make, db.conn.execute(_DATED.format(" ".join(clauses)), values)))


def services(db: Database) -> list[Service]:
    """All services, in the order of their names."""
    return [Service(row["key"], row["name"], bool(row["flagged"])) for row in db.query(_SERVICES)]


def regions(db: Database) -> list[str]:
    """The regions that documents are for, and those that changes do not apply to: codes, or what a declaration says."""
    return [row["code"] for row in db.query(_REGIONS)]


def _documents(db: Database, wanted: Wanted) -> list[int]:
    """The ids of the documents of the service, for people of the region."""
    found = db.query(_DOCUMENTS, {"service": wanted.service})
    return [row["id"] for row in found if not wanted.region or overlap(wanted.region, row["region"])]


def _exempting(db: Database, region: str) -> list[str]:
    """The codes of all exemptions, as they stand in the archive, that cover a region."""
    found = db.query("SELECT DISTINCT codes FROM facts WHERE kind = 'exempt' AND codes != ''")
    return [row["codes"] for row in found if covered(region, row["codes"].split())]


# Of a row of change_edits: whether it is news in its change; of a change without any news each edit is.
NEWS = """(news = 1 OR NOT EXISTS (
    SELECT 1 FROM change_edits marked WHERE marked.change_id = change_edits.change_id AND marked.news = 1))"""
_DATED = """
SELECT changes.id, substr(versions.seen_at, 1, 10), changes.severity
FROM changes
JOIN versions ON versions.id = changes.after_version_id
WHERE decision = 'push' AND (told_in IS NULL OR told_in = changes.id) {}
ORDER BY versions.seen_at DESC, changes.id DESC"""
_SEVERE = "AND changes.severity = :severity"
_OF_DOCUMENTS = """
AND EXISTS (SELECT 1 FROM changes one WHERE (one.id = changes.id OR one.told_in = changes.id)
            AND one.document_id IN (SELECT value FROM json_each(:documents)))"""
_HAS_FLAG = f"""
AND EXISTS (SELECT 1 FROM change_edits JOIN flags ON flags.edit_id = change_edits.edit_id
            WHERE change_id = changes.id AND telling = 1 AND {NEWS} AND :topic IN ('', flags.topic)
            AND (:effect IN ('', flags.effect) OR instr(', ' || flags.mechanisms || ',', ', ' || :effect || ','))
            {{}})"""  # noqa: S608  (no value is in it)
_NOT_EXEMPT = """
AND NOT EXISTS (SELECT 1 FROM facts JOIN edits ON edits.id = facts.edit_id AND edits.after_passage_id IS NOT NULL
                WHERE facts.edit_id = change_edits.edit_id AND facts.kind = 'exempt'
                AND facts.codes IN (SELECT value FROM json_each(:exempting)))"""
_DOCUMENTS = """SELECT documents.id, documents.region FROM documents JOIN services ON services.id = service_id
                WHERE :service IN ('', services.key)"""
_SERVICES = """
SELECT key, name, id IN (SELECT service_id FROM changes JOIN documents ON documents.id = document_id
                         WHERE decision = 'push') AS flagged
FROM services ORDER BY name COLLATE NOCASE, key"""
_REGIONS = """
WITH RECURSIVE exempt(code, rest) AS (
    SELECT '', codes || ' ' FROM (SELECT DISTINCT codes FROM facts WHERE kind = 'exempt' AND codes != '')
    UNION
    SELECT substr(rest, 1, instr(rest, ' ') - 1), substr(rest, instr(rest, ' ') + 1) FROM exempt WHERE rest != ''
)
SELECT code FROM exempt WHERE code != '' UNION SELECT region FROM documents WHERE region != ''"""
