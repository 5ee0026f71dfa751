"""Discord, Slack, Mattermost and Rocket.Chat: a change as it is written for each, and what a long one leaves out."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.errors import SettingsError
from archive.targets import Target
from archive.words import Run, Segment
from notify import delivery
from notify.as_markdown import DISCORD, MATTERMOST, Markup, body, message, redline
from notify.as_slack import ROCKET, SLACK
from notify.carrier import DeliveryError
from notify.chat import CHATS
from notify.fitting import length
from notify.letter import Fact, Item, Letter, Line, Quote
from tests import chats
from tests.channels import Receiver, Reply
from tests.letters import changed

MARKUPS = [DISCORD, MATTERMOST, SLACK, ROCKET]
SHORTENED = "Not all of it has room here."
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's, of its plugins

MARKDOWN = """\
**Quillo, Privacy Policy: AI training**

**Quillo may now train AI models on people’s data or content; from 2026-05-01**
Severity: high

**How to refuse:** Settings › Data
**Applies from:** 2026-05-01

It now says under “AI” (AI training: allows more):
> We ~~never~~ use what you write to train our models **, unless you object**.

**Page:** <https://quillo.example/privacy>
**All edits:** <https://watch.example/-/change/7>

Seen 2026-03-02; the text before was seen 2026-03-01.
Evidence: SHA-256 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef

