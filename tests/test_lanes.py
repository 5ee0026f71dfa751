"""The picture of a service's history: where things lie on it, and that it stays small whatever there is to draw."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.lanes import Gap, Mark, Span, Watched
from archive.words import Decision
from pages.axis import Axis, Tick, seconds
from pages.lanes import APART, CLIP, MOST, ROWS, Lane, Picture, clipped, picture

START, END = "2020-01-01T00:00:00Z", "2024-01-01T00:00:00Z"
POLICY = Watched(1, "Privacy Policy", "EU", "en", "", "", "https://quillo.example/p", START, END, "", "", "")
SHAPE = re.compile(r"M(\d+) 0h(\d+)")


def day(number: int) -> str:
    """So many days after the beginning."""
    return (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(number)).strftime("%Y-%m-%dT%H:%M:%SZ")


def mark(number: int, decision: str = Decision.PUSH, severity: str = "high", document: int = 1) -> Mark:
    """A change on a day; its id is the day's number."""
    return Mark(number, document, day(number), decision, severity, f"Quillo did {number}", 0)


def span(since: int, until: int | None, effect: str = "permits", passage: int = 7) -> Span:
    return Span(1, passage, day(since), None if until is None else day(until), effect, "We train on it.")


def drawn(*marks: Mark, spans: tuple[Span, ...] = (), gaps: tuple[Gap, ...] = ()) -> Picture:
    """The picture of one document."""
    found = picture([POLICY], marks, spans, gaps)
    assert found is not None
    return found


def lane(*marks: Mark, spans: tuple[Span, ...] = (), gaps: tuple[Gap, ...] = ()) -> Lane:
    return drawn(*marks, spans=spans, gaps=gaps).lanes[0]


# The axis


def labels(since: str, until: str) -> list[str]:
    return [tick.label for tick in Axis(seconds(since), seconds(until)).ticks()]


def test_the_ends_of_the_time_lie_at_the_edges() -> None:
    axis = Axis(seconds(START), seconds(END))
    assert (axis.x(START), axis.x(END)) == (1.5, 98.5)
    assert axis.x("2022-01-01T00:00:00Z") == pytest.approx(50, abs=0.1)


def test_a_moment_lies_in_the_middle() -> None:
    axis = Axis(seconds(START), seconds(START))
    assert (axis.x(START), axis.ticks()) == (50, [Tick(50, "1 Jan")])


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2012-10-04T09:00:00Z", "2026-08-20T00:00:00Z", ["2014", "2016", "2018", "2020", "2022", "2024", "2026"]),
        ("2020-01-01T00:00:00Z", "2024-01-01T00:00:00Z", ["2021", "2022", "2023", "2024"]),
        ("2024-02-08T12:00:00Z", "2025-07-17T12:00:00Z", ["Apr 2024", "Jul", "Oct", "2025", "Apr", "Jul"]),
        ("2025-11-03T06:30:00Z", "2026-02-03T06:30:00Z", ["Dec 2025", "2026", "Feb"]),
        ("2025-03-01T06:30:00Z", "2025-03-05T06:30:00Z", ["2 Mar", "3 Mar", "4 Mar", "5 Mar"]),
        ("2025-03-01T17:30:00Z", "2025-03-02T07:30:00Z", ["18:00", "21:00", "2 Mar", "03:00", "06:00"]),
        ("2025-03-01T17:30:00Z", "2025-03-01T17:31:00Z", []),
    ],
)
def test_ticks_are_full_years_months_days_or_hours(since: str, until: str, expected: list[str]) -> None:
    assert labels(since, until) == expected


days = st.floats(-9000, 30000, allow_nan=False)
times = days.map(lambda days: (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days)).isoformat())


@given(times, times)
def test_there_are_few_ticks_and_all_lie_on_the_axis(one: str, other: str) -> None:
    since, until = sorted((one, other))
    axis = Axis(seconds(since), seconds(until))
    found = axis.ticks()
    assert len(found) <= 8  # months are not of one length
    assert all(1.5 <= tick.x <= 98.5 for tick in found)
    assert [tick.x for tick in found] == sorted(tick.x for tick in found)


