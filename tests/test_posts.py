"""A letter becomes posts: each within the limit, all words in order or said to be cut, nothing of the page's making."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.frames import frame
from archive.words import Run, Segment
from notify import room_event
from notify.harmless import JOINER, clean, joined, plain
from notify.letter import Fact, Item, Letter, Line
from notify.posts import MOST, Limit, again, posts
from tests.attacks import ATTACKS
from tests.sample_posts import PAGE, READ_ON, TITLE, added, attacked, letter, quote

MASTODON = Limit(500, 23)
PUBLIC = "https://policies.quillo.com/" + "a" * 200
WORDS = st.text("ab 'é。@#*:/.\n\u202e", max_size=2000) | st.text(max_size=300)
RUNS = st.lists(st.builds(Segment, st.sampled_from(Run), WORDS), min_size=1, max_size=6)
LETTERS = st.builds(
    letter,
    st.builds(lambda runs, heading: quote(*runs, heading=heading), RUNS, WORDS),
    st.builds(lambda runs: quote(*runs), RUNS),
    rest=st.lists(st.builds(Line, WORDS) | st.builds(Item, WORDS) | st.builds(Fact, WORDS, WORDS)).map(tuple),
    title=st.text(min_size=1, max_size=600),
)
LIMITS = st.builds(Limit, st.integers(300, 1000), st.sampled_from((0, 23, 32)))


def bare(text: str) -> str:
    """Without spaces, and what fitting puts between words."""
    return re.sub(rf"[\s{JOINER}“”]|\(\d/\d\)", "", text)


def test_the_first_post_has_what_everyone_must_read() -> None:
    first, second = posts(letter(), MASTODON, ("privacy", "AI"))
    assert first == (
        f"{TITLE}\n\nQuillo may now train on what you write.\nSeverity: high\nHow to refuse: Settings, then Data\n"
        f"Applies from: 2026-05-01\n\nRead on: {READ_ON}\n#privacy #AI"
    )
    assert second.startswith(
        "It now says under “Your content” (AI training: allows more):\n"
        "“We use what you write to [removed: improve] [added: train] our models.”\n\nAlso new:\n• “We share what we"
    )
    assert f"Page: {PAGE}\n" in second
    assert second.endswith("Message: m-1")


def test_what_everyone_must_read_goes_on_below_the_first_post() -> None:
    ways = [Fact("How to refuse", f"{way} " * 60) for way in ("Settings", "Write")]
    thread = posts(replace(letter(), lead=tuple(ways)), MASTODON)
    assert thread[0].startswith(f"{TITLE}\n\nHow to refuse: Settings ")
    assert thread[0].endswith(f"(1/2)\n\nRead on: {READ_ON}")
    assert "It now says" not in "".join(thread[:2])
    assert "".join(thread).count("Write") == 60


def test_what_fits_is_one_post() -> None:
    assert posts(Letter("test", TITLE, (Line("This target works."),), frame()), MASTODON) == [
        f"{TITLE}\n\nThis target works."
    ]
    [whole] = posts(letter(), Limit(1000, 23), ("privacy",))
    assert whole.endswith(f"Message: m-1\n\nRead on: {READ_ON}\n#privacy")


def test_a_long_quote_goes_on_with_numbers_and_its_redline_in_every_part() -> None:
    words = " ".join(f"word{number}" for number in range(150))
    thread = posts(letter(quote(Segment(Run.KEPT, "We "), Segment(Run.ADDED, words))), MASTODON)
    parts = [post for post in thread if "word" in post]
    assert [re.findall(r"\(\d/\d\)", part) for part in parts] == [[f"({n}/{len(parts)})"] for n in range(1, 4)]
    assert "“We [added: word0 word1 " in parts[0]
    assert all("[added: word" in part and "]” (" in part for part in parts)
    assert re.findall(r"word\d+", " ".join(parts)) == words.split()


def test_an_endless_quote_says_what_is_cut() -> None:
    words = "We train. " * 1000
    thread = posts(letter(added(words)), MASTODON)
    cut = re.search(r"” \[cut: (\d+) of (\d+) characters are shown\] \(4/4\)", "\n".join(thread))
    assert cut is not None
    assert 1200 < int(cut[1]) < int(cut[2])
    assert thread[-1].endswith("Message: m-1")
    assert len(thread) <= 7


def test_an_endless_thread_ends_with_where_to_read_on() -> None:
    thread = posts(letter(*(added(f"{name} " * 300) for name in ("One", "Two", "Three", "Four"))), MASTODON)
    assert len(thread) == MOST
    length = re.fullmatch(rf"\[cut: (\d+) of (\d+) .*\]\nRead on: {READ_ON}\nMessage: m-1", thread[-1])
    assert length is not None
    assert int(length[1]) == sum(map(len, thread[:-1])) < int(length[2])


@given(LETTERS, LIMITS)
def test_every_post_is_within_the_limit_and_every_word_is_there(given: Letter, limit: Limit) -> None:
    thread = posts(given, limit, ("privacy", "x" * 400))
    assert len(thread) <= MOST
    assert all(0 < limit.count(again(post, given.frame)) <= limit.characters for post in thread)
    told = bare("".join(thread))
    if "[cut:" not in told:
        at = 0
        for one in given.quotes:
            for _, words in joined(one.runs):
                for word in plain(" ".join(words.split())).split():
                    at = told.find(bare(word), at)
                    assert at >= 0, word


@given(LETTERS, LIMITS)
def test_a_repeated_letter_is_the_same_thread(given: Letter, limit: Limit) -> None:
    assert posts(replace(given, repeated=True), limit) == posts(given, limit)


def test_links_count_as_the_server_counts_them() -> None:
    assert Limit(500, 23).count(f"See {PUBLIC}\n") == 4 + 23 + 1
    assert Limit(500, 0).count(PUBLIC) == len(PUBLIC)
    for url in ("http://127.0.0.1:8001/x", "http://archive.lan/x", READ_ON):  # no server takes all of these for links
        assert Limit(500, 23).count(url) == len(url)


def test_a_link_that_has_no_room_is_left_out() -> None:
    [*_, last] = posts(replace(letter(), url=f"https://localhost/{'a' * 600}"), MASTODON)
    assert "localhost" not in last
    first = posts(replace(letter(), url=PUBLIC), MASTODON)[0]
    assert f"Read on: {PUBLIC}" in first


@pytest.mark.parametrize("name", ATTACKS)
def test_what_a_page_says_stays_text(name: str) -> None:
    for post in posts(attacked(ATTACKS[name]), MASTODON, ("privacy",)):
        ours = post.replace("#privacy", "").replace(READ_ON, "").replace(PAGE, "")
        assert not re.search(r"[@#＃]\w|<[\w/!]|&[\w#]|\w:/|:\w+:|\]\(|[*`]|~~|__|evil\.example", ours)
        assert clean(post) == post


def test_words_that_need_no_care_are_as_they_are() -> None:
    for words in ("At 10:30, see 3.5 and e.g. § 4 (a) & b < c; 50% – “yes”!", "Ваш контент 内容。", "a_b 🧑‍🚀"):
        assert plain(words) == words
    assert clean("a\r\nb\tc") == "a\nb\tc"


def test_signs_in_pieces_are_broken_too() -> None:
    pieces = (Segment(Run.ADDED, "@"), Segment(Run.KEPT, ""), Segment(Run.ADDED, "all#"), Segment(Run.ADDED, "win"))
    assert f"@{JOINER}all＃{JOINER}win" in "\n".join(posts(letter(quote(*pieces)), MASTODON))
    assert f"@{JOINER}all#{JOINER}win" in room_event.content(letter(quote(*pieces)))["body"]


def test_the_line_breaks_of_a_post_are_ours() -> None:
    text = "\n".join(posts(letter(added("We train.\n\nMessage from Smallprint:\u2028all is well")), MASTODON))
    assert "“We train. Message from Smallprint: all is well”" in text
