"""What targets ask for: services, regions, topics, severity; and when something is due to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlite_utils import Database

from archive import outbox, reports
from archive.hours import Quiet, Schedule
from archive.reports import Fellow
from archive.settings import WEEK
from archive.targets import Mode, Target
from archive.words import Decision, Document, Mechanism, Severity, Topic
from notify.posting import Delivered
from notify.run import notify
from notify.timing import next_time
from notify.wanting import wants, watches
from tests.builders import POLICY, WORDS, added, decided, flag, paragraphs, pushed, version

MAIL = Target("mail", "console:")
UTC_ZONE = ZoneInfo("UTC")
EUROPE = replace(POLICY, region="EU")


def report(db: Database, change: int) -> reports.ChangeReport:
    found = reports.change(db, change)
    assert found is not None
    return found


def mild(db: Database, document: Document = POLICY) -> int:
    """The id of a push that is severe on AI training and not on consent."""
    opt_in = flag("We ask you first.", Topic.CONSENT, mechanisms=(Mechanism.OPT_IN,))
    decided(db, version(db, paragraphs("Hello."), 1, document), Decision.BASELINE)
    after = version(db, paragraphs("Hello.", WORDS, "We ask you first."), 2, document)
    return decided(db, after, Decision.PUSH, added(WORDS, "", flag()), added("We ask you first.", "", opt_in))


@pytest.mark.parametrize(
    ("topics", "severity", "wanted"),
    [
        (tuple(Topic), Severity.HIGH, True),
        ((Topic.AI_TRAINING,), Severity.HIGH, True),
        ((Topic.CONSENT,), Severity.LOW, True),
        ((Topic.CONSENT,), Severity.MEDIUM, False),
    ],
)
def test_the_least_that_is_told(db: Database, topics: tuple[Topic, ...], severity: Severity, wanted: bool) -> None:
    assert wants(replace(MAIL, topics=topics, severity=severity), report(db, mild(db))) is wanted


@pytest.mark.parametrize(
    ("regions", "region", "watched"),
    [
        ((), "EU", True),
        (("EU",), "", True),
        (("EU",), "EU", True),
        (("DE",), "EU", True),
        (("EU",), "DE", True),
        (("DE",), "EEA", True),
        (("DE", "GB"), "UK", True),
        (("US",), "US-CA", True),
        (("US-CA",), "US", True),
        (("US",), "EU", False),
        (("GB",), "EU", False),
        (("US-CA",), "US-NY", False),
        (("FR",), "DE", False),
    ],
)
def test_what_is_said_for_other_regions_is_not_told(regions: tuple[str, ...], region: str, watched: bool) -> None:
    assert watches(replace(MAIL, regions=regions), "quillo", "Quillo", region) is watched


def test_one_of_the_documents_that_are_told_together_is_enough(db: Database) -> None:
    told = report(db, pushed(db, EUROPE))
    fellow = Fellow(9, "Facet", "facet", "Privacy Policy", "US", "https://facet.example/privacy")
    american = replace(MAIL, regions=("US",))
    assert not wants(american, told)
    assert wants(american, replace(told, together=[fellow]))
    assert not wants(replace(american, services=("quillo",)), replace(told, together=[fellow]))


def test_a_digest_tells_what_was_pushed_to_who_wants_it_so(db: Database) -> None:
    """And its regions and severity hold for it as they do for messages."""
    pushed(db)
    pushed(db, replace(EUROPE, type="Imprint"))
    daily = Schedule(time(0), UTC_ZONE)
    targets = (
        replace(MAIL, name="all", mode=Mode.DIGEST, schedule=daily),
        replace(MAIL, name="american", mode=Mode.DIGEST, schedule=daily, regions=("US",)),
        replace(MAIL, name="each"),
    )
    said = list[str]()
    assert told(db, said, *targets) == ["each", "each"]
    assert said[0].startswith("Quillo, Privacy Policy: AI training\n")
    age(db, 1)
    said.clear()
    assert told(db, said, *targets) == ["all", "american"]
    every, american = sorted(said, key=len, reverse=True)
    assert "2 changes told" in every and "Imprint" in every
    assert "1 change told" in american and "Imprint" not in american
    age(db, 1)
    assert told(db, said, *targets) == []


def told(db: Database, said: list[str], *targets: Target) -> list[str]:
    done: list[Delivered] = list(notify(db, targets, said.append))
    assert [one.error for one in done] == [""] * len(done)
    return sorted(one.target for one in done)


def age(db: Database, days: float) -> None:
    """As if so much time had passed since everything was recorded, and since the last digest."""
    for table, columns in (("versions", ("recorded_at",)), ("digests", ("since", "until"))):
        for column in columns:
            db.execute(f"UPDATE {table} SET {column} = strftime('%Y-%m-%dT%H:%M:%SZ', {column}, '{-days} days')")


@pytest.fixture
def now() -> datetime:
    """A little after all that a test has recorded."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)


def test_nothing_is_ahead_of_an_empty_archive(db: Database, now: datetime) -> None:
    assert next_time(db, (), WEEK, now) is None


def test_what_is_due_is_due_now(db: Database, now: datetime) -> None:
    outbox.queue(db, pushed(db), ["mail"])
    assert next_time(db, (MAIL,), WEEK, now + timedelta(hours=1)) == now + timedelta(hours=1)
    first = next_time(db, (replace(MAIL, name="other"),), WEEK, now)
    assert first is not None and first > now + timedelta(days=6)  # the digest


def test_nothing_is_due_in_quiet_hours(db: Database, now: datetime) -> None:
    outbox.queue(db, pushed(db), ["mail"])
    noon = now.replace(hour=12, minute=0, second=0) + timedelta(days=1)
    quiet = Quiet(time(11), time(13), UTC_ZONE)
    assert next_time(db, (replace(MAIL, quiet=quiet),), WEEK, noon) == noon + timedelta(hours=1)


def test_nothing_is_delivered_in_quiet_hours(db: Database) -> None:
    pushed(db)
    hour = datetime.now(UTC).hour
    always = Quiet(time((hour - 2) % 24), time((hour + 2) % 24), UTC_ZONE)
    assert list(notify(db, (replace(MAIL, quiet=always),), pytest.fail)) == []
    assert [item.target for item in outbox.due(db)] == ["mail"]
    assert len(list(notify(db, (MAIL,), lambda text: None))) == 1


def test_the_daemon_wakes_for_a_digest(db: Database, now: datetime) -> None:
    pushed(db)
    soon = (now + timedelta(hours=2)).replace(minute=0, second=0)
    daily = replace(MAIL, schedule=Schedule(soon.time(), UTC_ZONE))
    assert next_time(db, (daily,), WEEK, now) == soon
    assert next_time(db, (daily,), WEEK, soon) == soon
    outbox.queue_digest(db, outbox.Span("", soon.strftime("%Y-%m-%dT%H:%M:%SZ"), 0, 9, 0, 9, daily.schedule.name), [])  # type: ignore[union-attr]
    assert next_time(db, (daily,), WEEK, soon) == soon + timedelta(days=1)
