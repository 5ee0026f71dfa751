"""Goes through the looks at one document in the order of time, and says what was decided at each about its changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain

from archive.changes import Anew, Compared, Pending, Verdict
from archive.languages import marked
from archive.recording import written
from archive.settings import Waits
from archive.severity import severity
from archive.timelines import Timeline
from archive.words import Decision, Edit, Reading, Severity
from diffing import gate, holding
from diffing.memory import OFTEN, Memory
from diffing.news import Item, Past, item_of, known, wait
from diffing.readings import Readings

Told = Sequence[tuple[Edit, Reading]]
Step = tuple[Pending, Verdict] | Anew
MOST_REASONS = 3  # that are told of passages that are no news


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Texts in quarantine: since when none but such were seen, and the place of the newest."""

    since: datetime
    place: int


class Course:
    """The way of one document through time."""

    def __init__(self, timeline: Timeline, readings: Readings, waits: Waits, end: datetime) -> None:
        """`end` is until when it is known what the document said: now, or the newest record of who recorded it."""
        self._line, self._readings, self._waits, self._end = timeline, readings, waits, end
        self._memory = Memory(timeline, readings)
        self._seen = [moment(version.seen_at) for version in timeline.versions]
        waiting = timeline.waiting()
        self._edits = {one.place: one.edits for one in waiting}  # of what is held, by place
        self._held = [self._taken_up(one.place, one.news) for one in waiting]
        self._doubt = self._doubted()
        self._at, self._place = datetime.min.replace(tzinfo=UTC), 0  # the last look, and what it found

    def steps(self) -> Iterator[list[Step]]:
        """What is decided, oldest first: what one look brings is to be recorded together, and in its order."""
        for at, place in self._looks():
            if steps := [*self._overdue(at), *self._look(at, place)]:
                yield steps
        if steps := [*self._overdue(self._end + timedelta(seconds=1))]:
            yield steps

    def _looks(self) -> Iterator[tuple[datetime, int]]:
        """The looks that may say more than is decided already; a version is a look too."""
        new = [self._seen[n] for n, decision in enumerate(self._line.decisions) if decision is None]
        since = [change.since for change in self._held] + new[:1] + ([self._doubt.since] if self._doubt else [])
        if since:
            again = ((moment(at), place) for at, place in self._line.looks(written(min(since))))
            came = ((at, place) for place, at in enumerate(self._seen) if at >= min(since))
            yield from sorted(chain(again, came))

    def _overdue(self, end: datetime) -> Iterator[Step]:
        """What is decided between two looks: others' records stand until their next; we may wait in vain."""
        while (at := self._next()) and at < end:
            if self._line.origin:
                yield from self._look(at, self._place)
            else:
                late = [change for change in self._held if change.since + self._waits.longest <= at]
                yield from self._concluded(at, late, holding.end, "nobody could look since")

    def _next(self) -> datetime | None:
        """When the next wait is over."""
        longest = self._waits.longest
        if not self._line.origin:
            return min((change.since + longest for change in self._held), default=None)
        times = [change.due(self._at, longest) for change in self._held]
        times += [self._doubt.since + longest] if self._doubt else []
        return min((time for time in times if time and time > self._at), default=None)

    def _look(self, at: datetime, place: int) -> Iterator[Step]:
        """What one look brings: for the version it found, if that is new, and for what is held."""
        self._at, self._place = at, place
        if self._line.decisions[place] is None:
            yield from self._met(at, place, self._line.pending(place))
        elif self._line.decisions[place] == Decision.QUARANTINED:
            if self._doubt and self._doubt.place == place and at >= self._doubt.since + self._waits.longest:
                yield from self._believed(at, place)
        else:
            yield from self._confirmed(at, place)

    def _met(self, at: datetime, place: int, pending: Pending) -> Iterator[Step]:
        """A version that is seen for the first time."""
        edits = self._readings.of(pending)
        language = self._readings.language(pending, len(edits))
        doubt = gate.doubt(pending, language) if self._line.origin and not self._is_patient(at) else ""
        if doubt:
            yield self._doubting(at, place, pending, doubt)
            return
        earlier, self._doubt = self._doubt, None
        yield from self._dispelled(at, earlier)
        yield from self._confirmed(at, place)
        yield self._decided(place, pending, self._verdict(place, pending, edits, language))

    def _verdict(self, place: int, pending: Pending, edits: Told, language: str) -> Verdict:
        """The decision about a text that is believed; what is news in it is held from now on."""
        detected, not_read = None if pending.declared else language, self._readings.not_read(language)
        if not_read and gate.is_other_language(pending, language):
            return Verdict(Decision.BASELINE, f"from now on {marked(not_read)}", (), detected)
        judged = gate.settled(pending, edits, not_read)
        if pending.before_id is None:
            edits = [(edit, reading) for edit, reading in edits if reading.flags]
        if judged:
            return Verdict(*judged, edits, detected, compared=self._compared(place))
        return self._flagged(place, edits, detected)

    def _flagged(self, place: int, edits: Told, detected: str | None) -> Verdict:
        """The decision about a change with flags: held with what is news in it, if anything is."""
        items = [item for n, pair in enumerate(edits) if (item := item_of(n, *pair))]
        pasts = {item: self._memory.past(item, edits[item.place][0], place) for item in items}
        news = [(item, wait(item, past, self._waits)) for item, past in pasts.items() if not known(item, past)]
        compared = self._compared(place)
        if not news:
            return Verdict(Decision.RETURNED, _nothing_new(pasts), edits, detected, compared=compared)
        if self._memory.told_often(place) and not any(_is_severe(*edits[item.place]) for item, _ in news):
            return Verdict(Decision.MUTED, _OFTEN, edits, detected, compared=compared)
        change = holding.hold(place, self._seen[place], news)
        self._edits[place] = edits
        change = self._looked(change, change.since, place)
        marks = frozenset(item.place for item, _ in news)
        if change.is_sure:
            self._tell(change, change.since)
            return Verdict(Decision.PUSH, self._told(change), edits, detected, compared=compared, news=marks)
        self._held.append(change)
        until = written(change.due(change.since, self._waits.longest) or change.since)
        reason = f"{self._told(change)}; told if another look finds it so"
        return Verdict(Decision.HELD, reason, edits, detected, until, compared, marks)

    def _confirmed(self, at: datetime, place: int) -> Iterator[Step]:
        """What a look at a text that is believed says of the changes that are held."""
        waiting = [change for change in self._held if change.since < at]
        yield from self._concluded(at, waiting, partial(self._looked, at=at, place=place), "confirmed by another look")

    def _concluded(
        self,
        at: datetime,
        changes: Sequence[holding.Change],
        look: Callable[[holding.Change], holding.Change],
        how: str,
    ) -> Iterator[Step]:
        """Tells what is sure now and drops what is over; the others wait on."""
        for change in changes:
            after = look(change)
            self._held[self._held.index(change)] = after
            if after.is_sure or after.is_over:
                self._held.remove(after)
                yield self._ended(after, at, how)

    def _ended(self, change: holding.Change, at: datetime, how: str) -> Anew:
        version = self._line.versions[change.place].id
        if change.is_sure:
            reason, decision = f"{self._told(change)}; {how}", Decision.PUSH
        else:
            reason, decision = "over before it was confirmed: a page that flips, or a bad capture", Decision.RETURNED
        self._tell(change, at)
        self._line.decide(change.place, decision)
        return Anew(version, decision, reason, written(at), over=change.over)

    def _looked(self, change: holding.Change, at: datetime, place: int) -> holding.Change:
        edits = self._edits[change.place]

        def stands(item: Item) -> bool:
            return self._memory.stands(item, edits[item.place][0], place)

        return holding.look(change, at, self._waits.longest, stands)

    def _tell(self, change: holding.Change, at: datetime) -> None:
        """Remembers what people hear of a change, and what they do not."""
        for one in change.items:
            if change.is_sure and one.item.place in change.told:
                self._memory.heard.tell(one.item, at, change.place)
            else:
                self._memory.heard.drop(one.item, at)

    def _told(self, change: holding.Change) -> str:
        edits = self._edits[change.place]
        return gate.told([edits[place] for place in sorted(change.told)])

    def _doubting(self, at: datetime, place: int, pending: Pending, doubt: str) -> Step:
        """Puts a text aside, until it has stood for the longest wait."""
        self._doubt = _Doubt(self._doubt.since if self._doubt else at, place)
        until = written(self._doubt.since + self._waits.longest)
        return self._decided(
            place, pending, Verdict(Decision.QUARANTINED, doubt, until=until, compared=self._compared(place))
        )

    def _is_patient(self, at: datetime) -> bool:
        """Whether nothing but doubtful texts was seen for so long that the next one is believed."""
        since = self._doubt.since if self._doubt else at
        return at >= since + self._waits.longest

    def _believed(self, at: datetime, place: int) -> Iterator[Step]:
        """The text that has stood for so long leaves quarantine: its versions are compared one after the other."""
        doubt, self._doubt = self._doubt, None
        alike = self._alike(doubt.since if doubt else at, place)
        yield from self._dispelled(at, doubt, alike)
        for one in alike:
            pending = self._line.pending(one)
            edits = self._readings.of(pending)
            verdict = self._verdict(one, pending, edits, self._readings.language(pending, len(edits)))
            self._line.decide(one, verdict.decision, verdict.language)
            reason = f"it has stood for {self._waits.longest.days} days and is believed; {verdict.reason}"
            version = self._line.versions[one].id
            yield Anew(version, verdict.decision, reason, written(at), verdict.until, believed=(pending, verdict))
        yield from self._confirmed(at, place)

    def _alike(self, since: datetime, newest: int) -> list[int]:
        """The last versions in quarantine, as far back as each has half of its passages in common with the newest."""
        text = {passage.text for passage in self._line.text(newest)}
        alike = [newest]
        for place in range(newest - 1, -1, -1):
            other = {passage.text for passage in self._line.text(place)}
            if self._seen[place] < since or 2 * len(text & other) < max(len(text), len(other)):
                break
            alike.insert(0, place)
        return alike

    def _dispelled(self, at: datetime, doubt: _Doubt | None, but: Collection[int] = ()) -> Iterator[Step]:
        """Ends the wait of texts in quarantine that another text has followed."""
        for place in range(doubt.place + 1) if doubt else ():
            is_in = self._line.decisions[place] == Decision.QUARANTINED and place not in but
            if doubt and self._seen[place] >= doubt.since and is_in:
                version = self._line.versions[place].id
                yield Anew(version, Decision.QUARANTINED, "never believed: another text has followed", written(at))

    def _decided(self, place: int, pending: Pending, verdict: Verdict) -> Step:
        self._line.decide(place, verdict.decision, verdict.language)
        return pending, verdict

    def _compared(self, place: int) -> Compared:
        return self._line.compared(place, self._memory.heard.newest)

    def _taken_up(self, place: int, news: frozenset[int]) -> holding.Change:
        """A change that an earlier run has held, as it was then: what the looks since say is looked up once more."""
        edits = self._edits[place]
        items = [item for n in sorted(news) if (item := item_of(n, *edits[n]))]
        pasts = [(item, self._memory.past(item, edits[item.place][0], place)) for item in items]
        return holding.hold(place, self._seen[place], [(item, wait(item, past, self._waits)) for item, past in pasts])

    def _doubted(self) -> _Doubt | None:
        """The texts in quarantine that an earlier run has left there, if nothing else came after them."""
        doubt = None
        for place, decision in enumerate(self._line.decisions):
            if decision == Decision.QUARANTINED and self._line.versions[place].until:
                doubt = _Doubt(doubt.since if doubt else self._seen[place], place)
            elif decision is not None:
                doubt = None
        return doubt


def _is_severe(edit: Edit, reading: Reading) -> bool:
    return any(severity(flag, edit, reading) is Severity.HIGH for flag in reading.flags)


def moment(text: str) -> datetime:
    """A time of the archive."""
    return datetime.fromisoformat(text)


def _nothing_new(pasts: Mapping[Item, Past]) -> str:
    reasons = list(dict.fromkeys(known(item, past) for item, past in pasts.items()))
    more = f" and {len(reasons) - MOST_REASONS} more reasons" if len(reasons) > MOST_REASONS else ""
    return f"what is flagged is no news here: {'; '.join(reasons[:MOST_REASONS])}{more}"


_OFTEN = f"this document was told {OFTEN} times within a year: of it, only what is severe is told at once"
