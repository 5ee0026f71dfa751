"""The site in a real browser, over an archive of the demo with hostile documents in it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator

from archive import store
from tests.site_browser import (
    COLOURS,
    FOCUSED,
    HEADINGS,
    PHONE,
    REACHABLE,
    SIDEWAYS,
    TEXT,
    WIDE,
    Reader,
    Served,
)
from tests.site_hostile import MARKUP, RUN
from tests.site_kinds import LOST, kinds, tables
from tests.site_walk import Walk, shape_of, walk

KINDS = ("front", "services", "service", "change", "document", "version", "between", "passage")
KINDS += ("beside", "search", "health")
MOST_BYTES = 150_000
MOST_TABS = 150

pytestmark = pytest.mark.timeout(300)  # the first test waits for the demo and for a walk over the whole site


@pytest.fixture(scope="module")
def addresses(shown_archive: Path) -> dict[str, str]:
    """Of each kind of page, the heaviest that is the demo's; the hostile ones are the last in the archive."""
    with store.reading(shown_archive) as db:
        found = kinds(db)
        demo = db.execute("SELECT documents.id FROM documents WHERE type = 'Privacy Policy' ORDER BY id").fetchone()[0]
        change = db.execute("SELECT max(id) FROM changes WHERE document_id = ?", [demo]).fetchone()[0]
        passage = db.execute(
            "SELECT after_passage_id FROM edits JOIN flags ON edit_id = edits.id WHERE side = 'after'"
        ).fetchone()[0]
    chosen = {kind: one[0] for kind, one in found.items()}
    chosen |= {"service": "/-/service/gantry", "document": f"/-/document/{demo}"}
    chosen |= {"change": f"/-/change/{change}", "beside": f"/-/change/{change}/side-by-side"}
    return chosen | {"passage": f"/-/passage/{passage}"}


@pytest.fixture(scope="module")
def hostile(shown_archive: Path) -> list[str]:
    """Of each kind of page those that say most of the documents that attack."""
    with store.reading(shown_archive) as db:
        found = kinds(db)
        services = [one for one in found["service"] if one not in ("/-/service/gantry", "/-/service/nimbus")]
    return [*services, *(one for kind in KINDS for one in found[kind][:2])]


@pytest.fixture(scope="module")
def wide(window: Browser, shown: Served) -> Iterator[Reader]:
    with Reader(window, shown.base, viewport=WIDE) as reader:
        yield reader


@pytest.fixture(scope="module")
def phone(window: Browser, shown: Served) -> Iterator[Reader]:
    with Reader(window, shown.base, viewport=PHONE, bypass_csp=True) as reader:
        yield reader


@pytest.fixture(scope="module")
def plain(window: Browser, shown: Served) -> Iterator[Reader]:
    """A reader whose browser runs no scripts."""
    with Reader(window, shown.base, viewport=WIDE, java_script_enabled=False) as reader:
        yield reader


@pytest.fixture(scope="module")
def walked(wide: Reader, shown: Served, shown_archive: Path) -> Walk:
    """Everywhere that the links of the front page lead to, and the tables of Datasette."""
    with store.reading(shown_archive) as db:
        starts = ["/", *tables(db, shown_archive.stem).values()]
    with httpx.Client(base_url=shown.base, timeout=30, follow_redirects=True) as client:
        return walk(wide, client, starts)


# Links


def test_every_link_leads_somewhere(walked: Walk) -> None:
    assert {address: status for address, status in walked.statuses.items() if status != 200} == {}


def test_every_place_in_a_page_that_a_link_names_is_there(walked: Walk) -> None:
    assert walked.broken() == []


def test_no_page_errs_asks_others_or_runs_what_it_shows(walked: Walk) -> None:
    assert walked.wrong == []


def test_every_kind_of_page_is_reached_from_the_front_page(walked: Walk, addresses: dict[str, str]) -> None:
    assert tuple(addresses) == (*KINDS, "feeds")
    missing = {kind for kind, address in addresses.items() if shape_of(address) not in walked.shapes}
    assert missing - {"search"} == set()
    assert any(shape.startswith("/-/search") for shape in walked.shapes)
    assert "/-/snapshot/*" in walked.shapes
    assert {"/-/change/*.json", "/-/front.json", "/-/feed/all.atom"} <= set(walked.shapes)


# Hostile texts


def test_a_hostile_text_is_never_more_than_words(hostile: list[str], window: Browser, shown: Served) -> None:
    """Also without the policy, which is the second wall."""
    with Reader(window, shown.base, viewport=WIDE, bypass_csp=True) as reader:
        found = {address: (reader.open(address), reader.owned()) for address in hostile}
        assert {address: one for address, one in found.items() if one != (200, [])} == {}
        assert reader.wrong == []


@pytest.mark.parametrize("text", MARKUP[:11], ids=range(11))
def test_eyes_see_what_a_hostile_text_does_where_it_is_no_text(text: str, window: Browser, shown: Served) -> None:
    """Else the tests above would say nothing."""
    with Reader(window, shown.base, bypass_csp=True) as reader:
        reader.open(LOST)
        reader.page.set_content(f"<title>Page</title><main><a href=\"{text}\"></a><a title='{text}'></a>{text}</main>")
        assert reader.owned() or reader.wrong


def test_eyes_see_scripts_that_the_policy_keeps_from_running(wide: Reader) -> None:
    wide.open("/")
    before = len(wide.wrong)
    wide.page.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", f"<img src=x onerror={RUN}>")
    wide.page.wait_for_function("() => document.images[document.images.length - 1].complete")
    told, wide.wrong[before:] = wide.wrong[before:], []
    assert any("kept by the policy" in what for what in told)
    assert wide.owned()


