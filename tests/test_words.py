"""The words of the domain: keys, labels, heading paths."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.words import Document, Kind, Outcome, Passage, Snapshot, heading_paths, passage_key
from tests.builders import page

HEADINGS = st.builds(Passage, st.just(Kind.HEADING), st.sampled_from("ABCD"), st.integers(1, 6))
PASSAGES = st.lists(HEADINGS | st.builds(Passage, st.just(Kind.PARAGRAPH), st.text()), max_size=20)


def test_the_same_words_are_the_same_passage_everywhere() -> None:
    assert Passage(Kind.HEADING, "Zoë", 2).key == Passage(Kind.ROW, "Zoë").key == passage_key("Zoë")
    assert passage_key("Zoë") == hashlib.sha256("Zoë".encode()).digest()[:16]


def test_a_snapshot_is_addressed_by_its_bytes() -> None:
    assert Snapshot(b"", "text/html").sha256 == Snapshot(b"", "text/plain", "https://a.example/").sha256
    assert Snapshot(b"a", "text/html").sha256 == hashlib.sha256(b"a").hexdigest()


def test_documents_are_named_as_people_do() -> None:
    assert Document("Quillo", "Privacy Policy", "").label == "Quillo, Privacy Policy"
    assert (
        Document("Brill", "Terms of Service", "", "Brill & Sons", "EU").label == "Brill & Sons, Terms of Service (EU)"
    )


@pytest.mark.parametrize("outcome", Outcome)
def test_unchanged_is_believed_only_where_the_document_was_read(outcome: Outcome) -> None:
    assert outcome.seen is (outcome in ("recorded", "unchanged", "not modified"))


def test_heading_paths() -> None:
    text = "Hi\n# Terms\nHello.\n### Data\nWe keep it.\n## Use\n### AI\nWe train.\n## Contact\nWrite.\n# Annex\n- Item"
    assert heading_paths(page(text)) == [
        "",
        "",
        "Terms",
        "Terms",
        "Terms › Data",
        "Terms",
        "Terms › Use",
        "Terms › Use › AI",
        "Terms",
        "Terms › Contact",
        "",
        "Annex",
    ]


@given(PASSAGES)
def test_a_path_holds_only_headings_above_that_enclose(passages: list[Passage]) -> None:
    paths = heading_paths(passages)
    assert len(paths) == len(passages)
    for place, path in enumerate(paths):
        above = [p.text for p in passages[:place] if p.kind is Kind.HEADING]
        assert set(path.split(" › ")) <= {*above, ""}
        nearest = next((p for p in reversed(passages[:place]) if p.kind is Kind.HEADING), None)
        if nearest and passages[place].kind is not Kind.HEADING:
            assert path.endswith(nearest.text)
