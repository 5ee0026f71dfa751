"""Messages: who, what it does, in which words, how to refuse, and where the evidence is; each thing once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archive.changes import Verdict, outlined
from archive.frames import frame
from archive.reports import ChangeReport, Fellow
from archive.targets import Target
from archive.words import Decision, Edit, EditKind, Effect, Fact, Flag, Mechanism, Reading, Topic
from notify import as_text, message
from notify.layout import Reader, letter
from notify.letter import Letter
from notify.wanting import wants
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


def laid_out(told: ChangeReport, topics: Sequence[Topic] = tuple(Topic)) -> Letter:
    """The letter on it for an operator who speaks English."""
    return letter(message.compose(told, topics), Reader(frame()))


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
    told = laid_out(report(*edits, digests=["abc123"]))
    assert told.title == "Quillo, Privacy Policy: AI training and consent"
    assert as_text.body(told) == (
        "Quillo changes what it says about training AI models; opt out under Settings › Data; from 2026-05-01\n"
        "Severity: high\n"
        "\n"
        "How to refuse: Settings › Data; https://quillo.example/object\n"
        "Applies from: 2026-05-01\n"
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
        "Looking back: refusing does not undo what was done before\n"
        "Page: https://quillo.example/privacy\n"
        "All edits: smallprint show 7\n"
        "\n"
        "Seen 2026-03-02; the text before was seen 2026-03-01.\n"
        "Evidence: SHA-256 abc123"
    )


def test_a_sentence_is_quoted_once_with_all_its_labels() -> None:
    both = [flag(WORDS, Topic.CONSENT, mechanisms=(Mechanism.DEEMED,)), flag(), flag()]
    [quote] = laid_out(report(added(WORDS, "AI", *both), added(WORDS, "AI", flag()))).quotes
    assert quote.intro == "It now says under “AI” (AI training: allows more; consent: agreement is presumed):"


def test_the_same_words_at_two_places_are_two_quotes() -> None:
    assert words(added(WORDS, "AI", flag()), added(WORDS, "Data", flag())) == [WORDS, WORDS]


def test_ai_training_comes_first() -> None:
    assert words(added("", "", OPT_OUT), added(WORDS, "", flag())) == [WORDS, OPT_OUT.quote]


def test_a_reader_is_told_what_was_asked_for() -> None:
    edits = [added(WORDS, "", flag()), added("", "", OPT_OUT)]
    assert laid_out(report(*edits), [Topic.CONSENT]).title == "Quillo, Privacy Policy: consent"
    assert words(*edits, topics=[Topic.CONSENT]) == [OPT_OUT.quote]


def test_line_and_severity_are_the_readers_own() -> None:
    edits = [added(WORDS, "", flag()), added("", "Your choices", OPT_OUT)]
    every, some = message.compose(report(*edits)), message.compose(report(*edits), [Topic.CONSENT])
    assert every.line.startswith("Quillo may now train AI models on people’s data or content; also ")
    assert (every.severity, some.severity) == ("high", "medium")
    assert some.line == "Quillo now lets you opt out (section “Your choices”)"


def test_an_old_change_without_a_line_has_none() -> None:
    told = replace(report(added(WORDS, "", flag())), severity="", line="")
    assert as_text.body(laid_out(told)).startswith("It now says ")


def test_a_reader_whose_wishes_changed_since_is_told_all_the_same() -> None:
    edit = added(WORDS, "", flag())
    assert laid_out(report(edit), [Topic.CONSENT]).title == "Quillo, Privacy Policy: AI training"
    assert words(edit, topics=[Topic.CONSENT]) == [WORDS]


def test_facts_come_in_the_order_that_matters_each_once() -> None:
    told = message.compose(report(added(WORDS, "", flag(), facts=FACTS)))
    assert told.facts == (
        ("optout", ("Settings › Data", "https://quillo.example/object")),
        ("effective", ("2026-05-01",)),
        ("exempt", ("EU",)),
        ("not_retroactive", ("true",)),
        ("data", ("notes",)),
    )


def test_many_quotes_are_counted_not_told() -> None:
    told = message.compose(report(*numbered(message.MOST + 3)))
    assert (len(told.quotes), told.left_out) == (message.MOST, 3)
    assert "\n… and 3 more flagged passages.\n" in as_text.body(laid_out(report(*numbered(message.MOST + 3))))
    assert "more flagged" not in as_text.body(laid_out(report(*numbered(message.MOST))))


def test_a_heading_is_no_quote_where_there_is_a_sentence() -> None:
    heading = added("AI training", "Your data", flag("AI training"))
    assert words(heading, added(WORDS, "AI training", flag())) == [WORDS]
    assert words(heading) == ["AI training"]
    assert words(added("You can opt out", "", flag("You can opt out")), heading) == ["You can opt out"]


def test_a_record_that_does_not_say_where_it_was_names_no_page() -> None:
    told = as_text.body(laid_out(replace(report(added(WORDS, "", flag())), url="")))
    assert "Page:" not in told
    assert "All edits: smallprint show 7" in told


NEVER = "We never sell what you write."
KNOWN = added(
    NEVER, "Your data", Flag(Topic.AI_TRAINING, Effect.RESTRICTS, NEVER, "after", "rule", 0.9), facts=FACTS[4:5]
)
FELLOWS = [
    Fellow(9, "Facet", "facet", "Privacy Policy", "", "https://facet.example/privacy"),
    Fellow(12, "Facet", "facet", "Terms of Service", "EU", "https://facet.example/terms"),
]


def test_only_the_news_is_told() -> None:
    shared = added("We share it with partners.", "", facts=[Fact("sharing", "partners", "We share it with partners.")])
    told = replace(report(KNOWN, added(WORDS, "AI", flag(), facts=FACTS[2:3]), shared), news=[1])
    written = message.compose(told)
    assert [quote.words for quote in written.quotes] == [WORDS]
    assert written.facts == (("effective", ("2026-05-01",)),)
    assert written.also == ("We share it with partners.",)
    assert "never" not in as_text.body(laid_out(told))


def test_severity_line_and_topics_are_those_of_the_news() -> None:
    told = replace(report(added(WORDS, "", flag()), added("", "Your choices", OPT_OUT)), news=[1])
    written = message.compose(told)
    assert (told.severity, written.severity) == ("high", "medium")
    assert laid_out(told).title == "Quillo, Privacy Policy: consent"
    assert written.line == "Quillo now lets you opt out (section “Your choices”)"


def test_what_was_over_before_it_was_confirmed_is_not_told() -> None:
    told = replace(report(added(WORDS, "", flag()), KNOWN), news=[0])
    assert [quote.words for quote in message.compose(told).quotes] == [WORDS]


def test_where_nothing_is_marked_as_new_all_is_told() -> None:
    assert len(message.compose(report(added(WORDS, "", flag()), KNOWN)).quotes) == 2


def test_a_message_that_tells_of_several_documents() -> None:
    told = replace(report(added(WORDS, "AI", flag()), digests=["abc123"]), owner="Meadow", news=[0], together=FELLOWS)
    written = laid_out(told)
    assert written.title == "Meadow (3 documents): AI training"
    assert as_text.body(written) == (
        "Meadow may now train AI models on people’s data or content\n"
        "Severity: high\n"
        "The same edit in: Quillo, Privacy Policy; Facet, Privacy Policy; Facet, Terms of Service (EU)\n"
        "\n"
        "It now says under “AI” (AI training: allows more):\n"
        "  “We use what you write to train our models.”\n"
        "\n"
        "Quillo, Privacy Policy: https://quillo.example/privacy\n"
        "All edits: smallprint show 7\n"
        "Facet, Privacy Policy: https://facet.example/privacy\n"
        "All edits: smallprint show 9\n"
        "Facet, Terms of Service (EU): https://facet.example/terms\n"
        "All edits: smallprint show 12\n"
        "\n"
        "Seen 2026-03-02; the text before was seen 2026-03-01.\n"
        "Evidence: SHA-256 abc123"
    )


def test_several_documents_of_one_service_are_the_services() -> None:
    own = Fellow(9, "Quillo", "Quillo", "Terms of Service", "", "https://quillo.example/terms")
    told = replace(report(added(WORDS, "", flag())), owner="Meadow", together=[own])
    written = message.compose(told)
    assert laid_out(told).title == "Quillo (2 documents): AI training"
    assert written.line.startswith("Quillo may now ")


def test_services_without_an_owner_are_named() -> None:
    told = replace(report(added(WORDS, "", flag())), together=FELLOWS)
    written = message.compose(told)
    assert laid_out(told).title == "Quillo, Facet (3 documents): AI training"
    assert written.line.startswith("Quillo, Facet may now ")


def test_a_target_wants_what_any_of_the_named_documents_is() -> None:
    alone = report(added(WORDS, "", flag()))
    both = replace(alone, together=FELLOWS)
    plain = Target("mail", "console:")
    wanted = [replace(plain, services=names) for names in ((), ("QUILLO",), ("facet",), ("nobody",))]
    assert [wants(target, alone) for target in wanted] == [True, True, False, False]
    assert [wants(target, both) for target in wanted] == [True, True, True, False]


def test_a_target_wants_only_news_on_its_topics() -> None:
    told = replace(report(added(WORDS, "", flag()), added("", "", OPT_OUT)), news=[1])
    assert wants(Target("mail", "console:", topics=(Topic.CONSENT,)), told)
    assert not wants(Target("mail", "console:", topics=(Topic.AI_TRAINING,)), told)
