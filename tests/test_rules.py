"""Rules are data: what loads, what is refused in one clear line, and that no text makes a rule slow."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.errors import RuleError
from archive.words import Topic
from diffing.flags import read
from diffing.lexicon import Lexicon
from diffing.matches import Matches, Span
from diffing.phrases import Phrases, compile_phrase
from diffing.rules import BUILT_IN, Rules, load
from diffing.sentences import mask, split

RULES = Path(__file__).parent.parent / "data" / "rules"
GROUPS = "".join(f'[words.{name}]\nmeans = "m"\nphrases = ["zzz"]\n' for name in BUILT_IN)
RULE = '[[rule]]\nid = "r"\ntopic = "ai-training"\nfinds = "f"\nsays = ["train"]\n'
FACT = '[[fact]]\nid = "f"\nkind = "data"\nfinds = "f"\n'


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load(RULES)


def write(folder: Path, text: str) -> Path:
    (folder / "mine.toml").write_text(text + GROUPS)
    return folder


def test_our_rules_load_and_cover_both_topics(rules: Rules) -> None:
    assert {rule.topic for rule in rules.rules} == set(Topic)
    assert all(rule.finds and 0 < rule.score <= 1 for rule in rules.rules)
    assert len({rule.id for rule in rules.rules}) == len(rules.rules)
    assert {fact.kind for fact in rules.facts} == {
        "effective",
        "optout",
        "exempt",
        "not_retroactive",
        "third_party",
        "data",
        "retention",
        "sharing",
    }


def test_every_word_group_is_read_by_somebody(rules: Rules) -> None:
    phrases = [p for rule in rules.rules for p in rule.says.all + rule.unless.all + rule.apart_from.all]
    phrases += [p for fact in rules.facts for p in fact.near.all]
    phrases += [p for group in rules.lexicon.groups.values() for p in group.all]
    used = {name for phrase in phrases for name in phrase.groups} | set(BUILT_IN)
    assert set(rules.lexicon.groups) - used == set()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[rule]\n", "mine.toml: "),
        ("[[rules]]\n", 'unknown table "rules"'),
        ("rule = 1\n", "rule must be written as [[rule]]"),
        ("[[words]]\n", "words must be written as [words.name]"),
        (RULE + "colour = 1\n", 'mine.toml: rule r: unknown key "colour"'),
        (RULE.replace('topic = "ai-training"\n', ""), 'mine.toml: rule r: "topic" is missing'),
        (RULE.replace("ai-training", "cooking"), "rule r: topic must be one of ai-training, consent"),
        (RULE.replace('["train"]', "[]"), "rule r: says must be a list of texts"),
        (RULE.replace('["train"]', '["{nobody} train"]'), "r names the word group nobody, which is not given"),
        (RULE.replace('["train"]', '["train ..."]'), 'rule r: phrase "train ..." is not understood'),
        (RULE.replace('"f"', '""'), "rule r: finds must be a text"),
        (RULE + 'mechanism = "opt_out"\n', "mechanism belongs to consent rules"),
        (RULE.replace("ai-training", "consent"), "mechanism belongs to consent rules"),
        (RULE + 'effect = "none"\n', "effect must be one of permits, restricts, restates"),
        (RULE + "score = 2\n", "rule r: score must be a number from 0 to 1"),
        (RULE + "score = true\n", "rule r: score must be a number from 0 to 1"),
        (RULE + 'beside = "yes"\n', "rule r: beside must be true or false"),
        (RULE + RULE, "r is already given in mine.toml"),
        ('[words.a]\nmeans = "m"\n', 'words.a: "phrases" is missing'),
        (
            '[words.a]\nmeans = "m"\nphrases = ["{b}"]\n[words.b]\nmeans = "m"\nphrases = ["{a}"]\n',
            "made of each other",
        ),
        ("[words]\na = 1\n", "words.a: must be a table"),
        (FACT + "patterns = ['(?P<value>']\n", "fact f: pattern"),
        (FACT + "patterns = ['a']\n", "has no group (?P<value>...)"),
        (FACT + "patterns = ['(?P<value><day>)']\n", "<day> is not given under [pieces]"),
        ("[pieces]\nday = 1\n", "pieces.day: must be a text"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_place(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(RuleError) as error:
        load(write(tmp_path, text))
    assert says in str(error.value)
    assert "mine.toml" in str(error.value) or str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_built_in_group_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="no rules here"):
        load(tmp_path)
    (tmp_path / "few.toml").write_text(RULE)
    with pytest.raises(RuleError, match="the word group company-acts is missing"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("opt out", "Opt-out now", True),
        ("opt out", "You can optout", True),
        ("opt out", "opt to go out", False),
        ("may/will use", "we will use it", True),
        ("train*", "retraining", False),
        ("train*", "trainees", True),
        ("use .. data", "use all of your data", True),
        ("use .. data", "use it as we do with data", False),
        ("use ... data", "use it as we do with any data", True),
        ("{we} .. train", "our company may train", True),
        ("^train", "train models", True),
        ("^train", "we train models", False),
        ("will not", "We won’t", True),
        ("analyse", "we analyze", True),
    ],
)
def test_phrases_match_as_the_readme_says(phrase: str, text: str, found: bool) -> None:
    phrases = Phrases([compile_phrase(phrase)])
    lexicon = Lexicon({"we": Phrases([compile_phrase("our company")])}, [phrases])
    assert bool(Matches(lexicon, split(text)[0].words).any(phrases)) is found


PIECES = st.sampled_from(["a", "b", "c", "a/b", "b*", "{one}", "{two}", "{three}", "a {two}", "b c"])
WRITTEN = st.builds(
    lambda caret, first, rest: caret + first + "".join(gap + piece for gap, piece in rest),
    st.sampled_from(["", "", "^"]),
    PIECES,
    st.lists(st.tuples(st.sampled_from([" ", " .. ", " ... "]), PIECES), max_size=4),
)
GROUP_OF = {"one": ["b", "c*"], "two": ["{one}", "a .. b", "a b a"], "three": ["{two} ... {one}", "^c", "c"]}


@given(st.lists(WRITTEN, min_size=1, max_size=3), st.lists(st.sampled_from(["a", "b", "c", "bb", "x"]), max_size=40))
@example(["{two} .. {two} ... {two}"], ["a", "b"] * 20)
@example(["^{two} .. b"], ["a", "b", "a", "b", "b"])
def test_phrases_stand_where_a_plain_search_finds_them(written: list[str], words: list[str]) -> None:
    groups = {name: Phrases(map(compile_phrase, texts)) for name, texts in GROUP_OF.items()}
    phrases = Phrases(map(compile_phrase, written))
    matches = Matches(Lexicon(groups, [phrases]), words)
    found = sorted(plain_search(phrases, groups, words))
    assert matches.any(phrases) == found
    assert matches.holds(phrases) is bool(found)
    assert matches.group("three") == sorted(plain_search(groups["three"], groups, words))


def plain_search(phrases: Phrases, groups: dict[str, Phrases], words: list[str]) -> set[Span]:
    """Every place of every phrase, step by step: each step of a phrase goes with the nearest end before it."""
    found = set[Span]()
    for phrase in phrases.all:
        spans = set[Span]()
        for number, step in enumerate(phrase.steps):
            here = plain_search(groups[step.name], groups, words) if step.is_group else plain_words(step.name, words)
            if number:
                near = {(a, b, max((e for _, e in spans if a - step.gap <= e <= a), default=-1)) for a, b in here}
                joined = [(max(s for s, e in spans if e == at), b) for _, b, at in near if at >= 0]
                here = {(max(s for s, e in joined if e == b), b) for _, b in joined}
            elif phrase.at_start:
                here = {span for span in here if span[0] == 0}
            spans = here
        found |= spans
    return found


def plain_words(literal: str, words: list[str]) -> set[Span]:
    """Where a literal stands."""
    forms = literal.split("/")
    return {
        (place, place + 1)
        for place, word in enumerate(words)
        if any(word.startswith(form[:-1]) if form.endswith("*") else word == form for form in forms)
    }


def hostile() -> list[str]:
    """100 kB texts built to make matching go back and forth."""
    return [
        "a" * 100_000,
        "train " * 17_000,
        "use data to " * 9_000,
        "not opt out of training your AI models by default unless you consent " * 1_500,
        "](" * 50_000,
        "[a](" * 25_000,
        "<a" * 50_000,
        "https://" * 12_500,
        "a@a." * 25_000,
        "1." * 50_000,
        "((((" * 25_000,
        "'a" * 50_000,
        "Settings > " * 9_000,
        "by clicking " * 9_000,
        "effective on January 1 " * 4_500,
        "e.g. " * 20_000,
        "\n" * 100_000,
        "| " * 50_000,
        "train|" * 17_000,
        "WE TRAIN AI MODELS ON YOUR DATA UNLESS YOU OPT OUT " * 2_000,
        "wetrainourmodelsonyourdata" * 4_000,
        "tra\u200bin your mo\u202edel " * 5_000,
        "\u200b" * 100_000,
        "<p>We <b>train</b> <a href='https://ottermill.example/'>our models</a> on your data.</p>" * 1_200,
    ]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", range(len(hostile())))
def test_no_text_makes_the_rules_slow(rules: Rules, number: int) -> None:
    text = hostile()[number]
    for before, after in (("", text), (text, text.replace("a", "the a", 1)), (text, text[::-1])):
        reading = read(before, after, text[:200], rules, date(2024, 5, 1))
        assert all(flag.quote in (before if flag.side == "before" else after) for flag in reading.flags)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "piece",
    [
        "we train our models on your data unless you opt out or withdraw your consent ",
        "WE TRAIN OUR MODELS ON YOUR DATA UNLESS YOU OPT OUT OR WITHDRAW YOUR CONSENT ",
        "wetrainourmodelsonyourdata",
        "we tra\u200bin our mo\u00addels on your data ",
        "train our models|",
        "<p>We <b>train</b> our models on <i>your data</i>.</p>",
    ],
)
def test_work_grows_no_faster_than_the_text(rules: Rules, piece: str) -> None:
    """A megabyte takes about ten times as long as a tenth of it, and no more than a small machine can bear."""
    seconds = []
    for size in (100_000, 1_000_000):
        text = piece * (size // len(piece))
        begin = time.process_time()
        read("", text, "", rules)
        seconds.append(time.process_time() - begin)
    assert seconds[1] < 30 * seconds[0] + 1
    assert seconds[1] < 30


@pytest.mark.parametrize("unseen", ["\u00ad", "\u200b", "\u200d", "\u202e", "\u2060", "\u2066", "\ufeff", "\U000e0061"])
def test_what_nobody_sees_hides_no_word(rules: Rules, unseen: str) -> None:
    plain = "We use your messages to train our AI models. You may opt-out at any time."
    hidden = plain.replace("ai", f"a{unseen}i").replace("AI", f"A{unseen}I").replace("pt-", f"p{unseen}t-")
    told, found = (read("", text, "", rules).flags for text in (plain, hidden))
    assert [(flag.topic, flag.rule, flag.effect, flag.mechanisms) for flag in found] == [
        (flag.topic, flag.rule, flag.effect, flag.mechanisms) for flag in told
    ]
    assert {flag.topic for flag in found} == set(Topic)
    assert all(flag.quote in hidden and unseen in flag.quote for flag in found)
    assert not read(plain, hidden, "", rules, 2024).flags


def test_a_name_is_in_its_place_where_something_unseen_stands_in_it() -> None:
    (sentence,) = split("Ask Otter\u00admill and North\u200bwind about it")
    assert sentence.words == ("ask", "ottermill", "and", "northwind", "about", "it")
    assert sentence.names == {1, 3}


@pytest.mark.timeout(120)
def test_every_fact_pattern_passes_over_hostile_sentences(rules: Rules) -> None:
    for text in hostile():
        sentence = text[:3000]
        for fact in rules.facts:
            for pattern in fact.patterns:
                sum(1 for _ in pattern.finditer(sentence))


def test_masking_keeps_every_place() -> None:
    text = "See **our** [policy](https://example.org/a_(b)) or <b>write</b> to us@example.org (a) now."
    masked = mask(text)
    assert len(masked) == len(text)
    assert "https" not in masked
    assert "example" not in masked
    assert masked.index("policy") == text.index("policy")


def test_sentences_stand_verbatim_in_the_text() -> None:
    text = (
        "1.2 We train models, e.g. for search. **You may object.**\n* In Settings, turn it off! | A cell | Inc. is fine"
    )
    found = [sentence.text for sentence in split(text)]
    assert found == [
        "1.2 We train models, e.g. for search.",
        "**You may object.**",
        "* In Settings, turn it off!",
        "A cell",
        "Inc. is fine",
    ]
