"""When documents are due: bounds are kept, failures space out, hosts are left alone as they ask, clocks may jump."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from archive.looks import Look, Waiting
from archive.words import Outcome
from crawler import schedule
from crawler.schedule import Due, Page, plan

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
INTERVAL = 12 * HOUR
SEEN = (Outcome.RECORDED, Outcome.UNCHANGED, Outcome.NOT_MODIFIED)
KEY = ("Quillo", "Privacy Policy", "")
URL = "https://quillo.example/privacy"


def written(moment: datetime) -> str:
    """A time as the archive writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def look(outcome: Outcome = Outcome.UNCHANGED, ago: timedelta = HOUR, **more: object) -> Look:
    """A look at Quillo's policy, so long before now; nothing has changed there for 10 days."""
    at = NOW - ago
    fields: dict[str, object] = {"name": "Quillo, Privacy Policy", "part": 0, "url": URL, "proxy": "", "detail": "why"}
    fields |= {"owner": ""}
    fields |= {"failed": 0 if outcome.seen else 1, "blocked": int(outcome is Outcome.BLOCKED), "retry_after": ""}
    fields |= {"changed_at": written(at - 10 * DAY), "before_at": ""}
    service, kind, region = KEY
    return Look(service, kind, region, at=written(at), outcome=outcome, **fields | more)  # type: ignore[arg-type]


def wait(one: Look, interval: timedelta = INTERVAL) -> timedelta:
    """How long after a look the next one is due."""
    return schedule.next_look(one, interval) - datetime.fromisoformat(one.at)


def due(
    *looks: Look, pages: tuple[Page, ...] = (Page(URL),), now: datetime = NOW, waiting: tuple[Waiting, ...] = ()
) -> Due:
    """When Quillo's policy is due."""
    return plan({KEY: pages}, looks, waiting, INTERVAL, now)[KEY]


def about(expected: timedelta) -> object:
    """So long, give or take the jitter."""
    return pytest.approx(expected.total_seconds(), rel=schedule.JITTER)


# --- one page by itself --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quiet", "stood", "intervals"),
    [
        (HOUR, 100 * DAY, 1 / 4),
        (2 * DAY, 100 * DAY, 1 / 4),
        (HOUR, HOUR, 1),  # it changes all the time
        (HOUR, None, 1),  # the first version is no change
        (4 * DAY, 100 * DAY, 1),
        (30 * DAY, 100 * DAY, 1),
        (60 * DAY, 100 * DAY, 2),
        (60 * DAY, None, 2),
        (3000 * DAY, 100 * DAY, 4),
    ],
)
def test_a_change_brings_the_next_look_closer_and_quiet_puts_it_off(
    quiet: timedelta, stood: timedelta | None, intervals: float
) -> None:
    changed = NOW - HOUR - quiet
    before = written(changed - stood) if stood else ""
    one = look(changed_at=written(changed), before_at=before)
    assert wait(one).total_seconds() == about(INTERVAL * intervals)


def test_a_page_that_was_never_read_but_not_modified_is_looked_at_as_usual() -> None:
    assert wait(look(Outcome.NOT_MODIFIED, changed_at="")).total_seconds() == about(INTERVAL)


def test_a_page_that_cannot_be_reached_is_tried_soon_and_then_less_and_less() -> None:
    waits = [wait(look(Outcome.UNREACHABLE, failed=times)).total_seconds() for times in (1, 2, 3, 4, 5, 6, 60)]
    assert waits == [about(HOUR * hours) for hours in (1, 2, 4, 8, 16, 24, 24)]


def test_a_page_that_is_refused_by_its_host_is_left_alone_for_up_to_a_week() -> None:
    waits = [wait(look(Outcome.BLOCKED, blocked=times)).total_seconds() for times in (1, 2, 3, 4, 5, 6, 600)]
    assert waits == [about(HOUR * hours) for hours in (6, 12, 24, 48, 96, 168, 168)]


def test_robots_are_asked_again_after_a_day() -> None:
    assert wait(look(Outcome.REFUSED)).total_seconds() == about(DAY)
    assert wait(look(Outcome.REFUSED), 3 * DAY).total_seconds() == about(3 * DAY)


histories = st.builds(
    look,
    st.sampled_from(Outcome),
    st.timedeltas(timedelta(), timedelta(days=4000)),
    failed=st.integers(0, 10_000),
    blocked=st.integers(0, 10_000),
    changed_at=st.sampled_from(["", "1999-01-01T00:00:00Z", "2026-03-19T00:00:00Z", "2031-01-01T00:00:00Z"]),
    before_at=st.sampled_from(["", "1998-01-01T00:00:00Z", "2026-03-18T00:00:00Z", "2032-01-01T00:00:00Z"]),
)
intervals = st.timedeltas(timedelta(seconds=1), WEEK)


