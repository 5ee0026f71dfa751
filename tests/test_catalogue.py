"""The catalogue: the shipped declarations, what a declaration may hold, folders, finding, and the guide."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from archive.errors import DeclarationError
from crawler import catalogue
from crawler.declaration import Declaration, Range
from crawler.terms import TYPES, base_type

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "data" / "declarations"
ESSENTIAL = ("Privacy Policy", "Terms of Service")
# What a service shares with another stands once, with that other service: a change of it is then told once.
SHARED = {
    ("Google Gemini", "Terms of Service"): "Google",
    ("Instagram", "Privacy Policy"): "Facebook",
    ("Meta AI", "Privacy Policy"): "Facebook",
    ("Microsoft Copilot", "Privacy Policy"): "Microsoft",
    ("YouTube", "Privacy Policy"): "Google",
}
PAGE = {"fetch": "https://example.com/privacy"}


@pytest.fixture(scope="module")
def shipped() -> catalogue.Catalogue:
    return catalogue.load([SHIPPED])


def write(folder: Path, name: str, content: object) -> Path:
    """A file of that content; an object is a whole service, text is taken as it is."""
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def one(folder: Path, terms: object, key: str = "Privacy Policy") -> Declaration:
    """The document of a service that declares nothing else."""
    [found] = catalogue.load_file(write(folder, "Foo.json", {"name": "Foo", "terms": {key: terms}}))
    return found


# The shipped catalogue


def test_shipped_services_have_policy_and_agreement(shipped: catalogue.Catalogue) -> None:
    types = {service: {base_type(each.document.type) for each in listed} for service, listed in shipped.items()}
    missing = {(service, kind) for service, has in types.items() for kind in ESSENTIAL if kind not in has}
    assert missing == set(SHARED)
    assert len({service for service in types if all(kind in types[service] for kind in ESSENTIAL)}) >= 45
    assert all(kind in types[holder] for (_, kind), holder in SHARED.items())


def test_shipped_pages_are_secure_and_stand_once(shipped: catalogue.Catalogue) -> None:
    pages = [source.fetch for listed in shipped.values() for each in listed for source in each.sources]
    assert [page for page in pages if not page.startswith("https://")] == []
    assert [page for page, times in Counter(pages).items() if times > 1] == []


def test_shipped_linkedin_is_complete(shipped: catalogue.Catalogue) -> None:
    documents = {each.document.type: each.document for each in shipped["LinkedIn"]}
    assert documents["Privacy Policy"].url == "https://www.linkedin.com/legal/privacy-policy"
    assert documents["Terms of Service"].url == "https://www.linkedin.com/legal/user-agreement"
    assert documents["Trackers Policy"].url == "https://www.linkedin.com/legal/cookie-policy"
    assert documents["Regional Privacy Notice (Europe)"].region == "EEA, Switzerland and UK"
    assert "Help Page (data for generative AI)" in documents
    assert "Help Page (objection form)" in documents


def test_shipped_ai_pages_are_many(shipped: catalogue.Catalogue) -> None:
    special = {"Help Page", "AI Terms", "Settings Page"}
    having = [name for name, listed in shipped.items() if special & {base_type(each.document.type) for each in listed}]
    assert len(having) >= 25


def test_shipped_owners_have_several_services(shipped: catalogue.Catalogue) -> None:
    owners = dict[str, set[str]]()
    for service, listed in shipped.items():
        for each in listed:
            owners.setdefault(each.document.owner, set()).add(service)
    assert owners["Meta"] == {"Facebook", "Instagram", "Meta AI", "Threads", "WhatsApp"}
    assert [owner for owner, services in owners.items() if len(services) == 1] == []
    assert all(owners[""].isdisjoint(services) for owner, services in owners.items() if owner)


def test_types_are_open_terms_archives_and_ours() -> None:
    assert len(TYPES) == len(set(TYPES)) == 44 + 4


# What a declaration may hold


def test_a_document_carries_its_service(tmp_path: Path) -> None:
    found = one(tmp_path, PAGE | {"region": "EEA", "language": "de"}, "Help Page (objection form)")
    document = found.document
    assert (document.service, document.service_name, document.type) == ("Foo", "Foo", "Help Page (objection form)")
    assert (document.url, document.region, document.language) == (PAGE["fetch"], "EEA", "de")
    assert found.sources[0].select == found.sources[0].remove == ()
    assert found.sources[0].client_scripts is None


def test_every_document_and_variant_carries_the_owner_of_its_service(tmp_path: Path) -> None:
    terms = {"Imprint": PAGE, "Privacy Policy": PAGE | {"variants": {"eu": {}, "us": {}}}}
    content = {"name": "Foo", "owner": "x" * 100, "terms": terms}
    found = catalogue.load_file(write(tmp_path, "Foo.json", content))
    assert [each.document.owner for each in found] == ["x" * 100] * 3
    assert one(tmp_path, PAGE).document.owner == ""


def test_selectors_ranges_and_filters(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        PAGE
        | {
            "select": ["main", {"startBefore": "#a", "endBefore": "#b"}],
            "remove": {"startAfter": "h1", "endAfter": ".x > p"},
            "filter": [{"removeQueryParams": ["utm_source", "ref"]}, {"removeQueryParams": "id"}],
            "executeClientScripts": False,
        },
    )
    [source] = found.sources
    assert source.select == ("main", Range("#a", "#b", start_included=True, end_included=False))
    assert source.remove == (Range("h1", ".x > p", start_included=False, end_included=True),)
    assert source.remove_query_params == ("utm_source", "ref", "id")
    assert source.client_scripts is False


def test_combined_pages_share_defaults_and_may_differ(tmp_path: Path) -> None:
    combined = [{"fetch": "https://example.com/1"}, {"fetch": "https://example.com/2.pdf", "select": "p", "remove": []}]
    found = one(tmp_path, {"combine": combined, "select": "main", "remove": "nav", "executeClientScripts": True})
    first, second = found.sources
    assert found.document.url == "https://example.com/1"
    assert (first.select, first.remove, first.client_scripts) == (("main",), ("nav",), True)
    assert (second.select, second.remove, second.client_scripts) == (("p",), (), True)


def test_service_ids_are_composed_and_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    service = {"name": "Café", "terms": {"Privacy Policy": PAGE}, "importedFrom": "elsewhere"}
    write(tmp_path, unicodedata.normalize("NFD", "Café.json"), "\ufeff" + json.dumps(service))
    assert list(catalogue.load([tmp_path])) == ["Café"]


# Folders


def test_folders_that_hold_nothing_are_told(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"no declarations here; a declaration is a file such as LinkedIn\.json"):
        catalogue.load([tmp_path])
    with pytest.raises(DeclarationError, match="none: no such folder of declarations"):
        catalogue.load([tmp_path / "none"])
    with pytest.raises(DeclarationError, match=r"Foo\.json: cannot be read as a folder: Not a directory"):
        catalogue.load([write(tmp_path, "Foo.json", "{}")])


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "Foo.json").write_bytes(b'{"name": "caf\xe9"}')
    with pytest.raises(DeclarationError, match=r"Foo\.json: not UTF-8 at byte 13; save the file as UTF-8"):
        catalogue.load([tmp_path])
    (tmp_path / "Bar.json").mkdir()
    with pytest.raises(DeclarationError, match=r"Bar\.json: cannot be read: Is a directory"):
        catalogue.load([tmp_path])


def test_hidden_files_and_histories_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "Foo.json", {"name": "Foo", "terms": {"Imprint": PAGE}})
    for name in ("._Foo.json", "Foo.history.json", "Foo.filters.js", "README.md"):
        write(tmp_path, name, "no declaration")
    assert list(catalogue.load([tmp_path])) == ["Foo"]


def test_a_later_folder_replaces_a_service(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, name in ((first, "shipped"), (second, "own")):
        folder.mkdir()
        write(folder, "Foo.json", {"name": name, "terms": {"Imprint": PAGE}})
    write(first, "bar.json", {"name": "Bar", "terms": {"Imprint": PAGE}})
    loaded = catalogue.load([first, second])
    assert {service: listed[0].document.service_name for service, listed in loaded.items()} == {
        "bar": "Bar",
        "Foo": "own",
    }


@pytest.mark.parametrize("folders", [("one", "one"), ("one", "two")])
def test_services_alike_but_for_case_are_a_fault(tmp_path: Path, folders: tuple[str, str]) -> None:
    for folder, name in zip(folders, ("Foo.json", "foo.json"), strict=True):
        (tmp_path / folder).mkdir(exist_ok=True)
        write(tmp_path / folder, name, {"name": "Foo", "terms": {"Imprint": PAGE}})
    with pytest.raises(DeclarationError, match=r"foo\.json: declares the same service as .*Foo\.json"):
        catalogue.load([tmp_path / folder for folder in dict.fromkeys(folders)])


# Finding


def test_find_takes_ids_names_and_documents(shipped: catalogue.Catalogue) -> None:
    def labels(*names: str) -> list[str]:
        return [each.document.label for each in catalogue.find(shipped, names)]

    assert labels("claude.AI") == labels("  claude ") == [each.document.label for each in shipped["Claude.ai"]]
    assert labels("linkedin: privacy policy") == ["LinkedIn, Privacy Policy"]
    assert len(labels("LinkedIn: Help Page")) == 4
    assert labels("linkedin", "LinkedIn: Privacy Policy") == labels("LinkedIn")
    assert labels() == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Linkdin", '"Linkdin" is not in the catalogue; near it are LinkedIn'),
        ("LinkedIn: Privacy Polcy", "; near it are LinkedIn: Privacy Policy"),
        ("qqqqqq", '"qqqqqq" is not in the catalogue'),
        ("\x1b[2J", r'"\u001b[2J" is not in the catalogue'),
    ],
)
def test_find_tells_near_matches(shipped: catalogue.Catalogue, name: str, said: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        catalogue.find(shipped, [name])
    assert said in str(caught.value)


# The guide


def test_the_guides_examples_load(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```json\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
    assert len(examples) >= 3
    for number, example in enumerate(examples):
        assert catalogue.load_file(write(tmp_path, f"Example {number}.json", example))


def test_the_guide_lists_our_types_and_what_is_shared() -> None:
    guide = (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8")
    assert [kind for kind in TYPES if kind not in guide] == []
    assert [
        line
        for (service, kind), holder in SHARED.items()
        if (line := f"| {service} | {kind} | {holder} |") not in guide
    ] == []