# Signs


def test_a_flagged_change_has_a_sign_of_its_severity() -> None:
    signs = lane(mark(0, "baseline", ""), mark(300, severity="low"), mark(600), mark(900, "muted", "medium")).signs
    assert [(sign.kind, sign.change_id, sign.count) for sign in signs] == [
        ("first", 0, 1),
        ("low", 300, 1),
        ("high", 600, 1),
        ("medium", 900, 1),
    ]
    assert signs[2].x == pytest.approx(1.5 + 97 * 600 / 1461, abs=0.01)
    assert signs[2].line == "Quillo did 600"


def test_flagged_changes_that_would_overlap_are_one_sign_of_the_most_severe() -> None:
    (sign,) = lane(mark(100, severity="low"), mark(103), mark(106, severity="medium")).signs
    assert (sign.kind, sign.count, sign.change_id) == ("high", 3, 103)
    assert (sign.since, sign.until) == (day(100), day(106))


def test_changes_that_wait_or_are_not_believed_have_signs_of_their_own() -> None:
    signs = lane(mark(500, "held", "high"), mark(501, "quarantined", ""), mark(502), mark(503, "quarantined", "")).signs
    assert [(sign.kind, sign.count) for sign in signs] == [("quarantined", 2), ("held", 1), ("high", 1)]


def test_changes_that_nobody_is_told_of_are_strokes() -> None:
    found = lane(mark(0, "baseline", ""), mark(400, "unflagged", ""), mark(700, "returned", "high"))
    assert [len(SHAPE.findall(path)) for path in (found.ticks, found.faint)] == [1, 1]
    assert [sign.kind for sign in found.signs] == ["first"]


def test_a_text_begun_anew_is_an_other_change() -> None:
    found = lane(mark(0, "baseline", ""), mark(700, "baseline", ""))
    assert (len(found.signs), len(SHAPE.findall(found.ticks))) == (1, 1)


def test_strokes_side_by_side_are_one() -> None:
    found = lane(mark(0, "baseline", ""), *(mark(number, "returned", "") for number in range(200, 400)))
    ((start, width),) = SHAPE.findall(found.faint)
    assert (int(start) / found.fine, int(width) / found.fine) == (
        pytest.approx(0.147, abs=0.01),
        pytest.approx(0.133, abs=0.01),
    )


# Bars


def test_a_passage_has_a_bar_from_the_day_it_came_to_the_day_it_went() -> None:
    gone, stands = lane(spans=(span(100, 200), span(300, None))).bars
    assert (gone.since, gone.until, gone.row) == (day(100), day(200), 0)
    assert gone.width == pytest.approx(97 * 100 / 1461 - APART, abs=0.02)
    assert stands.x + stands.width == pytest.approx(98.5 - APART)
    assert stands.until is None


def test_bars_at_the_same_time_lie_above_each_other() -> None:
    found = lane(spans=(span(100, 900), span(300, 1200), span(1000, None)))
    assert [bar.row for bar in found.bars] == [0, 1, 0]
    assert found.line > lane(spans=(span(100, 900),)).line


def test_a_passage_that_follows_on_another_lies_in_its_row() -> None:
    first, second = lane(spans=(span(100, 900), span(900, None))).bars
    assert (first.row, second.row) == (0, 0)
    assert first.x + first.width < second.x


def test_passages_that_come_and_go_together_are_one_bar_by_effect() -> None:
    pair = (span(100, 900), span(101, 900, passage=8), span(100, 900, "restricts", 9))
    bars = lane(spans=pair).bars
    assert [(bar.effect, bar.count, bar.row) for bar in bars] == [("permits", 2, 0), ("restricts", 1, 1)]


