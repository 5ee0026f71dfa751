"""The words of the domain, as plain values that every room shares."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a passage is on the page."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"


class Outcome(StrEnum):
    """How one fetch of a document ended."""

    FETCHED = "fetched"  # stored, not read yet
    RECORDED = "recorded"
    UNCHANGED = "unchanged"
    NOT_MODIFIED = "not modified"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    BLOCKED = "blocked"
    UNEXTRACTABLE = "unextractable"
    SUSPECT = "suspect"

    @property
    def seen(self) -> bool:
        """Whether the document itself was read, so that "unchanged" can be believed."""
        return self in (Outcome.RECORDED, Outcome.UNCHANGED, Outcome.NOT_MODIFIED)


class Decision(StrEnum):
    """What the gate made of a change; only PUSH leaves the house."""

    BASELINE = "baseline"
    PUSH = "push"
    MUTED = "muted"
    UNFLAGGED = "unflagged"
    COSMETIC = "cosmetic"
    TECHNICAL = "technical"
    RETURNED = "returned"
    HELD = "held"
    QUARANTINED = "quarantined"


class EditKind(StrEnum):
    """What happened to one passage between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    LINKS = "links"


class Topic(StrEnum):
    """What a flag is about."""

    AI_TRAINING = "ai-training"
    CONSENT = "consent"


class Effect(StrEnum):
    """What a change does to the company's freedom to act, seen from the reader."""

    PERMITS = "permits"
    RESTRICTS = "restricts"
    RESTATES = "restates"
    NONE = "none"


class Mechanism(StrEnum):
    """How agreement is obtained, presumed, refused or taken back."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    DEEMED = "deemed"
    WITHDRAW = "withdraw"
    DEFAULT = "default"


class Severity(StrEnum):
    """How much a flag matters to a reader."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Run(StrEnum):
    """The kind of one run of words in a redline."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Link:
    """A link inside a passage: the words it hangs on and its absolute target."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A heading, paragraph, list item or table row, as plain text with single spaces.

    `level` is 1-6 for a heading, the nesting depth from 1 for a list item, else 0. Links stand beside the text:
    a link that moves makes no new passage.
    """

    kind: Kind
    text: str
    level: int = 0
    links: tuple[Link, ...] = ()

    def __hash__(self) -> int:
        """Told apart by words and first link: texts remember their hash, and "Read more" stands everywhere."""
        return hash((self.text, self.links[0].url if self.links else ""))

    @property
    def key(self) -> bytes:
        """The first half of the text's SHA-256: the same words are the same passage everywhere."""
        return passage_key(self.text)


@dataclass(frozen=True, slots=True)
class Document:
    """One watched document of a service. `service` is Open Terms Archive's service id (the declaration's file name)."""

    service: str
    type: str
    url: str
    service_name: str = ""
    region: str = ""
    language: str = ""
    origin: str = ""  # whose record it is, where others have read it
    owner: str = ""  # the company behind the service, where that is declared

    @property
    def label(self) -> str:
        """How people name it: "LinkedIn, Privacy Policy"."""
        place = f" ({self.region})" if self.region else ""
        return f"{self.service_name or self.service}, {self.type}{place}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The raw bytes of one response, as received after transport decoding."""

    body: bytes
    media_type: str
    url: str = ""

    @property
    def sha256(self) -> str:
        """SHA-256 of the body, in hexadecimal: the snapshot's address."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Fetch:
    """One attempt to read one address: what was asked, what came back, how it ended. Times are ISO-8601 UTC."""

    url: str
    at: str
    outcome: Outcome
    detail: str = ""
    status: int | None = None
    final_url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    seconds: float | None = None
    origin_id: str | None = None  # the record's name where others have fetched it


@dataclass(frozen=True, slots=True)
class Segment:
    """One run of words in a redline: kept, removed or added."""

    run: Run
    text: str


class Relink(NamedTuple):
    """A link that moved: the words it hangs on, where it led and where it leads; "" where it is new or gone."""

    text: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Edit:
    """What happened to one passage. `before` or `after` is empty where the passage is new or gone.

    `heading` is the path of headings above it, joined by " › ". `links` are those that moved, where the kind is LINKS.
    `same_words` is true where only punctuation, case, spacing, numbering or link targets differ.
    """

    kind: EditKind
    heading: str
    before: str
    after: str
    links: tuple[Relink, ...] = ()
    same_words: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """A reason to look at an edit: the topic, what it does, and the exact words, standing in `side` of the edit."""

    topic: Topic
    effect: Effect
    quote: str
    side: str  # "before" or "after"
    rule: str
    score: float
    mechanisms: tuple[Mechanism, ...] = ()
    why: str = ""  # the words of the quote that set the rule off, as they are compared


@dataclass(frozen=True, slots=True)
class Fact:
    """Something an edit states: `kind` is effective, optout, exempt, not_retroactive, third_party, data, sharing...

    `codes` are what `value` names, normalised: of exempt regions ISO 3166 codes ("EU", "GB", "US-CA").
    """

    kind: str
    value: str
    quote: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What the flag rules make of one edit."""

    flags: tuple[Flag, ...] = ()
    facts: tuple[Fact, ...] = ()


def passage_key(text: str) -> bytes:
    """What a passage with this text is stored under."""
    return hashlib.sha256(text.encode()).digest()[:16]


def heading_paths(passages: Iterable[Passage]) -> list[str]:
    """The path of headings above each passage, joined by " › "; a heading's own path ends above itself."""
    paths, stack = [], list[Passage]()
    for passage in passages:
        if passage.kind is Kind.HEADING:
            stack = [above for above in stack if above.level < passage.level]
        paths.append(" › ".join(above.text for above in stack))
        if passage.kind is Kind.HEADING:
            stack.append(passage)
    return paths
