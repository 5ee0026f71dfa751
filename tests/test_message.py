"""Messages: who, what it does, in which words, how to refuse, and where the evidence is; each thing once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archive import labels
from archive.changes import Verdict, outlined
from archive.reports import ChangeReport
from archive.words import Decision, Edit, EditKind, Effect, Fact, Flag, Mechanism, Reading, Topic
from notify import message
from tests.builders import DAY, POLICY, WORDS, added, flag

OPT_OUT = flag("You may refuse in your settings.", Topic.CONSENT, mechanisms=(Mechanism.OPT_OUT, Mechanism.DEFAULT))
FACTS = [
    Fact("data", "notes", "your notes"),
    Fact("exempt", "EU", "not in the EU"),
    Fact("effective", "2026-05-01", "from 1 May"),
    Fact("optout", "Settings › Data", "in Settings"),
    Fact("optout", "https://quillo.example/object", "write to us"),
    Fact("not_retroactive", "true", "does not undo"),
    Fact("optout", "Settings › Data", "in Settings"),
]


def report(*edits: tuple[Edit, Reading], digests: Sequence[str] = ()) -> ChangeReport:
    """A pushed change of the policy."""
    names = ("Quillo", "Quillo", "Privacy Policy", "", POLICY.url)
    told = outlined("Quillo", Verdict(Decision.PUSH, "because", edits))
    return ChangeReport(7, 1, *names, DAY.format(2), DAY.format(1), "push", "because", edits, digests, **told)


def words(*edits: tuple[Edit, Reading], topics: Sequence[Topic] = tuple(Topic)) -> list[str]:
    """The quoted words, in the order of the message."""
    return [quote.words for quote in message.compose(report(*edits), topics).quotes]


def numbered(count: int) -> list[tuple[Edit, Reading]]:
    return [added(f"We train on data of kind {n}.", "", flag(f"We train on data of kind {n}.")) for n in range(count)]


def test_a_message_as_people_read_it() -> None:
    gone = Edit(EditKind.REMOVED, "", "We never sell what you write.", "")
    restricts = Flag(Topic.AI_TRAINING, Effect.RESTRICTS, "We never sell what you write.", "before", "rule", 0.8)
    edits = [
        added(WORDS, "Your data › AI", flag(), OPT_OUT, facts=FACTS[2:6]),
        (gone, Reading((restricts,))),
    ]
    told = message.compose(report(*edits, digests=["abc123"]))
    assert told.title == "Quillo, Privacy Policy: AI training and consent"
    assert message.as_text(told) == (
        "Quillo changes what it says about training AI models; opt out under Settings › Data; from 2026-05-01\n"
        "Severity: high\n"
        "\n"
        "It now says under “AI” (AI training: allows more):\n"
        "  “We use what you write to train our models.”\n"
        "\n"
        "It no longer says (AI training: allows less):\n"
        "  “We never sell what you write.”\n"
        "\n"
        "It now says under “AI” (consent: a way to opt out, a default setting):\n"
        "  “You may refuse in your settings.”\n"
        "\n"
        "How to refuse: Settings › Data; https://quillo.example/object\n"
        "Applies from: 2026-05-01\n"
        "Looking back: refusing does not undo what was done before\n"
        "\n"
        "Page: https://quillo.example/privacy\n"
        "Seen 2026-03-02; the text before was seen 2026-03-01.\n"
        "All edits: smallprint show 7\n"
        "Evidence: SHA-256 abc123"
    )


def test_a_sentence_is_quoted_once_with_all_its_labels() -> None:
    both = [flag(WORDS, Topic.CONSENT, mechanisms=(Mechanism.DEEMED,)), flag(), flag()]
    [quote] = message.compose(report(added(WORDS, "AI", *both), added(WORDS, "AI", flag()))).quotes
    assert quote.labels == ("AI training: allows more", "consent: agreement is presumed")


def test_the_same_words_at_two_places_are_two_quotes() -> None:
    assert words(added(WORDS, "AI", flag()), added(WORDS, "Data", flag())) == [WORDS, WORDS]


def test_ai_training_comes_first() -> None:
    assert words(added("", "", OPT_OUT), added(WORDS, "", flag())) == [WORDS, OPT_OUT.quote]


def test_a_reader_is_told_what_was_asked_for() -> None:
    edits = [added(WORDS, "", flag()), added("", "", OPT_OUT)]
    told = message.compose(report(*edits), [Topic.CONSENT])
    assert (told.title, [quote.words for quote in told.quotes]) == ("Quillo, Privacy Policy: consent", [OPT_OUT.quote])


def test_line_and_severity_are_the_readers_own() -> None:
    edits = [added(WORDS, "", flag()), added("", "Your choices", OPT_OUT)]
    every, some = message.compose(report(*edits)), message.compose(report(*edits), [Topic.CONSENT])
    assert every.line.startswith("Quillo may now train AI models on people’s data or content; also ")
    assert (every.severity, some.severity) == ("high", "medium")
    assert some.line == "Quillo now lets you opt out (section “Your choices”)"


def test_an_old_change_without_a_line_has_none() -> None:
    told = replace(report(added(WORDS, "", flag())), severity="", line="")
    assert message.as_text(message.compose(told)).startswith("It now says ")


def test_a_reader_whose_wishes_changed_since_is_told_all_the_same() -> None:
    told = message.compose(report(added(WORDS, "", flag())), [Topic.CONSENT])
    assert (told.title, [quote.words for quote in told.quotes]) == ("Quillo, Privacy Policy: AI training", [WORDS])


def test_facts_come_in_the_order_that_matters_each_once() -> None:
    told = message.compose(report(added(WORDS, "", flag(), facts=FACTS)))
    assert told.facts == (
        ("How to refuse", "Settings › Data; https://quillo.example/object"),
        ("Applies from", "2026-05-01"),
        ("Does not apply to", "EU"),
        ("Looking back", labels.NOT_RETROACTIVE),
        ("What data", "notes"),
    )


def test_many_quotes_are_counted_not_told() -> None:
    told = message.compose(report(*numbered(message.MOST + 3)))
    assert (len(told.quotes), told.left_out) == (message.MOST, 3)
    assert "\n… and 3 more flagged passages.\n" in message.as_text(told)
    assert "more flagged" not in message.as_text(message.compose(report(*numbered(message.MOST))))


def test_a_heading_is_no_quote_where_there_is_a_sentence() -> None:
    heading = added("AI training", "Your data", flag("AI training"))
    assert words(heading, added(WORDS, "AI training", flag())) == [WORDS]
    assert words(heading) == ["AI training"]
    assert words(added("You can opt out", "", flag("You can opt out")), heading) == ["You can opt out"]
