"""Remembers of one document's passages when they stood and what people were told of them, for the gate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from archive.timelines import Timeline
from archive.words import Edit
from diffing.compare import closest
from diffing.gate import MEMORY
from diffing.news import Item, Past, item_of
from diffing.readings import Readings

YEAR = timedelta(days=365)
OFTEN = 8  # times a year that a document may speak of what is not severe


Times = defaultdict[str, list[datetime]]  # of a passage, oldest first


@dataclass(slots=True)
class _Heard:
    """When people were told that a passage came or went, and when it was over before they were told that it came."""

    came: Times = field(default_factory=lambda: defaultdict(list))
    went: Times = field(default_factory=lambda: defaultdict(list))
    unheard: Times = field(default_factory=lambda: defaultdict(list))
    changes: dict[int, datetime] = field(default_factory=dict)  # by the place of the version
    newest: int | None = None  # the place of the last text that was told

    def tell(self, item: Item, at: datetime, place: int) -> None:
        (self.came if item.came else self.went)[item.text].append(at)
        self.changes[place] = at
        self.newest = max(place, self.newest or 0)

    def drop(self, item: Item, at: datetime) -> None:
        if item.came:
            self.unheard[item.text].append(at)


def _ago(times: Times, text: str, at: datetime) -> timedelta | None:
    """How long before a time it was so last; None if never. What came later does not count: a change is asked again."""
    return min((at - one for one in times.get(text, ()) if one <= at), default=None)


class Memory:
    """What the gate asks about the past of a passage. Places are those of the timeline."""

    def __init__(self, timeline: Timeline, readings: Readings) -> None:
        self._line, self._readings = timeline, readings
        self._seen = [datetime.fromisoformat(version.seen_at) for version in timeline.versions]

    def past(self, item: Item, edit: Edit, place: int) -> Past:
        """Of a flagged edit of this version, which is to be compared with the last one that is believed."""
        at, heard = self._seen[place], self.heard
        told_came, told_went = (_ago(times, item.text, at) for times in (heard.came, heard.went))
        if item.came:
            last, unheard = self._last(item.text, place), _ago(heard.unheard, item.text, at)
            gone = None if last is None else at - self._until(last, place)
            alike = last is None and self._is_alike(item, edit, place)
            heard_nothing = unheard is not None and unheard < MEMORY and (told_came is None or unheard < told_came)
            return Past(gone=gone, told_came=told_came, told_went=told_went, unheard=heard_nothing, alike=alike)
        since = self._since(item.text, place)
        again, alike = self._line.first(item.text) < since, not self.stands(item, edit, place)
        return Past(stood=at - self._seen[since], again=again, alike=alike, told_came=told_came, told_went=told_went)

    def stands(self, item: Item, edit: Edit, place: int) -> bool:
        """Whether a version finds it as the item says: what came is there, in whatever words, what went is not."""
        held = self._line.holds(place, item.text)
        if not held:
            other = closest(item.text, (p.text for p in self._line.text(place)))
            held = other is not None and self._same(item.text, other, edit, place)
        return held is item.came

    def told_often(self, place: int) -> bool:
        """Whether people hear of this document so often that they would stop to listen."""
        since = self._seen[place] - YEAR
        return sum(at > since for at in self.heard.changes.values()) >= OFTEN

    @cached_property
    def heard(self) -> _Heard:
        """What was told so far."""
        heard = _Heard()
        for news in self._line.news():
            item = item_of(0, news.edit, news.reading)
            if item and news.told:
                heard.tell(item, datetime.fromisoformat(news.at), news.place)
            elif item:
                heard.drop(item, datetime.fromisoformat(news.at))
        return heard

    def _last(self, text: str, place: int) -> int | None:
        """The newest of the believed versions that held a passage; None if none did."""
        if self._line.first(text) >= place:
            return None
        return next((one for one in reversed(self._line.believed_before(place)) if self._line.holds(one, text)), None)

    def _until(self, last: int, place: int) -> datetime:
        """When the next believed version was seen, or this one."""
        return next((self._seen[one] for one in self._line.believed_before(place) if one > last), self._seen[place])

    def _since(self, text: str, place: int) -> int:
        """The first of the believed versions that have held a passage without a break until this one."""
        believed = self._line.believed_before(place)
        since = believed[-1]
        for one in reversed(believed):
            if not self._line.holds(one, text):
                break
            since = one
        return since

    def _is_alike(self, item: Item, edit: Edit, place: int) -> bool:
        """Whether a passage that stood here of late said the same in other words."""
        other = closest(item.text, self._recent(place))
        return other is not None and self._same(other, item.text, edit, place)

    def _recent(self, place: int) -> Iterator[str]:
        """The passages of the texts of late, but for those of the text before: these were compared already."""
        known = {passage.text for passage in self._line.text(self._line.believed_before(place)[-1])}
        for one in self._line.recent(place):
            new = {passage.text for passage in self._line.text(one)} - known
            known |= new
            yield from sorted(new)

    def _same(self, before: str, after: str, edit: Edit, place: int) -> bool:
        return self._readings.same(before, after, edit.heading, self._line.versions[place].seen_at)
