"""Makes small repositories as Open Terms Archive does, and tells what an archive says regardless of its ids."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from archive.snapshots import body

DAY = 86400
START = 1_600_000_000  # 2020-09-13T12:26:40Z
WORDS = "# Privacy\n\nWe keep {0} things.\n\n* We use what you write to train our models since day {0}.\n"


@dataclass(frozen=True)
class Commit:
    """One commit of a recorder: files of None are removed."""

    subject: str
    files: dict[str, bytes | None]
    at: int = START
    body: str = ""


def record(day: int, text: str | None = None, path: str = "Quillo/Privacy Policy.md", **more: str) -> Commit:
    """A text that was recorded on a day."""
    content = (WORDS.format(day) if text is None else text).encode()
    subject = f"{more.get('prefix', 'Record new changes of')} {path.removesuffix('.md').replace('/', ' ')}"
    return Commit(subject, {path: content}, START + day * DAY, more.get("body", ""))


def make(folder: Path, commits: Sequence[Commit]) -> Path:
    """A bare repository with these commits, on top of what it holds."""
    if not folder.exists():
        git("init", "--quiet", "--bare", "--initial-branch=main", str(folder))
    known = subprocess.run(["git", "-C", folder, "rev-parse", "--verify", "--quiet", "main"], check=False).returncode
    stream = b"".join(_commit(commit, first=known != 0 and n == 0, top=n == 0) for n, commit in enumerate(commits))
    command = ["git", "-C", str(folder), "fast-import", "--quiet", "--date-format=raw-permissive"]
    subprocess.run(command, input=stream, check=True)
    return folder


def bundle(repository: Path, file: Path) -> Path:
    """The repository as one file."""
    git("-C", str(repository), "bundle", "create", "--quiet", str(file), "HEAD", "main")
    return file


def git(*words: str) -> None:
    subprocess.run(["git", *words], check=True, capture_output=True)


def content_hash(db: Database) -> str:
    """What the archive says, without its own numbers and the times of writing."""
    lines = [repr(row) for sql in _LOGICAL for row in db.conn.execute(sql)]
    bodies = db.query("SELECT id FROM snapshots ORDER BY sha256")
    lines += [hashlib.sha256(body(db, row["id"])).hexdigest() for row in bodies]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _commit(commit: Commit, *, first: bool, top: bool) -> bytes:
    message = f"{commit.subject}\n\n{commit.body}".encode()
    lines = b"commit refs/heads/main\nauthor Bot <bot@example.org> %d +0000\n" % commit.at
    # As in histories that were moved: the committer's date tells nothing.
    lines += b"committer Bot <bot@example.org> 1700000000 +0200\ndata %d\n%s\n" % (len(message), message)
    lines += b"" if first or not top else b"from refs/heads/main^0\n"
    for path, content in commit.files.items():
        name = b'"%s"' % path.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
        if content is None:
            lines += b"D %s\n" % name
        else:
            lines += b"M 100644 inline %s\ndata %d\n%s\n" % (name, len(content), content)
    return lines + b"\n"


_VERSION = """(SELECT count(*) FROM versions earlier WHERE earlier.document_id = versions.document_id
               AND earlier.id <= versions.id)"""
_LOGICAL = (
    "SELECT key, name FROM services ORDER BY key",
    """SELECT documents.name, key, type, origin, url, declaration, extractor FROM documents
       JOIN services ON services.id = service_id ORDER BY key, type, origin""",
    """SELECT origin_id, name, fetched_at, outcome, detail, fetches.url, sha256 FROM fetches
       JOIN documents ON documents.id = fetches.document_id LEFT JOIN snapshots ON snapshots.id = snapshot_id
       ORDER BY origin_id, fetched_at""",
    "SELECT text, hash FROM passages ORDER BY hash",
    f"""SELECT name, {_VERSION} AS number, seen_at, versions.extractor, technical, passages, words, text_hash,
        decision, reason, before_version_id IS NULL, origin_id
        FROM versions JOIN documents ON documents.id = versions.document_id
        LEFT JOIN changes ON after_version_id = versions.id
        LEFT JOIN version_fetches ON version_fetches.version_id = versions.id
        LEFT JOIN fetches ON fetches.id = fetch_id ORDER BY name, number""",
    """SELECT name, number, text, kind, level, links, born.seen_at, gone.seen_at FROM placements
       JOIN documents ON documents.id = placements.document_id JOIN passages ON passages.id = passage_id
       JOIN versions born ON born.id = first_version_id LEFT JOIN versions gone ON gone.id = gone_version_id
       ORDER BY name, number""",
    """SELECT name, seen_at, content FROM versions JOIN documents ON documents.id = document_id
       ORDER BY name, versions.id""",
    """SELECT text FROM passages WHERE id IN (SELECT rowid FROM passages_fts WHERE passages_fts MATCH 'we')
       ORDER BY text""",
    """SELECT name, versions.seen_at, edits.kind, path, old.hash, new.hash, links, same_words, flags.topic,
       flags.effect, mechanisms, flags.quote, side, rule, score, facts.kind AS fact, facts.value, facts.quote
       FROM change_edits JOIN edits ON edits.id = change_edits.edit_id JOIN headings ON headings.id = heading_id
       JOIN changes ON changes.id = change_id JOIN versions ON versions.id = after_version_id
       JOIN documents ON documents.id = changes.document_id
       LEFT JOIN passages old ON old.id = before_passage_id LEFT JOIN passages new ON new.id = after_passage_id
       LEFT JOIN flags ON flags.edit_id = edits.id LEFT JOIN facts ON facts.edit_id = edits.id
       ORDER BY name, versions.id, place, flags.id, facts.id""",
)