@given(histories, intervals)
def test_every_wait_is_within_bounds_and_the_same_each_time(one: Look, interval: timedelta) -> None:
    shortest = interval / 12 * (1 - schedule.JITTER)
    longest = max(interval * 4, DAY, WEEK) * (1 + schedule.JITTER)
    assert shortest <= wait(one, interval) <= longest
    assert wait(one, interval) == wait(replace(one), interval)


@given(histories, intervals, st.integers(1, 1000))
def test_one_more_failure_never_brings_the_next_look_closer(one: Look, interval: timedelta, more: int) -> None:
    assume(not one.outcome.seen)
    later = replace(one, failed=one.failed + more, blocked=one.blocked + more)
    assert wait(later, interval) >= wait(one, interval)


@given(histories, intervals, st.integers(0, 10**12))
def test_no_page_is_asked_before_its_host_said(one: Look, interval: timedelta, seconds: int) -> None:
    told = replace(one, retry_after=str(seconds))
    assert wait(told, interval) >= min(WEEK, timedelta(seconds=min(seconds, 10**6)))
    assert wait(told, interval) >= wait(one, interval)


def test_documents_that_were_looked_at_together_drift_apart() -> None:
    waits = {wait(look(ago=timedelta(seconds=number))) for number in range(100)}
    assert len(waits) == 100
    assert max(waits) - min(waits) > INTERVAL * 0.15


# --- Retry-After ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("0", timedelta()),
        ("90", timedelta(seconds=90)),
        (" 3600 ", HOUR),
        ("99999999999999999999", WEEK),
        (format_datetime(NOW + HOUR, usegmt=True), HOUR),
        (format_datetime(NOW + 99 * DAY, usegmt=True), WEEK),
        (format_datetime(NOW - HOUR, usegmt=True), timedelta()),
        ("Friday, 20-Mar-26 13:00:00 GMT", HOUR),
        ("Fri Mar 20 13:00:00 2026", HOUR),
        ("-5", timedelta()),
        ("1.5", timedelta()),
        ("soon", timedelta()),
        ("٣٠", timedelta()),
        ("", timedelta()),
        ("Fri, 20 Mar 99999 13:00:00 GMT", timedelta()),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, asked: timedelta) -> None:
    assert schedule.retry_after(header, NOW) == asked


@given(st.text())
def test_any_header_is_read(header: str) -> None:
    assert timedelta() <= schedule.retry_after(header, NOW) <= WEEK


# --- documents and hosts -------------------------------------------------------------------------------------------


def test_what_is_new_is_due_at_once() -> None:
    for found in (due(), due(look(url="https://quillo.example/old")), due(look(), pages=(Page(URL), Page(URL + "/2")))):
        assert found.at <= NOW
        assert found.wait is None


def test_a_look_in_the_future_does_not_count() -> None:
    for outcome in Outcome:
        ahead = look(outcome, -DAY, retry_after="600000")
        assert due(ahead) == Due(schedule.LONG_AGO), outcome
    assert due(look(ago=timedelta(seconds=-5))).at > NOW + INTERVAL / 2  # as when a clock is corrected


def test_the_page_in_the_worst_state_sets_the_time_of_a_combined_document() -> None:
    pages = (Page(URL), Page(URL + "/2"), Page(URL + "/3"))
    fine, gone = look(), look(Outcome.UNREACHABLE, part=1, url=URL + "/2")
    assert due(fine, gone, replace(fine, part=2, url=URL + "/3"), pages=pages).at == schedule.next_look(gone, INTERVAL)
    refused = look(Outcome.BLOCKED, part=2, url=URL + "/3")
    assert due(fine, gone, refused, pages=pages).at == schedule.next_look(refused, INTERVAL)


OTHER = ("Quillo", "Terms of Service", "")


def two(one: Look, other: Look, pages: dict[schedule.Key, list[Page]] | None = None) -> dict[schedule.Key, Due]:
    """When two documents of one host are due."""
    other = replace(other, type=OTHER[1], url="https://quillo.example/terms")
    return plan(pages or schedule.pages_of([one, other]), [one, other], (), INTERVAL, NOW)


def test_a_host_that_says_when_to_come_back_is_left_alone_until_then() -> None:
    found = two(look(Outcome.UNREACHABLE, retry_after="86400", detail="not now; ask later"), look(ago=30 * HOUR))
    until = NOW - HOUR + DAY
    assert found[OTHER] == Due(until, schedule.Wait(until, "not now"))
    assert found[KEY] == found[OTHER]


def test_a_document_that_is_new_waits_for_its_host_too() -> None:
    pages = {("Quillo", "Imprint", ""): [Page("https://quillo.example/imprint")]}
    found = two(look(Outcome.BLOCKED, retry_after="86400"), look(), pages)
    assert found["Quillo", "Imprint", ""].at == NOW - HOUR + DAY


