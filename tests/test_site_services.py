"""Services compared: a table of them by topic, each cell a quote and a link; those that say nothing; filters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import recording, store
from archive.errors import SmallprintError
from archive.places import RULES
from archive.positions import Position
from archive.words import Document
from diffing import rules, run
from pages import services
from pages.serving import MissingError
from tests.builders import AT_ONCE, POLICY, paragraphs, version
from tests.site_pages import SCRIPT, page, visit, words

KNOWN = rules.load(RULES)
TRAINS = "We use what you write to train our models."
AGAIN = "We may use your drawings to train our artificial intelligence models."
BOTH = "Unless you opt out, we use your notes to train our models."
NO = "We do not train our models on your files."
AGREES = "By using our apps, you agree to this policy."
WITHDRAWS = "You can withdraw your consent at any time."


def of(name: str, language: str = "en") -> Document:
    return Document(name, "Privacy Policy", f"https://{name.lower()}.example/privacy", name, language=language)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Services of every kind: two that train, one that says no, one that says nothing, one that is not read."""
    path = tmp_path_factory.mktemp("services") / "demo.db"
    with store.writing(path) as db:
        version(db, paragraphs(NO, WITHDRAWS), 1, of("Aster"))
        version(db, paragraphs(BOTH, AGREES), 2, of("Moth"))
        version(db, paragraphs(TRAINS, AGAIN, NO), 3, of("Birch"))
        version(db, paragraphs("We keep logs for nine days."), 4, of("Calm & Co"))
        version(db, paragraphs("Nous gardons vos textes."), 5, of("Ardoise", "fr"))
        recording.record_document(db, of("Never"))
        for _ in run.diff(db, KNOWN, AT_ONCE):
            pass
    return path


def asked(path: Path, **query: str) -> dict[str, object]:
    with store.reading(path) as db:
        return services.page(db, query).values


# The table


def test_services_that_train_come_first_and_those_that_are_silent_last(compared: Path) -> None:
    shown = page(compared, "/-/services")
    assert shown.h1.text == "Where services stand on AI training"
    assert [words(name) for name in shown.select("tbody th a")] == ["Birch", "Moth", "Aster"]
    assert [words(name) for name in shown.select("#unstated ~ .names a")] == ["Calm & Co", "Never"]
    assert [words(name) for name in shown.select("#not-read ~ .names li")] == ["Ardoise French"]


def test_a_cell_has_a_quote_a_link_and_since_when(compared: Path) -> None:
    row = page(compared, "/-/services").select("tbody tr")[1]
    trains, opt_out, opt_in, no = row.select("td")
    assert (trains.q.text, opt_out.q.text) == (BOTH, BOTH)
    assert trains.a["href"].startswith("/-/passage/")
    assert words(trains.small) == "since 2 March 2026"
    assert (words(opt_in), words(no)) == ("", "")
    assert words(row.th) == "Moth as of 2 March 2026"
    assert row.th.a["href"] == "/-/service/moth"


def test_a_cell_with_more_leads_to_the_service(compared: Path) -> None:
    cell = page(compared, "/-/services").select_one("tbody tr td")
    more = cell.select("a")[1]
    assert (words(more), more["href"]) == ("and 1 more", "/-/service/birch")


def test_each_position_has_its_count_above(compared: Path) -> None:
    shown = page(compared, "/-/services")
    assert [words(one) for one in shown.select(".standings li")] == [
        "2 Says it trains AI on data",
        "1 Lets you opt out",
        "0 Asks you first",
        "2 Says it does not train",
        "2 Do not say",
    ]
    assert [one["href"] for one in shown.select(".standings a")][:2] == [
        "/-/services?position=trains#trains",
        "/-/services?position=opt-out#opt-out",
    ]


def test_every_link_to_a_place_of_the_page_has_its_place(compared: Path) -> None:
    for address in ("/-/services", "/-/services/consent"):
        shown = page(compared, address)
        ids = {element["id"] for element in shown.select("[id]")}
        targets = {link["href"].partition("#")[2] for link in shown.select(".standings a")}
        assert targets <= ids


def test_rows_are_marked_with_what_they_say(compared: Path) -> None:
    rows = page(compared, "/-/services").select("tbody tr")
    assert [row["class"] for row in rows] == [["trains", "says-no"], ["trains", "opt-out"], ["says-no"]]


def test_consent_is_told_by_name(compared: Path) -> None:
    shown = page(compared, "/-/services/consent")
    assert shown.h1.text == "Where services stand on consent"
    assert [words(name) for name in shown.select("tbody th a")] == ["Aster", "Moth"]
    assert [words(head) for head in shown.select("thead th")][1:] == [
        "Takes use as consent",
        "On by default",
        "Lets you opt out",
        "Asks you first",
        "Lets you withdraw consent",
    ]
    assert [q.text for q in shown.select("tbody q")] == [WITHDRAWS, AGREES, BOTH, BOTH]
    assert shown.select_one(".topics [aria-current]").text == "Consent"


