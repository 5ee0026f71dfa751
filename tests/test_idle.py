"""What serves only the reading or the visit is left out; what the document says is not."""

from __future__ import annotations

import pytest

from archive.words import Kind, Link, Passage
from crawler.declaration import Source
from crawler.extraction import extract
from crawler.idle import LONGEST, is_idle, without_idle

URL = "https://harbour.example/legal/privacy"
RIGHTS = "You may object to the use of what you write for training our models, at any time and without a reason."


def paragraph(text: str, *links: str) -> Passage:
    """A paragraph whose words hang on links."""
    return Passage(
        Kind.PARAGRAPH, text, links=tuple(Link(link, f"{URL}/{number}") for number, link in enumerate(links))
    )


def texts(found: list[Passage]) -> list[str]:
    return [passage.text for passage in without_idle(found)]


@pytest.mark.parametrize(
    "text",
    [
        "Updated 3 weeks ago",
        "Last updated: 2 years ago",
        "Updated over a week ago",
        "Updated by Ann Moor yesterday",
        "Written by Ann Moor Updated over 2 months ago",
        "Last modified just now",
        "Aktualisiert vor 3 Wochen",
        "Zuletzt aktualisiert: vor 2 Tagen",
        "Mis à jour il y a 5 jours",
        "Actualizado hace 2 semanas",
        "Aggiornato 4 giorni fa",
        "Last viewed: 22 November 2026, 10:31",
        "5 min read",
        "Reading time: 12 minutes",
        "Lesezeit: 4 Minuten",
        "1,204 views",
        "12.5k views",
        "No comments",
        "Viewed 8,113 times",
        "1-10 of 18 results",
        "Showing 11 to 20 of 57 entries",
        "17 people found this helpful",
        "2699 out of 4018 found this helpful",
        "Was this article helpful?",
        "Ray ID: 8c1f0e9b7d6a5432",
        "Your request ID is: 7f3a-99b1-02",
        "Your IP address: 203.0.113.9",
        "3f1c9a52-7d0e-4b8a-9c35-0a6f2be1d774",
        "© 2026 Harbour Ltd.",
        "Copyright © 2019–2026 Harbour Ltd. All rights reserved.",
        "Harbour Ltd © 2026",
        "English",
        "English | Deutsch | Français",
        "Language: English (United Kingdom)",
        "Skip to main content",
        "Back to top",
        "Table of contents",
        "Log in",
        "Play video",
    ],
)
def test_what_is_nothing_but_the_visit_goes(text: str) -> None:
    assert texts([paragraph(RIGHTS), paragraph(text)]) == [RIGHTS]


@pytest.mark.parametrize(
    "text",
    [
        "Effective August 7, 2026",
        "Last updated: 3 May 2026",
        "Updated on 3 May 2026",
        "Policy updated in July 2026",
        "Version 5 of 3 May 2026",
        "2026",
        "We updated this policy 3 weeks ago to say how we train our models.",
        "You have 30 days.",
        "Within a week",
        "Reading this takes 5 minutes of your time and tells your rights.",
        "Comments",
        "Results",
        "2 years",
        "18 results are kept for a year.",
        "Views of our partners",
        "We count how many people found this helpful.",
        "Support: 1-800-555-0100",
        "Reference: 2016/679",
        "Case no. C-311/18",
        "3F1C 9A52 7D0E 4B8A 9C35 0A6F 2BE1 D774 55AA 01FE",
        "© 2026 Harbour Ltd. You may not copy, sell or train models on what we publish.",
        "Copyright",
        "Copyright complaints go to our agent.",
        "Languages",
        "English law applies.",
        "German",
        "Opt out",
        "Your privacy choices",
        "Home address",
        "Printed products",
        "Searches",
        "Contents of your messages",
        "Share your data",
    ],
)
def test_what_the_document_says_stays(text: str) -> None:
    assert texts([paragraph(RIGHTS), paragraph(text)]) == [RIGHTS, text]


def test_a_heading_may_be_called_like_a_control() -> None:
    heading = Passage(Kind.HEADING, "Search", 2)
    assert is_idle(paragraph("Search"))
    assert without_idle([heading, paragraph(RIGHTS)]) == [heading, paragraph(RIGHTS)]


def test_a_row_that_names_a_language_stays() -> None:
    assert not is_idle(Passage(Kind.ROW, "English | Deutsch"))


def test_a_long_passage_is_never_idle() -> None:
    assert is_idle(paragraph("© 2026 Harbour Ltd"))
    assert not is_idle(paragraph("1" * LONGEST + " views"))


def test_lists_of_other_pages_go_up_to_what_is_no_link() -> None:
    found = [
        paragraph(RIGHTS),
        Passage(Kind.HEADING, "Related articles", 3),
        paragraph("How we rank", "How we rank"),
        paragraph("What is a harbour? What is a bay?", "What is a harbour?", "What is a bay?"),
        paragraph("To opt out of training, use this form.", "this form"),
        paragraph("Opt-out form", "Opt-out form"),
    ]
    assert without_idle(found) == [found[0], *found[4:]]


def test_a_title_of_other_pages_above_text_stays() -> None:
    found = [Passage(Kind.HEADING, "Related content", 2), paragraph(RIGHTS)]
    assert without_idle(found) == found


def test_links_that_turn_round_among_the_related_ones_make_no_new_text() -> None:
    def page(*names: str) -> bytes:
        links = "".join(f"<li><a href=/{name}>About {name}</a></li>" for name in names)
        return f"<main><p>{RIGHTS}</p><h3>You might also like</h3><ul>{links}</ul></main>".encode()

    one, other = (extract(page(*names), "text/html", Source(URL), URL) for names in (["a", "b"], ["c", "a", "d"]))
    assert [passage.text for passage in one] == [RIGHTS]
    assert one == other


@pytest.mark.parametrize(
    "said",
    [
        "Some features are not available",
        "Something went wrong with my opt-out",
        "This page is available in English and German",
        "If a page is not found, we say so.",
        "Errors",
    ],
)
def test_a_document_that_tells_of_failures_stays(said: str) -> None:
    assert texts([paragraph(said), paragraph(RIGHTS)]) == [said, RIGHTS]
