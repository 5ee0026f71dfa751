"""The front page: what is flagged, the newest first, and how much there is."""

from __future__ import annotations

from pathlib import Path

from archive import recording, store
from tests.site_pages import POLICY, page, words

# The front page


def test_the_front_page_shows_pushed_changes_the_newest_first(site_archive: Path) -> None:
    cards = page(site_archive, "/").select("article.card")
    assert [card.h3.a["href"] for card in cards] == ["/-/change/5", "/-/change/2"]


def test_a_card_says_who_when_what_and_in_which_words(site_archive: Path) -> None:
    card = page(site_archive, "/").select("article.card")[1]
    assert words(card.h3.a) == (
        "Nimbus may now train AI models on people’s data or content; opt out: “Settings”; "
        "also no longer says that it asks for your consent; and 1 more"
    )
    assert words(card.select_one(".whose")) == "Severity: High Nimbus, Privacy Policy (EU)"
    assert "Seen 2 April 2025" in words(card)
    labels = [label.text for label in card.select(".label")]
    assert labels == [
        "AI training: allows more",
        "Consent: a way to opt out",
        "Consent: asks first",
        "Consent: says it anew",
    ]


def test_a_card_quotes_three_passages_with_ai_training_first(site_archive: Path) -> None:
    quotes = [words(quote) for quote in page(site_archive, "/").select("article.card")[1].select(".quote")]
    assert quotes == [
        "It now says, under 4. Training: We train AI models on your posts.",
        "It now says, under 4. Training: You can opt out in Settings.",
        "It no longer says, under 1. Promises: We ask for consent first.",
    ]


def test_a_card_tells_how_much_is_left_out(site_archive: Path) -> None:
    assert "and 1 more flagged passage" in words(page(site_archive, "/").select("article.card")[1])


def test_the_front_page_counts_and_admits_what_was_not_seen(site_archive: Path) -> None:
    text = words(page(site_archive, "/"))
    assert "documents4" in text
    assert "2 of 4 documents were seen; 1 could not be" in text
    assert "1 has not been looked at yet" in text


def test_an_empty_archive_says_what_to_run(tmp_path: Path) -> None:
    with store.writing(tmp_path / "new.db"):
        pass
    text = words(page(tmp_path / "new.db", "/"))
    assert "This archive is still empty" in text
    assert "smallprint run" in text


def test_an_archive_without_flagged_changes_says_so(tmp_path: Path) -> None:
    with store.writing(tmp_path / "quiet.db") as db:
        recording.record_document(db, POLICY)
    assert "Nothing flagged has changed yet. 1 document is being watched" in words(page(tmp_path / "quiet.db", "/"))
