"""Variants: one entry of a declaration becomes a document for each region, asked for in its own way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import reports, watched
from archive.errors import DeclarationError, SettingsError
from archive.recording import document_id, record_document
from archive.settings import Proxy, Settings
from archive.words import Decision, Document
from crawler import catalogue, options, reading
from crawler.declaration import Declaration, Source
from tests.builders import DAY, decided, paragraphs, version
from tests.test_declaration_faults import PAGE, terms_fault

RICH = {
    "fetch": "https://foo.example/privacy",
    "select": "main",
    "acceptLanguage": "en",
    "headers": {"X-Shared": "yes"},
    "variants": {
        "eu": {
            "fetch": "https://foo.example/eu",
            "select": "article",
            "region": "EEA and Switzerland",
            "language": "de",
            "acceptLanguage": "de-CH, de;q=0.9",
            "headers": {"X-Place": "Zug"},
            "proxy": "frankfurt",
        },
        "us": {},
        "us-ca": {"combine": [{"fetch": "https://foo.example/1"}, {"fetch": "https://foo.example/2"}]},
        "Rest of World": {"language": "en-GB"},
    },
}


def load(folder: Path, entry: object, key: str = "Privacy Policy") -> list[Declaration]:
    """The documents of a service that declares this one entry."""
    path = folder / "Foo.json"
    path.write_text(json.dumps({"name": "Foo Inc", "terms": {key: entry}}), "utf-8")
    return catalogue.load_file(path)


def test_each_variant_is_a_document_of_its_own(tmp_path: Path) -> None:
    eu, us, california, rest = load(tmp_path, RICH)
    assert eu == Declaration(
        Document("Foo", "Privacy Policy", "https://foo.example/eu", "Foo Inc", "EEA and Switzerland", "de"),
        (Source("https://foo.example/eu", select=("article",)),),
        "eu",
        "de-CH, de;q=0.9",
        (("X-Place", "Zug"),),
        "frankfurt",
    )
    assert (us.document.region, us.document.url, us.variant) == ("US", "https://foo.example/privacy", "us")
    assert (us.sources[0].select, us.accept_language, us.headers) == (("main",), "en", (("X-Shared", "yes"),))
    assert (california.document.region, len(california.sources)) == ("US-CA", 2)
    assert [source.select for source in california.sources] == [("main",), ("main",)]
    assert (rest.document.region, rest.document.language) == ("Rest of World", "en-GB")
    assert {one.document.type for one in (eu, us, california, rest)} == {"Privacy Policy"}
    assert eu.document.label == "Foo Inc, Privacy Policy (EEA and Switzerland)"


def test_variants_may_each_have_an_address_and_share_none(tmp_path: Path) -> None:
    entry = {"variants": {"de": PAGE, "fr": {"fetch": "https://foo.example/fr"}}}
    assert [one.document.url for one in load(tmp_path, entry)] == [PAGE["fetch"], "https://foo.example/fr"]


def test_what_the_archive_keeps_of_a_variant(tmp_path: Path) -> None:
    kept = json.loads(load(tmp_path, RICH)[0].as_json())
    assert kept == {
        "fetch": "https://foo.example/eu",
        "select": ["article"],
        "variant": "eu",
        "acceptLanguage": "de-CH, de;q=0.9",
        "headers": {"X-Place": "Zug"},
        "proxy": "frankfurt",
    }


def test_a_document_without_variants_is_kept_and_read_as_ever(tmp_path: Path) -> None:
    (plain,) = load(tmp_path, PAGE | {"select": "main"})
    assert json.loads(plain.as_json()) == PAGE | {"select": ["main"]}
    (asked,) = load(tmp_path, PAGE | {"select": "main", "acceptLanguage": "fr", "headers": {"X-Y": "z"}, "proxy": "a"})
    assert reading.extractor(asked) == reading.extractor(plain)
    assert (asked.accept_language, asked.headers, asked.proxy) == ("fr", (("X-Y", "z"),), "a")


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"variants": []}, "variants: should be an object, is a list"),
        ({"variants": {}}, "variants: is empty"),
        ({"variants": {"eu": 1}}, "variants.eu: should be an object, is a number"),
        ({"variants": {"": {}}}, 'variants."": is empty'),
        ({"variants": {"e\nu": {}}}, 'variants."e\\nu": has control characters or line breaks'),
        ({"variants": {"eu": {"variants": {}}}}, "variants.eu.variants: unknown key; known keys are fetch, "),
        ({"variants": {"eu": {"combine": []}}}, "variants.eu.combine: is empty"),
        ({"variants": {"eu": {"language": "German"}}}, 'variants.eu.language: "German" is no language code'),
        ({"variants": {"eu": {}, "EU": {}}}, 'variants.EU: has the same region as "eu": "EU"'),
        ({"variants": {"eu": {}, "x": {"region": "Eu"}}}, 'variants.x: has the same region as "eu": "Eu"'),
        ({"variants": {"eu": {}}, "region": "EU"}, 'region: stands beside "variants"; put it into each of them'),
        ({"variants": {"eu": {}}, "select": 1}, "select: should be a CSS selector or a range, is a number"),
        ({"variants": {"eu": {}}, "selct": 1}, "selct: unknown key; known keys are fetch, "),
        ({"proxy": 1}, "proxy: should be text, is a number"),
        ({"acceptLanguage": 1}, "acceptLanguage: should be text, is a number"),
        ({"acceptLanguage": "de;q=2"}, 'acceptLanguage: "de;q=2" is no list of languages, such as "de" or '),
        ({"acceptLanguage": "de,\r\nX: y"}, "acceptLanguage: has control characters or line breaks"),
        ({"headers": []}, "headers: should be an object, is a list"),
        ({"headers": {"X-A": 1}}, "headers.X-A: should be text, is a number"),
        ({"headers": {"X-A": "1", "x-a": "2"}}, 'headers."x-a": stands here as "X-A" too'),
    ],
)
def test_a_faulty_variant_is_told(tmp_path: Path, entry: dict[str, object], said: str) -> None:
    told = terms_fault(tmp_path, PAGE | entry)
    place = f'Foo.json: terms."Privacy Policy".{said}'.replace("headers.X-A", 'headers."X-A"')
    assert told.startswith(place), told


def test_a_variant_without_an_address_anywhere(tmp_path: Path) -> None:
    assert '.variants.eu: "fetch" is missing' in terms_fault(tmp_path, {"variants": {"eu": {}}})


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Host", "set by the connection itself"),
        ("content-length", "about a body"),
        ("Transfer-Encoding", "set by the connection itself"),
        ("Cookie", "a secret, which a declaration is no place for"),
        ("AUTHORIZATION", "a secret"),
        ("Proxy-Authorization", "a secret"),
        ("X-Api-Key", "a secret"),
        ("X-Auth-Token", "a secret"),
        ("User-Agent", "set by Smallprint itself"),
        ("If-None-Match", "set by Smallprint itself"),
        ("Range", "set by Smallprint itself"),
        ("Accept-Language", 'set with "acceptLanguage"'),
        ("X-Forwarded-For", "a claim about who asks"),
        ("X-HTTP-Method-Override", "a way to do more than read a page"),
    ],
)
def test_a_header_that_is_dangerous_or_secret_is_refused_with_the_reason(tmp_path: Path, name: str, why: str) -> None:
    told = terms_fault(tmp_path, PAGE | {"headers": {name: "hunter2"}})
    assert f"may not be declared: it is {why}" in told
    assert "hunter2" not in told


@pytest.mark.parametrize("name", ["X Y", "X:Y", "", "X\r\nHost", "Größe", "x" * 65])
def test_a_name_that_no_header_has(tmp_path: Path, name: str) -> None:
    assert terms_fault(tmp_path, PAGE | {"headers": {name: "y"}}).endswith(": is no name of a header")


@pytest.mark.parametrize("value", ["ü", " y", "y" * 1001])
def test_a_value_that_no_header_should_have(tmp_path: Path, value: str) -> None:
    assert terms_fault(tmp_path, PAGE | {"headers": {"X-Y": value}}).endswith("without spaces around it")


@pytest.mark.parametrize("text", ["de", "*", "pt-BR, pt;q=0.8, en;q=0.5, *;q=0", "zh-Hant-TW,zh;q=1.000"])
def test_lists_of_languages(tmp_path: Path, text: str) -> None:
    (found,) = load(tmp_path, PAGE | {"acceptLanguage": text})
    assert found.accept_language == text


def test_variants_are_found_one_by_one_and_together(tmp_path: Path) -> None:
    known = {"Foo": load(tmp_path, RICH, "Help Page (opt-out)")}
    for name in ("Foo", "foo inc: help page", "Foo: Help Page (opt-out)"):
        assert len(catalogue.find(known, [name])) == 4
    for name in ("Foo: Help Page (opt-out) (US)", "foo: help page (us)"):
        assert [one.variant for one in catalogue.find(known, [name, name])] == ["us"]
    with pytest.raises(DeclarationError, match="is not in the catalogue; near it are Foo: Help Page"):
        catalogue.find(known, ["Foo: Help Page (opt-out) (UK)"])


def test_a_proxy_that_the_settings_do_not_know(tmp_path: Path) -> None:
    load(tmp_path, RICH)
    own = Settings(tmp_path / "smallprint.toml", tmp_path / "a.db", services=("Foo",), declarations=(tmp_path,))
    with pytest.raises(SettingsError) as caught:
        options.declarations(own)
    assert str(caught.value) == (
        f"{own.file}: proxies.frankfurt is missing: Foo Inc, Privacy Policy (EEA and Switzerland) is to be fetched by "
        "this proxy"
    )
    known = Settings(
        **{field: getattr(own, field) for field in own.__slots__} | {"proxies": (Proxy("frankfurt", "x"),)}
    )
    assert len(options.declarations(known)) == 4


def test_siblings_know_each_other(db: Database, tmp_path: Path) -> None:
    every = load(tmp_path, RICH)
    for one in every:
        record_document(db, one.document, one.as_json())
    record_document(db, Document("Foo", "Privacy Policy", "https://foo.example/old", origin="contrib"))
    record_document(db, Document("Foo", "Imprint", "https://foo.example/imprint"))
    us = document_id(db, every[1].document)
    assert us
    found = watched.siblings(db, us)
    assert [(row["region"], row["language"]) for row in found] == [
        ("EEA and Switzerland", "de"),
        ("Rest of World", "en-GB"),
        ("US-CA", ""),
    ]
    assert {row["name"] for row in found} >= {"Foo Inc, Privacy Policy (US-CA)"}


def test_the_history_of_one_variant_or_of_all(db: Database) -> None:
    for day, region in enumerate(("EU", "US"), 1):
        document = Document("Foo", "Privacy Policy", "https://foo.example/p", "Foo Inc", region)
        decided(db, version(db, paragraphs(f"Hello, {region}."), day, document), Decision.BASELINE)
    assert [row["region"] for row in reports.history(db, "foo inc", "privacy policy")] == ["EU", "US"]
    (row,) = reports.history(db, "Foo", "Privacy policy (us)")
    assert (row["region"], row["document"], row["seen_at"]) == ("US", "Privacy Policy", DAY.format(2))
    assert reports.history(db, "Foo", "Privacy Policy (UK)") == []
