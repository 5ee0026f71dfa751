"""Turns the flagged edits of a change into one line in plain words, by templates: what the service may do now, and how.

All texts of facts come from the watched page: they are cleaned and clipped, and the line claims no more than the flags.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from archive.predicates import Statement, Way, is_plain, paired, stated, told
from archive.regions import listed, named
from archive.severity import severity
from archive.words import Edit, Fact, Flag, Mechanism, Reading, Severity, Topic

LONGEST = 200  # characters of the whole line
PEOPLES = "people’s data or content"
CLIPS = {"service": 40, "data": 64, "third_party": 40, "exempt": 60, "optout": 64, "section": 40}
IMPORTANT = ("way", "exempt", "exempt groups", "optout", "effective", "third_party", "section")
PATH = re.compile(r"[>›→»]")
ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+")
LEADING = re.compile(
    r"^(?:(?:your|our|the|any|all|no|certain|such|these|those|this|that|of|to|on|only|also|some)\s+)+", re.IGNORECASE
)
TRAILING = re.compile(
    r"(?:[\s,;:(]|\b(?:and|or|including|such as|to|for|of|with|by|in|from|the|our|your)\b)+$", re.IGNORECASE
)
CLAUSE = re.compile(
    r"^(?:including|how|as|if|when|where|who|which|it|them)\b|,\s*you\b"
    r"|\b(?:we|us|not|may|will|shall|is|are|was|acknowledge|agree|consent)\b",
    re.IGNORECASE,
)
GROUP = re.compile(
    r"\b(?:users|members|residents|people|customers|individuals|minors|children|teen\w*|students|schools|accounts|plans"
    r"|subscribers|consumers|employees|businesses|enterprises|organi[sz]ations)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """A statement with the edits it was made from, the most telling first; `flag` stands in that one."""

    statement: Statement
    severity: Severity
    edits: tuple[tuple[Edit, Reading], ...]
    flag: Flag


def line(
    service: str, edits: Iterable[tuple[Edit, Reading]], seen: str = "", topics: Collection[Topic] = tuple(Topic)
) -> str:
    """The line on a change of this service, at most 200 characters; "" where nothing is flagged on these topics.

    "LinkedIn may now train AI models on personal data; not in the EU; opt out under Settings; from 2024-11-20". `edits`
    are those with flags or facts; `seen` is the day of the new text. The most severe statement leads, with its facts; a
    second follows if there is room.
    """
    told_edits = list(edits)
    said = _said(told_edits, topics)
    if not said:
        return ""
    lead, *rest = said
    name = _clipped(service, CLIPS["service"]) or "The service"
    start = f"{name} {told(lead.statement, _data(lead) or PEOPLES * is_plain(lead.statement))}"
    facts = _facts(lead, told_edits, seen)
    rest = [one for one in rest if not _is_told(one.statement, lead.statement, "optout" in facts)]
    return _joined(start, facts, [_beside(one, lead.statement) for one in rest])


def _beside(one: Said, lead: Statement) -> str:
    """A further statement; a promise beside a permission, both new, cannot hold for everything."""
    told_briefly = told(one.statement, _data(one))
    both = {lead.subject, one.statement.subject} == {"permission", "promise"}
    partly = both and lead.way is Way.COMES and one.statement.way is Way.COMES and not _data(one)
    return f"{told_briefly} in some cases" if partly else told_briefly


def _is_told(statement: Statement, lead: Statement, refusable: bool) -> bool:
    """Whether the line says it already: a way to refuse that is told as a fact, or the same about something wider."""
    if refusable and _is_refusal(statement):
        return True
    same = statement.subject == lead.subject and statement.way in (lead.way, Way.ALTERS)
    return same and (lead.training or not statement.training)


def _said(edits: Sequence[tuple[Edit, Reading]], topics: Collection[Topic]) -> list[Said]:
    """What the flags state, each once, the most severe first, AI training before consent."""
    found = [
        Said(stated(flag, edit, reading), severity(flag, edit, reading), ((edit, reading),), flag)
        for edit, reading in edits
        for flag in reading.flags
        if flag.topic in topics
    ]
    ways = {(one.statement.subject, one.statement.way) for one in found}
    merged = dict[str, Said]()
    found = [replace(one, statement=paired(one.statement, ways)) for one in found]
    for one in sorted(found, key=_rank):
        key = told(one.statement)
        known = merged.get(key)
        merged[key] = replace(known, edits=known.edits + one.edits) if known else one
    return list(merged.values())


def _rank(one: Said) -> tuple[int, bool, bool, bool, float]:
    """What may be done now leads what is no longer promised."""
    consent, alters = one.flag.topic is Topic.CONSENT, one.statement.way is Way.ALTERS
    return list(Severity).index(one.severity), consent, alters, one.statement.subject != "permission", -one.flag.score


def _joined(start: str, facts: dict[str, str], rest: Sequence[str]) -> str:
    """The parts that fit: facts in the order of their importance, told in their own order, then a second statement."""
    room = LONGEST - len(start) - len(_more(len(rest)))
    chosen = set[str]()
    for kind in IMPORTANT:
        if kind in facts and len(facts[kind]) <= room:
            chosen.add(kind)
            room -= len(facts[kind])
    start += "".join(text for kind, text in facts.items() if kind in chosen)
    also = f"; also {rest[0]}" if rest else ""
    if also and len(also) <= room:
        start, rest = start + also, rest[1:]
    return start + _more(len(rest))


def _more(count: int) -> str:
    return f"; and {count} more" if count else ""


def _facts(lead: Said, edits: Sequence[tuple[Edit, Reading]], seen: str) -> dict[str, str]:
    """What is joined to the leading statement, in the order of telling."""
    statement = lead.statement
    found = dict[str, str]()
    around = _with_section(lead, edits)
    way_out = _way_out(_first(around, "optout")) if statement.way is not Way.GOES and _may_be_refused(around) else ""
    if _is_refusal(statement) and way_out:
        found["way"] = f" ({way_out})"
    elif not statement.training:
        found["section"] = f" (section “{_clipped(lead.edits[0][0].heading.rpartition(' › ')[2], CLIPS['section'])}”)"
    found["third_party"] = f"; others involved: {_words(lead, 'third_party')}"
    if statement.subject in ("permission", "limit") and statement.way is not Way.GOES:
        found |= _exempt(around)
    found["optout"] = f"; opt out{':' * way_out.startswith('“')} {way_out}" if not _is_refusal(statement) else ""
    found["effective"] = f"; from {_start(lead, edits, seen)}"
    return {kind: text for kind, text in found.items() if not text.endswith((" ", ":", "()", "“”)"))}


def _with_section(lead: Said, edits: Sequence[tuple[Edit, Reading]]) -> Said:
    """The statement with what else came under its heading: a way to refuse often stands in the next passage."""
    heading = lead.edits[0][0].heading
    beside = [pair for pair in edits if heading and pair[0].heading == heading and pair not in lead.edits]
    return replace(lead, edits=(*lead.edits, *beside))


def _first(lead: Said, kind: str) -> Fact | None:
    """A fact that the page states now."""
    return next((fact for edit, one in lead.edits for fact in one.facts if edit.after and fact.kind == kind), None)


def _may_be_refused(lead: Said) -> bool:
    """Whether a way to refuse that is stated belongs to what leads."""
    return any(Mechanism.OPT_OUT in flag.mechanisms for _, one in lead.edits for flag in one.flags)


def _is_refusal(statement: Statement) -> bool:
    return statement.subject == Mechanism.OPT_OUT and statement.way is not Way.GOES


def _data(lead: Said) -> str:
    """The kinds of data that the quoted sentence names, as far as its words can stand in the line."""
    words = _words(lead, "data")
    return "" if words.lower() in ("data", "information") else words


def _words(lead: Said, kind: str) -> str:
    """What the quoted sentence of a flag on AI training states, without the words around it; "" if it is no name."""
    quotes = {flag.quote for _, one in lead.edits for flag in one.flags if flag.topic is Topic.AI_TRAINING}
    facts = [fact for _, one in lead.edits for fact in one.facts if fact.kind == kind and fact.quote in quotes]
    if not facts or not lead.statement.training:
        return ""
    words = TRAILING.sub("", _clipped(LEADING.sub("", clean(facts[0].value)), CLIPS[kind]))
    return "" if CLAUSE.search(words) else words


def _exempt(lead: Said) -> dict[str, str]:
    """Regions by their names, and groups in their own words; other words of a page say too little here."""
    facts = [fact for edit, one in lead.edits if edit.after for fact in one.facts if fact.kind.startswith("exempt")]
    regions, groups = list[str](), list[str]()
    for fact in facts:
        words = LEADING.sub("", _clipped(fact.value, CLIPS["exempt"]))
        if names := named(fact.codes):
            regions += names
        elif GROUP.search(words) and not CLAUSE.search(words):
            groups.append(words)
        elif fact.codes:
            regions.append(_clipped(fact.value, CLIPS["exempt"]))
    found = {"exempt": f"; not in {_clipped(listed(regions), CLIPS['exempt'])}" if regions else ""}
    return found | {"exempt groups": f"; not for {groups[0]}" if groups else ""}


def _way_out(fact: Fact | None) -> str:
    """How to refuse: a path or an address as it is, other words in quotes."""
    words = _clipped(fact.value, CLIPS["optout"]) if fact else ""
    if not words:
        return ""
    if PATH.search(words):
        return f"under {words}"
    return f"at {words}" if ADDRESS.fullmatch(words) else f"“{words}”"


def _start(lead: Said, edits: Sequence[tuple[Edit, Reading]], seen: str) -> str:
    """The day from which it applies: of the leading passage, else the only one that the change states.

    One that lies more than a year back is not the day of this change.
    """
    own = _first(lead, "effective")
    days = {fact.value for edit, reading in edits if edit.after for fact in reading.facts if fact.kind == "effective"}
    day = own.value if own else days.pop() if len(days) == 1 else ""
    earliest = f"{int(seen[:4]) - 1}{seen[4:10]}" if seen else ""
    return clean(day)[:10] if day >= earliest else ""


def clean(text: str) -> str:
    """Text on one line, without characters that steer: control, direction and other invisible ones; no quotes."""
    seen = "".join(c if unicodedata.category(c) not in _STEERING or c.isspace() else "" for c in text)
    return " ".join(seen.translate(_QUOTES).split())


def _clipped(text: str, most: int) -> str:
    """The text, cleaned, cut at a word with "…" where it is longer."""
    whole = clean(text[: 20 * most])
    if len(whole) <= most and len(text) <= 20 * most:
        return whole
    cut = whole[: most - 1]
    kept = cut.rpartition(" ")[0] if " " in cut[most // 2 :] else cut
    return f"{kept.rstrip(' ,;:')}…"


_STEERING = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
_QUOTES = str.maketrans('“”„"', "''''")
