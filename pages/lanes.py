"""Turns a service's documents and what is known of them into a picture: a lane each, with marks, bars and gaps in it.

All that lies along the time is in percent of the width, so that the picture fits a phone and a sheet of paper. What
would overlap becomes one thing that says how many it stands for: a page that flips a thousand times is no longer drawn
than one that changed once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypeVar

from archive.lanes import Gap, Mark, Span, Watched
from archive.words import Decision, Effect, Severity
from pages.axis import Axis, Tick, seconds

MOST = 110  # signs and bars of a picture
COARSER = (
    (3.2, 1.0),
    (6.0, 4.0),
    (14.0, 12.0),
    (40.0, 30.0),
)  # percent: how far signs are apart, what is one time for bars
ROWS = 8  # of bars above the line of a lane
FINE = (60, 400, 2400)  # strokes that lie apart: of a lane at least and at most, and of the whole picture
APART = 0.25  # percent: what is left free between a bar and the next
CLIP = 90  # characters of a quote or a line

BAR, ABOVE, COUNT, BELOW = 9, 13, 9, 18  # pixels: a row of bars, from there to the line, for counts, below the line
FLAGGED = (Decision.PUSH, Decision.MUTED)
PLAIN = (Decision.UNFLAGGED, Decision.BASELINE)  # of the latter those after the first: read in another language since
FAINT = (Decision.COSMETIC, Decision.TECHNICAL, Decision.RETURNED)
WAITING = (Decision.QUARANTINED, Decision.HELD)
FIRST = "first"
Of = TypeVar("Of", Mark, Span, Gap)
EFFECTS = (Effect.PERMITS, Effect.RESTRICTS)  # others go last


@dataclass(frozen=True, slots=True)
class Sign:
    """One or more changes that lie at one place: of the most severe the id and the line, and when the others were.

    `kind` is a severity, "held", "quarantined" or "first".
    """

    kind: str
    x: float
    count: int
    change_id: int
    since: str
    until: str
    line: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One or more passages that came together, and went together or still stand (`until` None), in a row from 0."""

    effect: str
    x: float
    width: float
    row: int
    count: int
    passage_id: int
    since: str
    until: str | None
    quote: str


@dataclass(frozen=True, slots=True)
class Stroke:
    """A piece of a lane's line, in percent."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Lane:
    """A document: how it stood at any time. `line` and `height` are in pixels from the upper edge of the lane.

    `ticks` and `faint` are paths over a width of `fine`, for changes that nobody was told of. `unshown` counts the
    passages for which there is no room.
    """

    document_id: int
    label: str
    origin: str
    height: int
    line: int
    read: Stroke
    unread: Sequence[Stroke]
    fine: int
    ticks: str
    faint: str
    signs: Sequence[Sign]
    bars: Sequence[Bar]
    unshown: int


@dataclass(frozen=True, slots=True)
class Picture:
    """All lanes on one axis, from the first look to the newest."""

    since: str
    until: str
    ticks: Sequence[Tick]
    lanes: Sequence[Lane]

    @property
    def kinds(self) -> set[str]:
        """What a legend has to name: the signs, the effects, "ticks", "faint" and "unread"."""
        signs = {sign.kind for lane in self.lanes for sign in lane.signs}
        bars = {bar.effect for lane in self.lanes for bar in lane.bars}
        others = {name for lane in self.lanes for name in ("ticks", "faint", "unread") if getattr(lane, name)}
        return signs | bars | others


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to draw of a document."""

    document: Watched
    marks: Sequence[Mark]
    spans: Sequence[Span]
    gaps: Sequence[Gap]

    @property
    def times(self) -> list[str]:
        """The outermost."""
        looks = [self.document.first_seen, self.document.last_seen, *(gap.since for gap in self.gaps[:1])]
        return [time for time in (*looks, *(gap.last for gap in self.gaps[-1:])) if time]