def test_what_has_no_room_is_counted() -> None:
    spans = tuple(span(20 * number, 1400, passage=number) for number in range(ROWS + 3))
    found = lane(spans=spans)
    assert (max(bar.row for bar in found.bars), found.unshown) == (ROWS - 1, 3)


def test_a_passage_of_a_moment_can_be_seen() -> None:
    (bar,) = lane(spans=(span(100, 100),)).bars
    assert bar.width == 0.5


# Looks that failed


def test_a_time_in_which_nothing_could_be_read_is_a_gap() -> None:
    (gap,) = lane(gaps=(Gap(1, day(100), day(200), day(199)),)).unread
    assert (gap.x, gap.width) == (pytest.approx(8.14, abs=0.02), pytest.approx(6.64, abs=0.02))


def test_gaps_that_nobody_could_tell_apart_are_one_and_a_short_one_is_none() -> None:
    short = tuple(Gap(1, day(number), day(number + 1), day(number)) for number in range(100, 200, 2))
    assert len(lane(gaps=short).unread) == 1
    assert not lane(gaps=short[:1]).unread


def test_the_picture_ends_with_the_newest_look_even_if_it_failed() -> None:
    found = drawn(gaps=(Gap(1, day(1500), None, day(1600)),))
    assert (found.since, found.until) == (START, day(1600))
    (gap,) = found.lanes[0].unread
    assert gap.x + gap.width == pytest.approx(98.5)


def test_a_single_look_that_failed_can_be_seen() -> None:
    (gap,) = lane(gaps=(Gap(1, day(1461), None, day(1461)),)).unread
    assert (gap.x, gap.width) == (97.5, 1)


def test_a_document_that_was_never_read_has_only_its_gap() -> None:
    never = replace(POLICY, first_seen="", last_seen="")
    found = picture([never], [], [], [Gap(1, day(1), None, day(9))])
    assert found is not None
    assert (found.lanes[0].read.width, len(found.lanes[0].unread)) == (0, 1)
    assert found.kinds == {"unread"}


def test_where_nothing_was_looked_at_there_is_no_picture() -> None:
    assert picture([], [], [], []) is None
    assert picture([replace(POLICY, first_seen="", last_seen="")], [], [], []) is None


# However much there is


def test_the_legend_names_what_is_there() -> None:
    found = drawn(mark(0, "baseline", ""), mark(9), mark(300, "unflagged", ""), spans=(span(1, 800, "restricts"),))
    assert found.kinds == {"first", "high", "ticks", "restricts"}


def test_a_quote_is_clipped() -> None:
    assert clipped("a" * CLIP) == "a" * CLIP
    assert clipped("word " * CLIP).endswith("word…")
    assert len(clipped("word " * CLIP)) <= CLIP


decisions = st.sampled_from([str(decision) for decision in Decision])
some_marks = st.lists(
    st.builds(mark, st.integers(0, 1460), decisions, st.sampled_from(["", "high", "medium", "low"]), st.integers(1, 5)),
    max_size=400,
)
some_spans = st.lists(
    st.builds(
        span, st.integers(0, 700), st.none() | st.integers(700, 1460), st.sampled_from(["permits", "restates", "none"])
    ),
    max_size=200,
)


@given(some_marks, some_spans)
def test_a_picture_stays_small_and_inside_its_width(marks: list[Mark], spans: list[Span]) -> None:
    documents = [replace(POLICY, id=number) for number in range(1, 6)]
    marks = sorted(marks, key=lambda one: one.seen_at)
    found = picture(documents, marks, spans, [])
    assert found is not None
    parts = [part for lane in found.lanes for part in (*lane.signs, *lane.bars)]
    assert len(parts) <= MOST
    assert all(0 <= part.x <= 99.1 for part in parts)
    assert sum(bar.count for bar in found.lanes[0].bars) + found.lanes[0].unshown == len(spans)
    assert all(bar.row < ROWS for bar in found.lanes[0].bars)
    assert max(len(lane.ticks) + len(lane.faint) for lane in found.lanes) < 4000