def test_a_filter_leaves_those_that_say_it(compared: Path) -> None:
    shown = page(compared, "/-/services?position=says+no")
    assert [words(name) for name in shown.select("tbody th a")] == ["Birch", "Aster"]
    assert words(shown.select_one(".standings [aria-current]")) == "2 Says it does not train"
    assert shown.select_one(".all.filtered a")["href"] == "/-/services"
    assert not shown.select(".names")
    none = page(compared, "/-/services?position=opt-in")
    assert "No service says anything on this that way" in words(none)


def test_an_unknown_position_or_page_is_refused(compared: Path) -> None:
    with store.reading(compared) as db:
        with pytest.raises(SmallprintError, match="only trains, opt-out, opt-in, says no"):
            services.page(db, {"position": "deemed"})
        with pytest.raises(MissingError, match="no page 2"):
            services.page(db, {"page": "2"})
    answers = visit(compared, "/-/services?position=x", "/-/services/consent/2", "/-/services/other", "/-/services/2")
    assert [answer.status_code for answer in answers] == [400, 404, 404, 404]


def test_as_json_each_saying_is_there_whole(compared: Path) -> None:
    (answer,) = visit(compared, "/-/services.json")
    told = answer.json()
    assert told["topic"] == "ai-training"
    assert [(one["position"], one["count"]) for one in told["columns"]] == [
        ("trains", 2),
        ("opt-out", 1),
        ("opt-in", 0),
        ("says no", 2),
    ]
    cell = told["rows"][0]["cells"][0]
    assert {saying["quote"] for saying in cell["sayings"]} == {TRAINS, AGAIN}
    assert set(cell["sayings"][0]) == {
        "quote", "passage_id", "document_id", "document", "since", "language", "change_id",
    }  # fmt: skip


def test_many_services_are_told_on_several_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "many.db"
    with store.writing(path) as db:
        for number in range(5):
            version(db, paragraphs(TRAINS, f"Number {number}."), 1, of(f"Service {number}"))
        for _ in run.diff(db, KNOWN, AT_ONCE):
            pass
    monkeypatch.setattr(services, "ROWS", 2)
    first, last = page(path, "/-/services"), page(path, "/-/services/ai-training/3")
    assert [words(name) for name in first.select("tbody th a")] == ["Service 0", "Service 1"]
    assert [words(name) for name in last.select("tbody th a")] == ["Service 4"]
    links = [link["href"] for link in first.select("nav[aria-label=Pages] a")]
    assert links == ["/-/services/ai-training/2", "/-/services/ai-training/3"]
    assert [answer.status_code for answer in visit(path, *links)] == [200, 200]


def test_an_empty_archive_says_so(tmp_path: Path) -> None:
    with store.writing(tmp_path / "new.db"):
        pass
    assert "There are no services in this archive yet." in words(page(tmp_path / "new.db", "/-/services"))


# What a hostile page cannot do


def hostile(db: Database) -> str:
    sentence = f"We use your notes {SCRIPT} \"><img src=x onerror=alert('q')> to train our models."
    name = f"Evil {SCRIPT}"
    version(db, paragraphs(sentence), 1, replace(POLICY, service="evil", service_name=name, language='"><b>'))
    for _ in run.diff(db, KNOWN, AT_ONCE):
        pass
    return sentence


def test_hostile_words_are_shown_as_words(tmp_path: Path) -> None:
    with store.writing(tmp_path / "a.db") as db:
        sentence = hostile(db)
    shown = page(tmp_path / "a.db", "/-/services")
    assert shown.select_one("tbody q").text == sentence
    assert words(shown.select_one("tbody th a")) == f"Evil {SCRIPT}"
    assert not shown.find_all("script")
    assert not shown.find_all("img")
    assert not [tag for tag in shown.find_all(True) if any(name.startswith("on") for name in tag.attrs)]


def test_the_page_keeps_to_the_policy_and_to_the_order_of_headings(site_archive: Path, compared: Path) -> None:
    for path in (site_archive, compared):
        for address in ("/-/services", "/-/services/consent"):
            (answer,) = visit(path, address)
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
            shown = page(path, address)
            assert not shown.find_all(style=True)
            names = [heading.name for heading in shown.select("h1, h2, h3")]
            assert names[0] == "h1"
            assert set(names[1:]) <= {"h2"}


# Quotes that are cut


def test_a_short_quote_is_whole() -> None:
    assert services.excerpt("We train  models.", Position.TRAINS, 60) == "We train models."


def test_a_long_quote_keeps_the_telling_words() -> None:
    ahead = "We use what we hold, such as names, notes, drawings, lists, tables and tags, "
    shown = services.excerpt(f"{ahead}to train our models and for many other things.", Position.TRAINS, 60)
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "to train our models" in shown
    assert len(shown) <= 62
    assert services.excerpt(f"To train models: {ahead}", Position.TRAINS, 60).startswith("To train models: We use")


@pytest.mark.parametrize(
    "quote", ["x" * 5000, f"{'x' * 300} train {'y' * 300}", "a " * 4000, f"see {'u' * 90} opt out now"]
)
def test_no_quote_is_too_long(quote: str) -> None:
    for position in (Position.TRAINS, Position.OPT_OUT):
        shown = services.excerpt(quote, position, 60)
        assert 0 < len(shown.strip("…")) <= 60
    assert "opt out" in services.excerpt(f"see {'u' * 90} opt out now", Position.OPT_OUT, 60)
