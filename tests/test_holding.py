"""A change that is held, look by look: when it is told, when it is dropped, and when it is looked at next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from archive.settings import Waits
from diffing.holding import Change, end, hold, look
from diffing.news import Item, Wait

WAITS = Waits()
SINCE = datetime(2026, 3, 1, 6, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CAME, WENT, BACK = Item(0, True, "came"), Item(1, False, "went"), Item(2, True, "back")
NEW, GONE = (CAME, Wait(WAITS.confirm, unbroken=False)), (WENT, Wait(WAITS.removal, unbroken=True))
RETURNED = (BACK, Wait(WAITS.longest, unbroken=True))


def held(*items: tuple[Item, Wait]) -> Change:
    return hold(7, SINCE, items)


def after(change: Change, *looks: tuple[timedelta, Sequence[Item]]) -> Change:
    """The change after looks, each so long after it was seen, that found these items as they say."""
    for age, found in looks:
        change = look(change, SINCE + age, WAITS.longest, _among(found))
    return change


def _among(found: Sequence[Item]) -> Callable[[Item], bool]:
    return lambda item: item in found


def test_what_came_is_told_when_it_still_stands_a_little_later() -> None:
    assert not after(held(NEW), (9 * MINUTE, [CAME])).is_sure
    assert after(held(NEW), (9 * MINUTE, [CAME]), (10 * MINUTE, [CAME])).is_sure


def test_what_came_once_and_never_again_is_dropped_after_the_longest_wait() -> None:
    change = after(held(NEW), (10 * MINUTE, []), (71 * HOUR, []))
    assert not change.is_sure
    assert not change.is_over
    assert after(change, (72 * HOUR, [])).is_over


def test_a_page_that_flips_at_every_look_speaks_when_it_says_it_again() -> None:
    assert after(held(NEW), (10 * MINUTE, []), (12 * HOUR, [CAME])).is_sure


def test_what_went_has_to_be_gone_at_every_look_for_a_day() -> None:
    assert not after(held(GONE), (10 * MINUTE, [WENT]), (23 * HOUR, [WENT])).is_sure
    assert after(held(GONE), (10 * MINUTE, [WENT]), (24 * HOUR, [WENT])).is_sure
    assert after(held(GONE), (10 * MINUTE, [])).is_over
    assert after(held(GONE), (10 * MINUTE, []), (24 * HOUR, [WENT])).is_over


def test_what_went_is_told_with_what_came_while_it_is_still_gone() -> None:
    change = after(held(NEW, GONE), (10 * MINUTE, [CAME, WENT]))
    assert (change.is_sure, change.told, change.over) == (True, {0, 1}, frozenset())
    change = after(held(NEW, GONE), (5 * MINUTE, [CAME]), (10 * MINUTE, [CAME, WENT]))
    assert (change.is_sure, change.told, change.over) == (True, {0}, {1})


def test_an_old_text_that_comes_back_has_to_stay() -> None:
    assert not after(held(RETURNED, GONE), (24 * HOUR, [BACK, WENT])).is_sure
    assert after(held(RETURNED, GONE), (24 * HOUR, [BACK, WENT]), (72 * HOUR, [BACK, WENT])).is_sure
    assert after(held(RETURNED, GONE), (24 * HOUR, [])).is_over


def test_what_is_new_beside_an_old_text_waits_as_long() -> None:
    change = after(held(NEW, RETURNED), (10 * MINUTE, [CAME, BACK]), (24 * HOUR, [CAME, BACK]))
    assert not change.is_sure
    assert after(change, (72 * HOUR, [CAME, BACK])).told == {0, 2}
    assert after(change, (72 * HOUR, [CAME])).told == {0}


def test_where_nobody_could_look_again_what_was_never_doubted_is_told() -> None:
    assert end(held(NEW, GONE)).told == {0, 1}
    assert end(held(NEW)).is_sure
    assert end(after(held(NEW), (10 * MINUTE, []))).is_over


def test_when_it_is_looked_at_next() -> None:
    change, longest = held(NEW, GONE), WAITS.longest
    assert change.due(SINCE, longest) == SINCE + 10 * MINUTE
    assert change.due(SINCE + 10 * MINUTE, longest) == SINCE + 24 * HOUR
    doubted = after(change, (10 * MINUTE, []))
    assert doubted.due(SINCE + 10 * MINUTE, longest) == SINCE + longest
    assert doubted.due(SINCE + longest, longest) is None


def test_without_waits_nothing_is_held() -> None:
    nothing = timedelta()
    change = hold(0, SINCE, [(CAME, Wait(nothing, unbroken=False)), (WENT, Wait(nothing, unbroken=True))])
    assert look(change, SINCE, nothing, lambda item: True).is_sure