**Message:** sp-7-1"""


def long(runs: int, words: str = "We train on it. ") -> Letter:
    """A letter with one short quote and one of so many repetitions."""
    quote = Quote("It now says:", (Segment(Run.ADDED, words * runs),))
    return replace(changed(), quotes=(quote, *changed().quotes))


def test_discord(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    found = json.loads(chats.posted(receiver, changed(), chats.discord(receiver, monkeypatch)))
    assert found["content"] == MARKDOWN
    assert receiver.requests[0].path == "/api/webhooks/123456/abcDEF-token"


def test_mattermost(receiver: Receiver) -> None:
    found = json.loads(chats.posted(receiver, changed(), f"mmost://{receiver.host}/k5h1z3token"))
    assert found["text"] == MARKDOWN
    assert receiver.requests[0].path == "/hooks/k5h1z3token"


def test_slack(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    told = replace(changed(), title="Brill & Sons: AI training")
    found = json.loads(chats.posted(receiver, told, chats.slack(receiver, monkeypatch)))
    [attachment] = found["attachments"]
    expected = MARKDOWN.partition("\n\n")[2].replace("**", "*").replace("~~", "~")
    assert (attachment["title"], attachment["text"]) == ("Brill &amp; Sons: AI training", expected)
    assert found["mrkdwn"] is True


def test_rocket_chat(receiver: Receiver) -> None:
    found = json.loads(chats.posted(receiver, changed(), f"rocket://a1/b2@{receiver.host}/#news"))
    assert found["text"] == re.sub("<(https[^>]*)>", r"\1", MARKDOWN.replace("**", "*").replace("~~", "~"))


def test_words_that_lead_somewhere() -> None:
    url = "https://watch.example/?a=1&b=(2)"
    assert [markup.linked("All *edits*", url) for markup in MARKUPS] == [
        r"[All \*edits\*](<https://watch.example/?a=1&b=(2)>)",
        r"[All \*edits\*](<https://watch.example/?a=1&b=(2)>)",
        "<https://watch.example/?a=1&amp;b=(2)|All ∗edits∗>",
        "[All ∗edits∗](https://watch.example/?a=1&b=%282%29)",
    ]
    assert DISCORD.linked("", url) == DISCORD.linked(url, url) == f"<{url}>"
    assert DISCORD.linked(f"Read on: {url[:-6]}", url[:-6]) == f"Read on: <{url[:-6]}>"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://evil.example/>x", "https://a b", "file:///etc", ""])
def test_what_is_no_address_of_the_web_leads_nowhere(url: str) -> None:
    assert [markup.linked("Opt out", url) for markup in MARKUPS] == ["Opt out"] * 4


def test_an_address_of_mail_can_be_copied() -> None:
    for address in ("data_rights@quillo.example", "ann@hereford.example", "ann@allover.example", "ann@1st.example"):
        assert {markup.text(address).replace("\\", "") for markup in MARKUPS} == {address}


@pytest.mark.parametrize(
    ("runs", "said"),
    [
        ([(Run.REMOVED, "old"), (Run.ADDED, "new")], "~~old~~ **new**"),
        ([(Run.KEPT, "a "), (Run.ADDED, " "), (Run.KEPT, "b")], "a  b"),
        ([(Run.ADDED, "all of it ")], "all of it"),
        ([(Run.KEPT, "we "), (Run.ADDED, "do "), (Run.KEPT, "it")], "we **do** it"),
        ([(Run.KEPT, "cat"), (Run.ADDED, ", dog"), (Run.KEPT, ".")], "cat **, dog**."),
        (
            [(Run.REMOVED, "pre-"), (Run.KEPT, "trained ("), (Run.ADDED, "AI"), (Run.KEPT, ")")],
            "~~pre-~~ trained (**AI**)",
        ),
        ([(Run.KEPT, "2*"), (Run.ADDED, "3")], r"2\* **3**"),
    ],
)
def test_what_came_and_what_went(runs: list[tuple[Run, str]], said: str) -> None:
    assert redline(Quote("", tuple(Segment(*run) for run in runs)), DISCORD) == said


def test_what_fits_is_all_told() -> None:
    for markup in MARKUPS:
        assert SHORTENED not in message(long(20), markup)


def test_a_quote_that_has_no_room_is_left_out_as_a_whole() -> None:
    for markup in MARKUPS:
        text = message(long(1000), markup)
        assert length(text) <= markup.most
        assert len(re.findall("^> ", text, re.MULTILINE)) == 1
        assert "unless you object" in text  # the other one
        assert "We train on it." not in text
        assert SHORTENED in text
        assert "Read on: " in text
        assert text.endswith("sp-7-1")


def test_a_quote_is_cut_only_if_none_has_room_whole_and_that_is_said() -> None:
    told = replace(long(1000), quotes=long(1000).quotes[:1])
    for markup in MARKUPS:
        text = message(told, markup)
        said, shown = re.findall(r"\[cut: (\d+) of 16000 characters are shown", text.replace("\\[", "["))[0], text
        quoted = re.findall("^> (.*)$", shown, re.MULTILINE)[0]
        assert abs(len(quoted.strip()) - int(said)) <= 1  # a space at the end
        assert markup.most - 20 < length(text) <= markup.most


def test_a_long_lead_is_cut_and_that_is_said() -> None:
    facts = tuple(Fact(f"Fact {number}", "words " * 400) for number in range(40))
    told = replace(changed(), lead=(Line("What it does", strong=True), *facts))
    for markup in MARKUPS:
        text = message(told, markup)
        assert length(text) <= markup.most
        assert "What it does" in text
        assert "of 2400 characters are shown" in text
        assert SHORTENED in text


def test_a_letter_may_have_no_lead() -> None:
    told = replace(long(1000), lead=())
    assert body(told, SLACK).startswith("It now says under “AI” (AI training: allows more):\n> We ~never~ use")


def test_a_list_loses_its_last_lines() -> None:
    items = tuple(Item(f"Item {number} {'w' * 90}") for number in range(99))
    told = Letter("digest", "Digest", (Line("Recorded:"),), changed().frame, rest=items)
    text = message(told, DISCORD)
    assert text.startswith("**Digest**\nRecorded:\n• Item 0 w")
    assert text.endswith(f"w\n{SHORTENED}")
    assert text.count("Item") == len(re.findall("• Item .. ?w{89,90}", text))


@given(st.lists(st.integers(0, 3000), max_size=6), st.integers(0, 3000), st.sampled_from(MARKUPS), st.booleans())
def test_it_always_fits_and_tells_the_truth(sizes: list[int], lead: int, markup: Markup, repeated: bool) -> None:
    quotes = tuple(Quote(f"Quote {n}:", (Segment(Run.ADDED, "😀_" * size + "end"),)) for n, size in enumerate(sizes))
    told = replace(changed(), lead=(Line("w" * lead), Line("Severity: high")), quotes=quotes)
    text = message(told.addressed("sp-7-1", repeated), markup)
    assert length(text) <= markup.most
    assert ("Possibly repeated" in text) is repeated
    whole = text.count("end\n")
    assert (whole == len(sizes)) or SHORTENED in text
    assert len(re.findall(r"^Quote \d:$", text, re.MULTILINE)) == whole
    assert len(re.findall(r"^Quote \d: .*cut:", text, re.MULTILINE)) <= (whole == 0)


def test_a_heading_does_not_stand_over_nothing() -> None:
    lists = (Line("Told", strong=True), Item("Short"), Line("Held", strong=True), Item("w" * 2000), Item("Shorter"))
    text = message(Letter("digest", "Digest", (Line("Of March:"),), changed().frame, rest=lists), DISCORD)
    assert text == f"**Digest**\nOf March:\n\n**Told**\n• Short\n{SHORTENED}"


def test_a_long_title_of_slack(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    told = replace(changed(), title="Quillo " * 100)
    found = json.loads(chats.posted(receiver, told, f"{chats.slack(receiver, monkeypatch)}/?blocks=yes"))
    header = found["attachments"][0]["blocks"][0]["text"]["text"]
    assert len(header) == 140
    assert header.endswith("…")


@pytest.mark.parametrize("chat", [chats.discord, chats.slack])
def test_a_failure_tells_no_secret(receiver: Receiver, monkeypatch: pytest.MonkeyPatch, chat: chats.Local) -> None:
    url = chat(receiver, monkeypatch)
    receiver.script = [Reply(404, {}, b"no such webhook")]
    with pytest.raises(DeliveryError, match=r"^the service answered with 404$") as caught:
        chats.send(changed(), url)
    assert (caught.value.down, caught.value.unknown) == (True, False)
    assert not any(part in f"{caught.value!r} {caught.value.__context__!r}" for part in url.split("/")[2:])


@pytest.mark.parametrize(
    "url",
    [
        "https://discord.com/api/webhooks/123456/abcDEF-token",
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7",
    ],
)
def test_addresses_as_the_services_give_them(url: str) -> None:
    target = Target("chat", url)
    delivery.check([target])
    assert delivery.carrier(target, pytest.fail) is delivery.CARRIERS["discord"]


def test_every_chat_has_an_address_that_apprise_understands() -> None:
    for scheme in CHATS:
        with pytest.raises(SettingsError):
            delivery.check([Target("chat", f"{scheme}://")])