def test_a_host_that_refuses_everything_is_left_alone_as_a_whole() -> None:
    found = two(look(Outcome.BLOCKED, blocked=4), look(Outcome.BLOCKED, 50 * HOUR))
    assert found[OTHER].wait == found[KEY].wait
    assert found[OTHER].at == found[KEY].at > NOW + 40 * HOUR


def test_a_page_that_is_refused_alone_waits_alone() -> None:
    found = two(look(Outcome.BLOCKED, blocked=4), look(ago=50 * HOUR))
    assert found[KEY].wait is not None
    assert found[OTHER].wait is None
    assert found[OTHER].at < NOW


def test_by_another_way_the_host_is_another() -> None:
    found = two(look(Outcome.BLOCKED, retry_after="86400"), look(Outcome.UNCHANGED, 50 * HOUR, proxy="oslo"))
    assert found[OTHER].at < NOW


def test_a_wait_that_is_over_is_none() -> None:
    assert due(look(Outcome.BLOCKED, 7 * HOUR)).wait is None
    assert due(look(Outcome.BLOCKED, HOUR)).wait is not None
    assert due(look(Outcome.UNREACHABLE, HOUR)).wait is None


# --- changes that wait ---------------------------------------------------------------------------------------------


def held(until: timedelta, since: timedelta = -HOUR, key: schedule.Key = KEY, owner: str = "") -> Waiting:
    """A change that is held, seen and to be looked at again so long after now."""
    service, kind, region = key
    return Waiting(service, kind, region, owner, True, written(NOW + since), written(NOW + until))


def test_a_change_that_waits_brings_the_next_look_closer_and_never_puts_it_off() -> None:
    usual = due(look())
    for one in (held(HOUR), replace(held(HOUR), held=False)):
        assert due(look(), waiting=(one,)) == Due(NOW + HOUR)
        assert due(look(), waiting=(held(2 * HOUR), one, held(3 * HOUR))) == Due(NOW + HOUR)
    assert due(look(), waiting=(held(10 * DAY),)) == usual
    assert due(waiting=(held(HOUR),)).at <= NOW


def test_a_time_that_has_come_without_a_look_is_past() -> None:
    assert due(look(), waiting=(held(-HOUR / 2),)) == Due(NOW - HOUR / 2)


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("until", [-HOUR, -2 * HOUR])
def test_a_look_that_came_in_time_was_the_one(outcome: Outcome, until: timedelta) -> None:
    assert due(look(outcome), waiting=(held(until, -DAY),)) == due(look(outcome))


moments = st.timedeltas(-WEEK, WEEK)


@given(moments, moments, st.sampled_from([KEY, ("Quillo", "Imprint", "")]), st.booleans(), st.sampled_from(Outcome))
def test_what_was_looked_at_just_now_is_not_due_now(
    since: timedelta, until: timedelta, key: schedule.Key, is_held: bool, outcome: Outcome
) -> None:
    now = NOW.replace(microsecond=999_999)
    one = replace(held(until, since, key), held=is_held)
    assert due(look(outcome, timedelta()), now=now, waiting=(one,)).at > now


def test_the_pages_of_a_combined_document_count_as_they_were_looked_at() -> None:
    pages = (Page(URL), Page(URL + "/2"))
    first, second = look(ago=2 * HOUR), look(part=1, url=URL + "/2")
    assert due(first, second, pages=pages, waiting=(held(-HOUR * 3 / 2),)).at == NOW - HOUR * 3 / 2
    assert due(first, second, pages=pages, waiting=(held(-2 * HOUR),)).at > NOW


def test_no_host_is_asked_earlier_than_it_wants_to_be() -> None:
    for one in (look(Outcome.BLOCKED), look(Outcome.UNREACHABLE, retry_after="86400")):
        assert due(one, waiting=(held(HOUR),)) == due(one)
        assert due(one).wait is not None


@pytest.mark.parametrize(
    ("key", "owner", "wanted"),
    [
        (("Quillo", "Terms of Service", ""), "", True),
        (("Quillo", "Privacy Policy", "EU"), "", True),
        (("Inkle", "Privacy Policy", ""), "Stationers", True),
        (("Inkle", "Privacy Policy", ""), "Papermakers", False),
        (("Inkle", "Privacy Policy", ""), "", False),
    ],
)
def test_what_may_have_the_same_edit_is_looked_at_with_it(key: schedule.Key, owner: str, wanted: bool) -> None:
    earlier, since = look(ago=2 * HOUR, owner="Stationers"), look(owner="Stationers")
    one = held(HOUR, -HOUR, key, owner)
    assert (due(earlier, waiting=(one,)) == Due(NOW + HOUR)) is wanted
    assert due(since, waiting=(one,)) == due(since)
    assert due(earlier, waiting=(replace(one, held=False),)) == due(earlier)


def test_services_without_an_owner_have_nothing_in_common() -> None:
    earlier, one = look(ago=2 * HOUR), held(HOUR, -HOUR, ("Inkle", "Privacy Policy", ""))
    assert due(earlier, waiting=(one,)) == due(earlier)
