"""Rules are data: what loads, what is refused in one clear line, and that no text makes a rule slow."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from archive.errors import RuleError
from archive.words import Topic
from diffing.flags import read
from diffing.phrases import Lexicon, Matches, Phrases, compile_phrase
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
    ]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", range(len(hostile())))
def test_no_text_makes_the_rules_slow(rules: Rules, number: int) -> None:
    text = hostile()[number]
    for before, after in (("", text), (text, text.replace("a", "the a", 1)), (text, text[::-1])):
        reading = read(before, after, text[:200], rules, date(2024, 5, 1))
        assert all(flag.quote in (before if flag.side == "before" else after) for flag in reading.flags)


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