def picture(
    documents: Sequence[Watched], marks: Iterable[Mark], spans: Iterable[Span], gaps: Iterable[Gap]
) -> Picture | None:
    """The picture of these documents, in their order; None where none was ever looked at."""
    all_marks, all_spans, all_gaps = _by_document(marks), _by_document(spans), _by_document(gaps)
    known = [Known(one, all_marks[one.id], all_spans[one.id], all_gaps[one.id]) for one in documents]
    times = [time for one in known for time in one.times]
    if not times:
        return None
    axis = Axis(seconds(min(times)), seconds(max(times)))
    fine = max(FINE[0], min(FINE[1], FINE[2] // len(known)))
    lanes = list[Lane]()
    for apart, same in COARSER:
        lanes = [_lane(one, axis, fine, apart, same) for one in known if one.times]
        if sum(len(lane.signs) + len(lane.bars) for lane in lanes) <= MOST:
            break
    return Picture(min(times), max(times), axis.ticks(), lanes)


def clipped(text: str) -> str:
    """The beginning of a text."""
    return text if len(text) <= CLIP else f"{text[: CLIP - 1].rstrip()}…"


def _by_document(found: Iterable[Of]) -> Mapping[int, list[Of]]:
    grouped = defaultdict[int, list[Of]](list)
    for one in found:
        grouped[one.document_id].append(one)
    return grouped


def _lane(known: Known, axis: Axis, fine: int, apart: float, same: float) -> Lane:
    document = known.document
    bars, unshown = _packed(_bars(known, axis, same))
    signs = _signs(known.marks, axis, apart)
    counts = COUNT if any(sign.count > 1 and sign.kind != Decision.QUARANTINED for sign in signs) else 0
    line = BAR * max((bar.row + 1 for bar in bars), default=0) + counts + ABOVE
    return Lane(
        document_id=document.id,
        label=document.label,
        origin=document.origin,
        height=line + BELOW,
        line=line,
        read=_stroke(axis, document.first_seen, document.last_seen) if document.first_seen else Stroke(0, 0),
        unread=_joined(_missed(axis, gap) for gap in known.gaps),
        fine=fine,
        ticks=_ticks(known.marks[1:], PLAIN, axis, fine),
        faint=_ticks(known.marks[1:], FAINT, axis, fine),
        signs=signs,
        bars=bars,
        unshown=unshown,
    )


def _stroke(axis: Axis, since: str, until: str) -> Stroke:
    start = axis.x(since)
    return Stroke(start, round(max(0, axis.x(until) - start), 2))


def _missed(axis: Axis, gap: Gap) -> Stroke:
    """One that lasts can be seen, however short it is."""
    one = _stroke(axis, gap.since, gap.until or gap.last)
    return one if gap.until or one.width >= 1 else Stroke(round(one.x + one.width - 1, 2), 1)


def _joined(strokes: Iterable[Stroke]) -> list[Stroke]:
    """Those that nobody could tell apart as one, and without those that nobody could see."""
    joined = list[Stroke]()
    for one in strokes:
        if joined and one.x - joined[-1].x - joined[-1].width < 0.3:
            one = Stroke(joined[-1].x, round(one.x + one.width - joined.pop().x, 2))
        joined.append(one)
    return [one for one in joined if one.width >= 0.3]


def _ticks(marks: Iterable[Mark], decisions: Collection[str], axis: Axis, fine: int) -> str:
    """A path: a short stroke for each change so decided; those side by side are one."""
    places = {round(axis.x(mark.seen_at) * fine / 100) for mark in marks if mark.decision in decisions}
    runs = groupby(enumerate(sorted(places)), lambda pair: pair[1] - pair[0])
    ends = [[place for _, place in run] for _, run in runs]
    return "".join(f"M{run[0]} 0h{len(run)}" for run in ends)


def _signs(marks: Sequence[Mark], axis: Axis, apart: float) -> list[Sign]:
    """What is worth a sign, by kind: the flagged last, so that they lie on top."""
    first = [mark for mark in marks[:1] if mark.decision == Decision.BASELINE]
    groups = [[mark for mark in marks if mark.decision == waiting] for waiting in WAITING]
    flagged = [mark for mark in marks if mark.decision in FLAGGED]
    return [sign for group in (first, *groups, flagged) for sign in _apart(group, axis, apart)]


def _apart(marks: Sequence[Mark], axis: Axis, apart: float) -> Iterator[Sign]:
    """Those that lie closer together than `apart` as one sign, in their middle."""
    gathered = list[tuple[float, Mark]]()
    for mark in marks:
        x = axis.x(mark.seen_at)
        if gathered and x - gathered[0][0] >= apart:
            yield _sign(gathered)
            gathered = []
        gathered.append((x, mark))
    if gathered:
        yield _sign(gathered)


def _sign(gathered: Sequence[tuple[float, Mark]]) -> Sign:
    chief = min((mark for _, mark in gathered), key=_weight)
    middle = round((gathered[0][0] + gathered[-1][0]) / 2, 2)
    since, until = gathered[0][1].seen_at, gathered[-1][1].seen_at
    return Sign(_kind(chief), middle, len(gathered), chief.change_id, since, until, clipped(chief.line))


def _weight(mark: Mark) -> int:
    return list(Severity).index(Severity(mark.severity)) if mark.severity in set(Severity) else len(Severity)


def _kind(mark: Mark) -> str:
    if mark.decision in FLAGGED:
        return mark.severity or Severity.LOW
    return FIRST if mark.decision == Decision.BASELINE else mark.decision


def _bars(known: Known, axis: Axis, same: float) -> list[Bar]:
    """A bar for the passages of one effect that came and went at what is one time here, the first to come first."""
    groups = defaultdict[tuple[int, int, str], list[Span]](list)
    for span in known.spans:
        end = span.until or known.document.last_seen
        groups[round(axis.x(span.since) / same), round(axis.x(end) / same), span.effect].append(span)
    bars = [_bar(group, axis, known.document.last_seen) for group in groups.values()]
    return sorted(bars, key=lambda bar: (_rank(bar.effect), bar.x, -bar.width))


def _rank(effect: str) -> int:
    return EFFECTS.index(Effect(effect)) if effect in EFFECTS else len(EFFECTS)


def _bar(group: Sequence[Span], axis: Axis, last_seen: str) -> Bar:
    since = min(span.since for span in group)
    until = None if any(span.until is None for span in group) else max(span.until or "" for span in group)
    where, one = _stroke(axis, since, until or last_seen), group[0]
    quote = clipped(one.quote)
    width = round(max(where.width - APART, 2 * APART), 2)
    return Bar(one.effect, where.x, width, 0, len(group), one.passage_id, since, until, quote)


def _packed(bars: Iterable[Bar]) -> tuple[list[Bar], int]:
    """Each bar in the first row that is free there, and how many passages no row has room for."""
    ends, placed, unshown = list[float](), list[Bar](), 0
    for bar in bars:
        row = next((row for row, end in enumerate(ends) if end < bar.x), len(ends))
        if row == ROWS:
            unshown += bar.count
            continue
        ends[row : row + 1] = [bar.x + bar.width]
        placed.append(replace(bar, row=row))
    return placed, unshown
