"""The line on a change: each template, what is joined to it, and what a hostile page cannot do with it."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import plain_line, predicates
from archive.plain_line import LONGEST, line
from archive.predicates import Statement, Way
from archive.regions import listed, named
from archive.words import Edit, EditKind, Effect, Fact, Flag, Mechanism, Reading, Topic

AFTER, BEFORE = "after", "before"
USES = "We may use your notes to train our models."
NEVER = "We never use your notes to train our models."
LEAVES = "You can opt out of the training of our models."
BETTER = "We may use your notes to improve our AI."
MECHANISMS = {
    Mechanism.OPT_OUT: "You can opt out of this.",
    Mechanism.OPT_IN: "We ask for your consent.",
    Mechanism.DEEMED: "By using Quillo you agree to this.",
    Mechanism.WITHDRAW: "You can withdraw it.",
    Mechanism.DEFAULT: "It is on by default.",
}
Given = tuple[Edit, Reading]


def edit(before: str, after: str, heading: str = "") -> Edit:
    kind = EditKind.CHANGED if before and after else EditKind.ADDED if after else EditKind.REMOVED
    return Edit(kind, heading, before, after)


def training(
    effect: Effect, before: str, after: str, side: str = AFTER, *facts: Fact, rule: str = "rule", score: float = 0.9
) -> Given:
    """An edit with a flag on the whole of one side."""
    quote = after if side == AFTER else before
    return edit(before, after), Reading((Flag(Topic.AI_TRAINING, effect, quote, side, rule, score),), facts)


def consent(before: str, after: str, side: str, *mechanisms: Mechanism, facts: Sequence[Fact] = ()) -> Given:
    quote = after if side == AFTER else before
    flag = Flag(Topic.CONSENT, Effect.NONE, quote, side, "rule", 0.9, mechanisms)
    return edit(before, after, "Terms › Your choices"), Reading((flag,), tuple(facts))


def permits(*facts: Fact, beside: Sequence[Flag] = ()) -> Given:
    """A passage that came and permits training, with these facts."""
    flag = Flag(Topic.AI_TRAINING, Effect.PERMITS, USES, AFTER, "rule", 0.9)
    return edit("", USES), Reading((flag, *beside), facts)


REFUSABLE = Flag(Topic.CONSENT, Effect.NONE, "You can turn this off.", AFTER, "rule", 0.9, (Mechanism.OPT_OUT,))
DATA = Fact("data", "your notes and drawings", USES)
P, R, S = Effect.PERMITS, Effect.RESTRICTS, Effect.RESTATES


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (training(P, "", USES), "may now train AI models on people’s data or content"),
        (training(P, NEVER, USES), "may now train AI models on people’s data or content"),
        (training(P, "Hello.", USES), "may now train AI models on people’s data or content"),
        (training(P, USES, f"{USES} And more."), "now allows itself more in training AI models"),
        (training(P, "", BETTER), "may now improve AI with people’s data or content"),
        (training(P, "", "作文。", rule="used-for-training"), "may now train AI models on people’s data or content"),
        (training(R, USES, "", BEFORE), "no longer says that it may train AI models on people’s data or content"),
        (training(R, f"{USES} And more.", USES, BEFORE), "now allows itself less in training AI models"),
        (training(P, NEVER, "", BEFORE), "no longer promises not to train AI models on people’s data or content"),
        (
            training(P, NEVER, "We won't train our models on some.", BEFORE),
            "weakens its promise not to train AI models",
        ),
        (training(R, "", NEVER), "now promises not to train AI models on people’s data or content"),
        (training(R, NEVER, f"{NEVER} And no more."), "strengthens its promise not to train AI models"),
        (training(P, LEAVES, "", BEFORE), "no longer offers to opt out of AI training"),
        (training(P, LEAVES, f"{LEAVES} By letter.", BEFORE), "changes how to opt out of AI training"),
        (training(P, "We train models for a month.", "", BEFORE), "drops a limit on training AI models"),
        (training(R, "", "We train our models for a month."), "now sets limits on training AI models"),
        (training(S, "", USES), "adds details on training AI models"),
        (training(S, USES, "", BEFORE), "takes out details on training AI models"),
        (training(S, USES, USES), "says anew how AI training is done"),
        (training(S, BETTER, BETTER), "says anew how the improvement of AI is done"),
    ],
)
def test_what_a_change_does_about_training(given: Given, told: str) -> None:
    assert line("Quillo", [given]) == f"Quillo {told}"


def test_a_new_way_out_of_training_is_told_with_its_place() -> None:
    flags = (
        Flag(Topic.AI_TRAINING, R, LEAVES, AFTER, "rule", 0.9),
        Flag(Topic.CONSENT, Effect.NONE, LEAVES, AFTER, "rule", 0.9, (Mechanism.OPT_OUT,)),
    )
    fact = Fact("optout", "Settings > Privacy", LEAVES)
    told = line("Quillo", [(edit("", LEAVES), Reading(flags, (fact,)))])
    assert told == "Quillo now lets you opt out of AI training (under Settings > Privacy)"


@pytest.mark.parametrize(
    ("mechanism", "comes", "goes", "alters"),
    [
        (Mechanism.OPT_OUT, "now lets you opt out", "takes out a way to opt out", "changes how to opt out"),
        (
            Mechanism.OPT_IN,
            "now says that it asks for your consent",
            "no longer says that it asks for your consent",
            "changes what it asks your consent for",
        ),
        (
            Mechanism.DEEMED,
            "now presumes your agreement when you use it",
            "no longer presumes your agreement when you use it",
            "changes how it presumes your agreement",
        ),
        (
            Mechanism.WITHDRAW,
            "now says that you can withdraw consent",
            "no longer says that you can withdraw consent",
            "changes how to withdraw consent",
        ),
        (
            Mechanism.DEFAULT,
            "now says what is set by default",
            "no longer says what is set by default",
            "changes what it says is set by default",
        ),
    ],
)
def test_what_a_change_does_about_consent(mechanism: Mechanism, comes: str, goes: str, alters: str) -> None:
    said = MECHANISMS[mechanism]
    section = " (section “Your choices”)"
    assert line("Quillo", [consent("", said, AFTER, mechanism)]) == f"Quillo {comes}{section}"
    assert line("Quillo", [consent("Hello.", said, AFTER, mechanism)]) == f"Quillo {comes}{section}"
    assert line("Quillo", [consent(said, "", BEFORE, mechanism)]) == f"Quillo {goes}{section}"
    assert line("Quillo", [consent(said, f"{said} Always.", AFTER, mechanism)]) == f"Quillo {alters}{section}"


def test_agreement_to_training_is_told_as_such() -> None:
    said = "By using Quillo you agree that we train our models."
    told = line("Quillo", [consent("", said, AFTER, Mechanism.DEEMED)])
    assert told == "Quillo now presumes your agreement to AI training when you use it"


def test_of_several_mechanisms_the_weightiest_is_told_then_the_one_that_is_quoted() -> None:
    every = (Mechanism.OPT_OUT, Mechanism.OPT_IN, Mechanism.WITHDRAW)
    assert line("Quillo", [consent("", "You can withdraw it.", AFTER, *every)]).startswith(
        "Quillo now says that you can withdraw consent"
    )
    assert line("Quillo", [consent("", "Words.", AFTER, Mechanism.OPT_IN, Mechanism.DEEMED)]).startswith(
        "Quillo now presumes your agreement"
    )


def test_words_in_another_language_are_not_taken_for_new() -> None:
    told = line("Quillo", [consent("Altes.", "Neues.", AFTER, Mechanism.OPT_OUT)])
    assert told.startswith("Quillo changes how to opt out")


def test_consent_without_a_mechanism() -> None:
    assert line("Quillo", [consent("", "Words.", AFTER)]) == "Quillo adds words on consent (section “Your choices”)"


def test_every_subject_says_what_it_can() -> None:
    for subject, ways in predicates.WORDS.items():
        for way in ways:
            told = predicates.told(Statement(subject, way, training=True), "notes")
            assert told
            assert not set("{}") & set(told)


# What is joined


def test_facts_are_told_in_their_order() -> None:
    facts = [
        Fact("effective", "2024-11-20", ""),
        Fact("optout", "Settings & Privacy > Data privacy", ""),
        Fact("exempt", "the EU and EEA", "", ("EU", "IS", "LI", "NO")),
        Fact("exempt", "Switzerland", "", ("CH",)),
        Fact("third_party", "our affiliates", USES),
        DATA,
    ]
    told = line("Quillo", [permits(*facts[:4], *facts[5:], beside=[REFUSABLE])])
    assert told == (
        "Quillo may now train AI models on notes and drawings; not in the EU, EEA and Switzerland; "
        "opt out under Settings & Privacy > Data privacy; from 2024-11-20"
    )
    assert line("Quillo", [permits(*facts[4:])]) == (
        "Quillo may now train AI models on notes and drawings; others involved: affiliates"
    )


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("Settings › Data", "; opt out under Settings › Data"),
        ("https://quillo.example/no", "; opt out at https://quillo.example/no"),
        ("no@quillo.example", "; opt out at no@quillo.example"),
        ("by writing to us", "; opt out: “by writing to us”"),
        ("click “No”", "; opt out: “click 'No'”"),
        ("", ""),
    ],
)
def test_ways_to_refuse(value: str, told: str) -> None:
    start = "Quillo may now train AI models on people’s data or content"
    assert line("Quillo", [permits(Fact("optout", value, ""), beside=[REFUSABLE])]).startswith(start + told)


def test_a_way_to_refuse_something_else_is_not_told() -> None:
    assert "opt out" not in line("Quillo", [permits(Fact("optout", "Settings › Data", ""))])


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("your notes", " on notes"),
        ("the content you post, including", " on content you post"),
        ("any information", ""),
        ("it", ""),
        ("our tools, we do not use notes", ""),
        ("how your notes", ""),
        ("No notes", " on notes"),
    ],
)
def test_kinds_of_data_are_told_where_their_words_can_stand(value: str, told: str) -> None:
    expected = told or " on people’s data or content"
    assert line("Quillo", [permits(Fact("data", value, USES))]) == f"Quillo may now train AI models{expected}"


def test_what_another_sentence_says_of_data_is_not_told() -> None:
    assert "notes" not in line("Quillo", [permits(Fact("data", "notes", "We do not train on notes."))])


@pytest.mark.parametrize(
    ("fact", "told"),
    [
        (Fact("exempt", "users in Norway", ""), "; not for users in Norway"),
        (Fact("exempt", "users in Norway", "", ("NO",)), "; not in Norway"),
        (Fact("exempt", "minors", ""), "; not for minors"),
        (Fact("exempt", "the land of Ys", "", ("XY",)), "; not in the land of Ys"),
        (Fact("exempt", "users in the land of Ys", "", ("XY",)), "; not for users in the land of Ys"),
        (Fact("exempt", "Section 4 and the User Terms", ""), ""),
    ],
)
def test_exempt_regions_and_groups(fact: Fact, told: str) -> None:
    assert line("Quillo", [permits(DATA, fact)]) == f"Quillo may now train AI models on notes and drawings{told}"


def test_a_promise_to_some_is_a_limit() -> None:
    said = "We never train our models on the notes of users in Norway."
    fact = Fact("exempt", "users in Norway", said, ("NO",))
    assert line("Quillo", [training(R, "", said, AFTER, fact)]) == (
        "Quillo now sets limits on training AI models; not in Norway"
    )
    assert line("Quillo", [training(P, said, "", BEFORE, fact)]) == "Quillo drops a limit on training AI models"


def test_regions_are_listed_as_people_do() -> None:
    assert listed([]) == ""
    assert listed(named(["EU"])) == "the EU"
    assert listed(named(["EU", "GB"])) == "the EU and UK"
    assert listed(named(["CH", "EU", "GB", "UK"])) == "Switzerland, the EU and UK"
    assert listed(named(["EU", "IS", "LI", "NO", "CH"])) == "the EU, EEA and Switzerland"
    assert listed(named(["EU", "NO", "US-CA"])) == "the EU, Norway and California"
    assert listed(named(["EU", "EEA", "GB", "CH", "NO", "BR"])) == "the EU, EEA, UK, Switzerland and 2 more"
    assert named(["EU", "XX"]) == named([]) == []


def test_the_day_is_the_passages_own_or_the_only_one() -> None:
    own, other = Fact("effective", "2026-05-01", ""), Fact("effective", "2026-06-01", "")
    dated = (edit("", "Effective 1 June."), Reading((), (other,)))
    again = (edit("", "Effective 1 July."), Reading((), (Fact("effective", "2026-07-01", ""),)))
    assert line("Quillo", [dated, permits(own)]).endswith("; from 2026-05-01")
    assert line("Quillo", [dated, permits()]).endswith("; from 2026-06-01")
    assert "from" not in line("Quillo", [dated, again, permits()])
    assert "from" not in line("Quillo", [(edit("Effective 1 June.", ""), Reading((), (other,))), permits()])


def test_a_day_of_long_ago_is_not_told() -> None:
    given = permits(Fact("effective", "2025-05-01", ""))
    assert line("Quillo", [given], "2026-04-30T06:00:00Z").endswith("; from 2025-05-01")
    assert "from" not in line("Quillo", [given], "2026-05-02T06:00:00Z")


def test_a_date_of_what_went_is_not_told() -> None:
    fact = Fact("effective", "2026-05-01", USES)
    assert "from" not in line("Quillo", [training(R, USES, "", BEFORE, fact)])


# Several flags


def test_the_most_severe_leads_and_the_next_is_joined() -> None:
    chosen = consent("", "You can opt out of this.", AFTER, Mechanism.OPT_OUT)
    presumed = consent("", "By using Quillo you agree to this.", AFTER, Mechanism.DEEMED)
    told = line("Quillo", [chosen, presumed, permits()])
    assert told == ("Quillo may now train AI models on people’s data or content; also now lets you opt out; and 1 more")


def test_the_same_is_told_once() -> None:
    assert line("Quillo", [permits(), permits(DATA)]) == "Quillo may now train AI models on notes and drawings"


def test_a_way_to_refuse_is_not_told_twice() -> None:
    told = line("Quillo", [permits(Fact("optout", "Settings › Data", ""), beside=[REFUSABLE])])
    assert told.endswith("; opt out under Settings › Data")


def test_a_promise_beside_a_permission_holds_in_some_cases() -> None:
    told = line("Quillo", [training(R, "", NEVER), permits()])
    assert told.endswith("; also now promises not to train AI models in some cases")
    gone = line("Quillo", [training(P, NEVER, "", BEFORE), permits()])
    assert gone.endswith("; also no longer promises not to train AI models")


def test_what_goes_here_and_comes_there_is_not_told_as_new() -> None:
    gone, come = training(R, USES, "", BEFORE), permits(DATA)
    assert line("Quillo", [gone, come]) == "Quillo changes what it says about training AI models on notes and drawings"
    wider = training(P, USES, f"{USES} Always.")
    narrower = training(R, f"{USES} Always.", USES, BEFORE)
    assert line("Quillo", [wider, narrower]) == "Quillo changes what it says about training AI models"


def test_what_does_not_fit_is_counted() -> None:
    others = [consent("", said, AFTER, mechanism) for mechanism, said in MECHANISMS.items()]
    told = line("Quillo", [permits(Fact("data", "notes " * 10, USES)), *others])
    assert told.endswith("; and 4 more")
    assert len(told) <= LONGEST


def test_only_the_topics_that_are_asked_for() -> None:
    given = [permits(), consent("", "You can opt out of this.", AFTER, Mechanism.OPT_OUT)]
    assert line("Quillo", given, topics=[Topic.CONSENT]) == "Quillo now lets you opt out (section “Your choices”)"
    assert line("Quillo", [permits()], topics=[Topic.CONSENT]) == ""


def test_nothing_flagged_says_nothing() -> None:
    assert line("Quillo", []) == ""
    assert line("Quillo", [(edit("", "Hello."), Reading((), (DATA,)))]) == ""


# A hostile page

STEERING = "\x1b[31m\u202ered\u202c\u200b\x07\u2066\ufeff\u00ad"


def test_what_steers_is_taken_out() -> None:
    value = f"{STEERING}your\n notes\t and\u2028drawings{STEERING}"
    told = line(f"Quillo{STEERING}", [permits(Fact("data", value, USES))])
    assert told == "Quillo[31mred may now train AI models on [31mredyour notes and drawings[31mred"


@pytest.mark.parametrize("kind", ["data", "third_party", "exempt", "optout", "effective"])
def test_long_facts_are_clipped(kind: str) -> None:
    told = line("Quillo", [permits(Fact(kind, "users " * 100_000, USES, ()), beside=[REFUSABLE])])
    assert len(told) <= LONGEST
    assert len(plain_line._clipped("x" * 1000, 64)) == 64


@pytest.mark.parametrize("value", [", " * 50_000, "and " * 50_000, "(" * 100_000, "your " * 50_000 + "x", "a" * 10**6])
def test_hostile_facts_take_bounded_time(value: str) -> None:
    started = time.process_time()
    line(value, [permits(Fact("data", value, USES), Fact("optout", value, USES), beside=[REFUSABLE])])
    assert time.process_time() - started < 5


def test_a_hostile_change_takes_bounded_time() -> None:
    long = "We train our models, never by turning turning it it off. " * 2000
    given = [training(P, f"{n} {long[:200]}", f"{n} {long[:210]}") for n in range(3000)]
    started = time.process_time()
    line("Quillo", [*given, training(R, long, f"{long}!"), consent(long, f"{long}!", AFTER, Mechanism.DEEMED)])
    assert time.process_time() - started < 20


@given(st.text(), st.text(), st.sampled_from(["data", "third_party", "exempt", "optout", "effective"]), st.text())
def test_any_text_makes_one_clean_bounded_line(service: str, value: str, kind: str, quote: str) -> None:
    flag = Flag(Topic.AI_TRAINING, P, quote, AFTER, "rule", 0.9)
    told = line(service, [(edit("", quote or "x"), Reading((flag, REFUSABLE), (Fact(kind, value, quote),)))])
    assert 0 < len(told) <= LONGEST
    assert not [c for c in told if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]


@given(
    st.text(), st.text(), st.sampled_from(Effect), st.sampled_from([AFTER, BEFORE]), st.sets(st.sampled_from(Mechanism))
)
def test_any_flag_has_a_line(before: str, after: str, effect: Effect, side: str, named: set[Mechanism]) -> None:
    flags = (
        Flag(Topic.AI_TRAINING, effect, after, side, "rule", 0.9),
        Flag(Topic.CONSENT, Effect.NONE, before, side, "rule", 0.9, tuple(sorted(named))),
    )
    assert line("Quillo", [(edit(before, after or "x"), Reading(flags))]).startswith("Quillo ")


def test_an_unnamed_service_is_the_service() -> None:
    assert line("\u200b", [permits(DATA)]) == "The service may now train AI models on notes and drawings"


def test_way_words_cover_the_table() -> None:
    assert {way for ways in predicates.WORDS.values() for way in ways} == set(Way)