# For everyone


@pytest.mark.parametrize("looks", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("kind", [*KINDS, "feeds"])
def test_nothing_hinders_people(kind: str, looks: dict[str, int], phone: Reader, addresses: dict[str, str]) -> None:
    """axe-core finds nothing serious or critical, in the light and in the dark."""
    phone.page.set_viewport_size(looks)  # type: ignore[arg-type]
    assert phone.open(addresses[kind]) == 200
    assert _faults(phone) == {"light": [], "dark": []}


def test_nothing_hinders_people_who_are_lost(window: Browser, shown: Served) -> None:
    with Reader(window, shown.base, viewport=PHONE, bypass_csp=True) as reader:
        assert reader.open(LOST) == 404
        assert _faults(reader) == {"light": [], "dark": []}
        assert reader.page.locator("main a[href='/']").is_visible()


def _faults(reader: Reader) -> dict[str, list[str]]:
    found = {}
    for scheme in ("light", "dark"):
        reader.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found[scheme] = reader.faults()
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_headings_are_in_order(kind: str, wide: Reader, addresses: dict[str, str]) -> None:
    assert wide.open(addresses[kind]) == 200
    levels = wide.page.evaluate(HEADINGS)
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels


def test_no_page_scrolls_sideways_on_a_phone(phone: Reader, addresses: dict[str, str], hostile: list[str]) -> None:
    phone.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    over = {}
    for address in [*addresses.values(), *hostile]:
        assert phone.open(address) == 200, address
        over[address] = phone.page.evaluate(SIDEWAYS)
    assert {address: pixels for address, pixels in over.items() if pixels > 0} == {}


@pytest.mark.parametrize("kind", KINDS)
def test_a_first_view_is_light(kind: str, window: Browser, shown: Served, addresses: dict[str, str]) -> None:
    with Reader(window, shown.base, viewport=PHONE) as reader:
        assert reader.open(addresses[kind]) == 200
        assert reader.weight() < MOST_BYTES
        assert len(reader.loaded) > 1  # its style is counted too


# Without scripts


@pytest.mark.parametrize("kind", KINDS)
def test_without_scripts_a_page_says_the_same(
    kind: str, wide: Reader, plain: Reader, addresses: dict[str, str]
) -> None:
    said = []
    for reader in (wide, plain):
        assert reader.open(addresses[kind]) == 200
        said.append(reader.page.evaluate(TEXT))
    assert said[0] == said[1]
    assert len(said[0]) > 40


@pytest.mark.parametrize("kind", KINDS)
def test_without_scripts_forms_find_an_answer(kind: str, plain: Reader, addresses: dict[str, str]) -> None:
    """Each form with something in each of its fields; with nothing in any; front page and search have one."""
    assert plain.open(addresses[kind]) == 200
    forms = plain.page.locator("form").count()
    assert forms or kind not in ("front", "search")
    for number in range(forms):
        for text in ("train", ""):
            plain.open(addresses[kind])
            form = plain.page.locator("form").nth(number)
            _fill(form, text)
            with plain.page.expect_navigation() as left:
                form.locator("[type=submit], button:not([type])").first.click()
            assert left.value.status == 200, plain.page.url


def _fill(form: Locator, text: str) -> None:
    """What a form must have it gets, even where nothing is said."""
    for folded in form.locator("details:not([open]) > summary").all():
        folded.click()
    for field in form.locator("input[type=search], input[type=text], input:not([type])").all():
        field.fill(text or _must(field, "train"))
    for field in form.locator("input[type=date]").all():
        day = field.get_attribute("max") or "2025-06-30"
        field.fill(day if text else _must(field, day))
    for choice in form.locator("select").all():
        choice.select_option(index=choice.locator("option").count() - 1 if text else 0)


def _must(field: Locator, value: str) -> str:
    return "" if field.get_attribute("required") is None else value


# With the keyboard, and on paper


@pytest.mark.parametrize("kind", KINDS)
def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    kind: str, wide: Reader, addresses: dict[str, str]
) -> None:
    assert wide.open(addresses[kind]) == 200
    reached = list[dict[str, str]]()
    for _ in range(MOST_TABS):
        wide.page.keyboard.press("Tab")
        reached.append(wide.page.evaluate(FOCUSED))
        if not reached[-1]["place"]:
            break
    places = [one for one in reached if one["place"]]
    assert places[0]["skip"]
    seen = {one["place"] for one in places if one["seen"]}  # a date has several stops, and shows some of them inside
    assert [one["place"] for one in places if one["place"] not in seen] == []
    assert len(places) >= min(MOST_TABS, wide.page.evaluate(REACHABLE))


def test_the_first_tab_leads_past_the_masthead(wide: Reader) -> None:
    wide.open("/")
    wide.page.keyboard.press("Tab")
    wide.page.keyboard.press("Enter")
    assert wide.page.evaluate("() => document.activeElement.id") == "content"


@pytest.mark.parametrize("kind", KINDS)
def test_on_paper_a_page_is_its_text(kind: str, wide: Reader, addresses: dict[str, str]) -> None:
    assert wide.open(addresses[kind]) == 200
    wide.page.emulate_media(media="print")
    try:
        assert not wide.page.locator("header, footer").first.is_visible()
        assert wide.page.locator("main h1").is_visible()
        ink, paper = wide.page.evaluate(COLOURS)
        assert max(ink) < 64, ink
        assert paper == [255, 255, 255]
    finally:
        wide.page.emulate_media(media="screen")


# At the end


def test_nothing_went_wrong_meanwhile(wide: Reader, phone: Reader, plain: Reader, shown: Served) -> None:
    assert wide.wrong == phone.wrong == plain.wrong == []
    assert shown.complaints() == []
