"""What cannot be read: each silence is told once at its start and once at its end, together where it is one outage."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import links, outbox, silences
from archive.recording import record_document, record_fetch
from archive.silences import NETWORK, Sight, Silence
from archive.targets import Mode, Target
from archive.words import Decision, Document, Fact, Fetch, Mechanism, Outcome, Topic
from notify import silence
from notify.outages import queue_silences
from tests.builders import added, decided, flag, paragraphs, version

TWO_DAYS = timedelta(days=2)
NAMES = ("Quillo", "Brill", "Facet", "Meadow", "Gantry")
HOSTS = [Document(name, "Privacy Policy", f"https://{name.lower()}.example/privacy", name) for name in NAMES]
MAIL = Target("mail", "console:")
START = datetime(2026, 3, 1, tzinfo=UTC)


def hour(number: float) -> str:
    """So many hours after the first look."""
    return f"{START + timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ}"


def look(db: Database, at: float, outcome: Outcome, *documents: Document, detail: str = "because") -> None:
    """A look at each of the documents, which ended so."""
    for document in documents:
        said = "" if outcome.seen else detail
        record_fetch(db, record_document(db, document), 0, Fetch(document.url, hour(at), outcome, said))


def told(db: Database, at: float, *targets: Target) -> list[tuple[str, dict[str, Any]]]:
    """What is queued then, after what was before: the kind and what it tells."""
    known = db.table("bulletins").count
    queue_silences(db, targets or (MAIL,), TWO_DAYS, hour(at))
    rows = db.query("SELECT kind, told FROM bulletins ORDER BY id")
    return [(row["kind"], json.loads(row["told"])) for row in rows][known:]


def names(bulletins: Sequence[tuple[str, dict[str, Any]]]) -> list[tuple[str, list[str]]]:
    return [(kind, [one["service"] for one in said["documents"]]) for kind, said in bulletins]


def test_a_document_that_cannot_be_read_is_told_once_and_once_again(db: Database) -> None:
    quillo, brill, *_ = HOSTS
    look(db, 0, Outcome.RECORDED, quillo, brill)
    look(db, 12, Outcome.UNEXTRACTABLE, quillo, detail="the selector finds nothing")
    look(db, 12, Outcome.UNCHANGED, brill)
    assert told(db, 12) == []
    look(db, 59, Outcome.UNEXTRACTABLE, quillo, detail="the selector finds nothing")
    assert told(db, 59) == []
    look(db, 60, Outcome.UNEXTRACTABLE, quillo, detail="the selector finds nothing")
    [(kind, said)] = told(db, 60)
    assert (kind, said["network"]) == ("silence", False)
    assert said["documents"] == [
        {
            "kind": "broken",
            "since": hour(12),
            "detail": "the selector finds nothing",
            "name": "Quillo, Privacy Policy",
            "service": "Quillo",
            "service_name": "Quillo",
            "region": "",
            "url": quillo.url,
        }
    ]
    look(db, 72, Outcome.UNREACHABLE, quillo)
    assert told(db, 72) == []
    look(db, 84, Outcome.UNCHANGED, quillo)
    [(kind, said)] = told(db, 84)
    assert (kind, said["since"], said["until"]) == ("heard", hour(12), hour(84))
    assert [one["until"] for one in said["documents"]] == [hour(84)]
    assert told(db, 85) == []
    assert [item.target for item in outbox.due(db)] == ["mail", "mail"]


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (Outcome.UNREACHABLE, "unreadable"),
        (Outcome.BLOCKED, "blocked"),
        (Outcome.REFUSED, "blocked"),
        (Outcome.UNEXTRACTABLE, "broken"),
        (Outcome.SUSPECT, "broken"),
    ],
)
def test_why_it_is_not_read(db: Database, outcome: Outcome, kind: str) -> None:
    look(db, 0, outcome, HOSTS[0])
    look(db, 48, outcome, HOSTS[0])
    [(_, said)] = told(db, 48)
    assert said["documents"][0]["kind"] == kind


def test_a_document_never_seen_is_silent_too(db: Database) -> None:
    look(db, 0, Outcome.BLOCKED, HOSTS[0])
    look(db, 50, Outcome.BLOCKED, HOSTS[0])
    assert names(told(db, 50)) == [("silence", ["Quillo"])]


def test_one_of_several_pages_is_enough(db: Database) -> None:
    document = record_document(db, HOSTS[0], json.dumps({"combine": [{}, {}]}))
    for at in (0, 24, 50):
        record_fetch(db, document, 0, Fetch(HOSTS[0].url, hour(at), Outcome.UNCHANGED))
        record_fetch(db, document, 1, Fetch(HOSTS[0].url, hour(at), Outcome.BLOCKED, "a wall"))
    [(_, said)] = told(db, 50)
    assert [(one["kind"], one["detail"], one["since"]) for one in said["documents"]] == [("blocked", "a wall", hour(0))]


def test_a_server_that_was_off_has_not_been_silent(db: Database) -> None:
    look(db, 0, Outcome.RECORDED, HOSTS[0])
    look(db, 24 * 20, Outcome.UNREACHABLE, HOSTS[0])
    assert told(db, 24 * 20) == []


def test_what_fails_within_a_day_is_told_together(db: Database) -> None:
    quillo, brill, facet, *_ = HOSTS
    look(db, 0, Outcome.RECORDED, *HOSTS)
    look(db, 12, Outcome.BLOCKED, quillo)
    look(db, 30, Outcome.BLOCKED, brill)
    look(db, 50, Outcome.BLOCKED, facet)
    look(db, 60, Outcome.BLOCKED, quillo, brill, facet)
    assert names(told(db, 60)) == [("silence", ["Quillo", "Brill"])]
    look(db, 98, Outcome.BLOCKED, facet)
    assert names(told(db, 98)) == [("silence", ["Facet"])]


def test_what_ended_together_is_told_together_and_nobody_waits_longer_than_a_day(db: Database) -> None:
    quillo, brill, *_ = HOSTS
    for at in (0, 50):
        look(db, at, Outcome.BLOCKED, quillo, brill)
    told(db, 50)
    look(db, 60, Outcome.RECORDED, quillo)
    assert told(db, 60) == []
    look(db, 70, Outcome.RECORDED, brill)
    assert names(told(db, 70)) == [("heard", ["Quillo", "Brill"])]
    for at in (80, 130):
        look(db, at, Outcome.BLOCKED, quillo, brill)
    assert len(told(db, 130)) == 1
    look(db, 140, Outcome.RECORDED, quillo)
    assert told(db, 163) == []
    assert names(told(db, 164)) == [("heard", ["Quillo"])]
    look(db, 190, Outcome.RECORDED, brill)
    assert names(told(db, 190)) == [("heard", ["Brill"])]


def test_where_nothing_is_reached_it_is_our_network(db: Database) -> None:
    look(db, 0, Outcome.RECORDED, *HOSTS)
    for at in (10, 40, 58):
        look(db, at, Outcome.UNREACHABLE, *HOSTS)
        assert names(told(db, at)) == ([("silence", [])] if at == 58 else [])
    [one] = silences.untold(db)
    assert (one.kind, one.document_id, one.since) == (NETWORK, None, hour(10))
    look(db, 70, Outcome.UNREACHABLE, *HOSTS)
    assert told(db, 70) == []
    look(db, 80, Outcome.UNCHANGED, *HOSTS[1:])
    look(db, 80, Outcome.UNREACHABLE, HOSTS[0])
    [(kind, said)] = told(db, 80)
    assert (kind, said["network"], said["since"], said["until"]) == ("heard", True, hour(10), hour(80))
    look(db, 127, Outcome.UNREACHABLE, HOSTS[0])
    assert told(db, 127) == []  # counted from when the network was back
    look(db, 128, Outcome.UNREACHABLE, HOSTS[0])
    assert names(told(db, 128)) == [("silence", ["Quillo"])]


def test_few_hosts_that_fail_are_themselves_to_blame(db: Database) -> None:
    for at in (0, 50):
        look(db, at, Outcome.UNREACHABLE, *HOSTS[:2])
    assert names(told(db, 50)) == [("silence", ["Quillo", "Brill"])]


def test_targets_are_told_of_what_they_asked_for(db: Database) -> None:
    targets = [
        MAIL,
        replace(MAIL, name="quillo", services=("quillo",)),
        replace(MAIL, name="brill", services=("brill",)),
        replace(MAIL, name="digest", mode=Mode.DIGEST),
        replace(MAIL, name="public", public=True),
    ]
    for at in (0, 50):
        look(db, at, Outcome.BLOCKED, HOSTS[0])
    told(db, 50, *targets)
    assert [item.target for item in outbox.due(db)] == ["mail", "quillo", "public"]


def test_a_dead_link_to_refuse_is_told_once_and_once_again(db: Database) -> None:
    document = Document("Quillo", "Privacy Policy", HOSTS[0].url, "Quillo")
    place = "https://settings.quillo.test/training"
    words = f"You can opt out of training at {place} at any time."
    opt_out = flag(words, Topic.CONSENT, mechanisms=(Mechanism.OPT_OUT,))
    decided(db, version(db, paragraphs("Hello."), 1, document), Decision.BASELINE)
    edit = added(words, "", opt_out, facts=[Fact("optout", place, words)])
    decided(db, version(db, paragraphs("Hello.", words), 2, document), Decision.PUSH, edit)
    way = links.WayOut(1, place)
    links.keep(db, way, hour(30), links.LinkOutcome.DEAD, "404")
    assert told(db, 30) == []
    links.keep(db, way, hour(60), links.LinkOutcome.DEAD, "404")
    [(kind, said)] = told(db, 60)
    [one] = said["documents"]
    assert (kind, one["kind"], one["url"], one["since"], one["detail"]) == ("silence", "link", place, hour(30), "404")
    assert told(db, 61) == []
    links.keep(db, way, hour(80), links.LinkOutcome.ALIVE)
    assert [(kind, said["documents"][0]["url"]) for kind, said in told(db, 80)] == [("heard", place)]
    for at in (90, 120):
        links.keep(db, way, hour(at), links.LinkOutcome.DEAD, "404")
    assert [kind for kind, _ in told(db, 120)] == ["silence"]
    decided(db, version(db, paragraphs("Hello."), 9, document), Decision.UNFLAGGED)
    assert told(db, 24 * 9) == []  # nobody is sent there any more
    assert silences.untold(db) == []


def test_what_is_watched_no_more_is_forgotten_without_a_word(db: Database) -> None:
    for at in (0, 50):
        look(db, at, Outcome.BLOCKED, HOSTS[0])
    told(db, 50)
    assert len(silences.untold(db)) == 1
    assert told(db, 50 + 24 * 46) == []
    assert silences.untold(db) == []


def test_what_lasted_at_a_time(db: Database) -> None:
    for at in (0, 50):
        look(db, at, Outcome.BLOCKED, HOSTS[0])
    told(db, 50)
    look(db, 60, Outcome.RECORDED, HOSTS[0])
    told(db, 60)
    assert [len(silences.lasting(db, hour(at))) for at in (-1, 0, 59, 60)] == [0, 1, 1, 0]


def sight(number: int, at: float, since: float | None, outcome: Outcome = Outcome.UNREACHABLE) -> Sight:
    document = HOSTS[number]
    began = hour(since) if since is not None else ""
    return Sight(
        number, document.service, document.service, document.label, "", document.url, hour(at), began, outcome, ""
    )


def test_nothing_is_down_where_nothing_is_watched() -> None:
    assert silence.network_down([], [], TWO_DAYS) is None
    assert silence.begun([], [], [], TWO_DAYS, "") == []


@given(
    st.lists(st.tuples(st.integers(1, 5), st.sampled_from([Outcome.UNREACHABLE, Outcome.BLOCKED, Outcome.UNCHANGED])))
)
def test_who_is_silent_is_told_once_and_only_what_was_told_ends(steps: list[tuple[int, Outcome]]) -> None:
    """Looks at one document, so many half days apart: beginnings and ends take turns."""
    known, tale, at, since = list[Silence](), list[str](), 0.0, None
    for number, (wait, outcome) in enumerate(steps):
        at += 12 * wait
        since = None if outcome.seen else (at if since is None else since)
        sights = [sight(0, at, since, outcome)]
        over = silence.ended(sights, [], known)
        known = [one for one in known if one.id not in over]
        tale += ["end"] * len(over)
        rows = silence.begun(sights, [], known, TWO_DAYS, "")
        tale += ["begin"] * len(rows)
        known += [Silence(number, 0, row["kind"], "", "", row["since"], 1, None, "", "", "", "") for row in rows]
        assert bool(known) == (since is not None and (at - since >= 48 or bool(known)))
    assert tale == [["begin", "end"][n % 2] for n in range(len(tale))]
