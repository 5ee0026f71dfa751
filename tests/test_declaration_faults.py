"""Faulty declarations: each fault is one line that names the file, the key and what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archive.errors import DeclarationError
from crawler import catalogue

PAGE = {"fetch": "https://example.com/privacy"}


def write(folder: Path, name: str, content: object) -> Path:
    """A file of that content; an object is a whole service, text is taken as it is."""
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def fault(folder: Path, content: object, name: str = "Foo.json") -> str:
    """The one line said of a faulty file, without the path before its name."""
    with pytest.raises(DeclarationError) as caught:
        catalogue.load_file(write(folder, name, content))
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{folder}/")


def terms_fault(folder: Path, terms: object, key: str = "Privacy Policy") -> str:
    return fault(folder, {"name": "Foo", "terms": {key: terms}})


def test_an_unknown_key_is_told_with_the_known_ones(tmp_path: Path) -> None:
    path = write(tmp_path, "Foo.json", {"name": "Foo", "terms": {"Privacy Policy": PAGE | {"selct": "main"}}})
    with pytest.raises(DeclarationError) as caught:
        catalogue.load_file(path)
    assert str(caught.value) == (
        f'{path}: terms."Privacy Policy".selct: unknown key; known keys are '
        "fetch, combine, select, remove, filter, executeClientScripts, region, language, acceptLanguage, headers, "
        "proxy, variants"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"name": "Foo",\n  "terms" {}}', "not JSON: Expecting ':' delimiter at line 2, column 11"),
        ('{"name": "Foo", "name": "Bar"}', 'the key "name" stands twice in one object'),
        ("[" * 100_000, "not JSON that can be read: "),
        ("[]", "should be an object, is a list"),
        ({"terms": {}}, '"name" is missing'),
        ({"name": "Foo"}, '"terms" is missing'),
        ({"name": 3, "terms": {}}, "name: should be text, is a number"),
        ({"name": " ", "terms": {}}, "name: is empty"),
        ({"name": "F\noo", "terms": {}}, "name: has control characters or line breaks"),
        ({"name": "Foo", "terms": {}}, "terms: is empty; a service has at least one document"),
        ({"name": "Foo", "terms": []}, "terms: should be an object, is a list"),
        ({"name": "Foo", "terms": {}, "id": "x"}, "id: unknown key; known keys are name, owner, terms, "),
        ({"name": "Foo", "terms": {}, "importedFrom": None}, "importedFrom: should be text, is null"),
        ({"name": "Foo", "terms": {"Imprint": PAGE}, "owner": None}, "owner: should be text, is null"),
        ({"name": "Foo", "terms": {"Imprint": PAGE}, "owner": ""}, "owner: is empty"),
        ({"name": "Foo", "terms": {"Imprint": PAGE}, "owner": "a\tb"}, "owner: has control characters or line breaks"),
        ({"name": "Foo", "terms": {"Imprint": PAGE}, "owner": "x" * 101}, "owner: has 101 characters; 100 "),
        ({"name": "Foo", "terms": {"a\u001b[1m": PAGE}}, "terms.\"a\\u001b[1m\": not a terms type"),
    ],
)  # fmt: skip
def test_faults_of_a_file(tmp_path: Path, content: object, said: str) -> None:
    assert fault(tmp_path, content).startswith(f"Foo.json: {said}")


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("Privacy Polcy", 'unknown terms type; did you mean "Privacy Policy"?'),
        ("privacy policy", 'unknown terms type; did you mean "Privacy Policy"?'),
        ("Cookie Policy", 'unknown terms type; did you mean "Trackers Policy"?'),
        ("User Agreement (EU)", 'unknown terms type; did you mean "Terms of Service"?'),
        ("Zzz", "unknown terms type; ours are Help Page, AI Terms, Settings Page, Regional Privacy Notice, the others"),
        ("Help Page ()", "not a terms type; write a type, or a type and a qualifier"),
        ("Help Page (a/b)", "not a terms type"),
        ("Help Page (a\n)", "not a terms type"),
        ("", "not a terms type"),
    ],
)
def test_faults_of_a_type(tmp_path: Path, key: str, said: str) -> None:
    assert f": {said}" in terms_fault(tmp_path, PAGE, key)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ("https://example.com", ": should be an object, is text"),
        ({}, ': "fetch" is missing: the address of the page'),
        ({"select": "main"}, ': "fetch" is missing: the address of the page'),
        (PAGE | {"combine": [PAGE]}, ': has both "fetch" and "combine"; put the address into "combine"'),
        ({"combine": []}, ".combine: is empty"),
        ({"combine": PAGE}, ".combine: should be a list, is an object"),
        ({"combine": [PAGE, {}]}, '.combine[1]: "fetch" is missing: the address of the page'),
        ({"combine": [PAGE | {"id": "x"}]}, ".combine[0].id: unknown key; known keys are fetch, select,"),
        ({"combine": [PAGE], "select": "a["}, '.select: "a[" is no CSS selector: '),
        ({"combine": [PAGE, {"fetch": PAGE["fetch"] + "#part"}]}, ".combine[1].fetch: the same page as combine[0]; "),
        (PAGE | {"select": []}, ".select: is empty; leave it out to have the main content found"),
        (PAGE | {"select": ["main", 3]}, ".select[1]: should be a CSS selector or a range, is a number"),
        (PAGE | {"select": "main:contains('x')"}, ".select: \"main:contains('x')\" is no CSS selector: "),
        (PAGE | {"remove": {"startBefore": "a"}}, ".remove: a range needs one of endBefore and endAfter"),
        (PAGE | {"remove": {"endAfter": "a"}}, ".remove: a range needs one of startBefore and startAfter"),
        (PAGE | {"remove": {"startBefore": "a", "startAfter": "b", "endAfter": "c"}}, ".remove: a range has both "),
        (PAGE | {"remove": {"from": "a"}}, ".remove.from: unknown key; known keys are startBefore, startAfter,"),
        (PAGE | {"remove": {"startBefore": "a", "endAfter": "::"}}, '.remove.endAfter: "::" is no CSS selector: '),
        (PAGE | {"filter": ["cleanUp"]}, '.filter[0]: "cleanUp" is a JavaScript filter, which Smallprint '),
        (PAGE | {"filter": "cleanUp"}, ".filter: should be a list, is text"),
        (PAGE | {"filter": [{"removeQueryParams": []}]}, ".filter[0].removeQueryParams: is empty"),
        (PAGE | {"filter": [{"removeQueryParams": [1]}]}, ".filter[0].removeQueryParams[0]: should be text"),
        (PAGE | {"executeClientScripts": "yes"}, ".executeClientScripts: should be true or false, is text"),
        (PAGE | {"executeClientScripts": None}, ".executeClientScripts: should be true or false, is null"),
        (PAGE | {"region": ""}, ".region: is empty"),
        (PAGE | {"language": "English"}, '.language: "English" is no language code, such as "en" or "pt-BR"'),
    ],
)  # fmt: skip
def test_faults_of_a_document(tmp_path: Path, terms: object, said: str) -> None:
    assert terms_fault(tmp_path, terms).startswith(f'Foo.json: terms."Privacy Policy"{said}')


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://example.com/a", "should begin with https:// or http://"),
        ("example.com/a", "should begin with https:// or http://"),
        ("file:///etc/passwd", "should begin with https:// or http://"),
        ("https:///privacy", "has no host"),
        ("https://:80/", "has no host"),
        ("https://./", "has no host"),
        ("https://[::1", "not a web address: Invalid IPv6 URL"),
        ("https://example.com:http/", "not a web address: Port could not be cast"),
        ("https://example.com\\@evil.example/", "has a backslash or a space"),
        ("https://exa mple.com/", "has a backslash or a space"),
        ("https://example.com/\u0000", "has control characters or line breaks"),
        ("https://example.com/\n", "has control characters or line breaks"),
        ("https://me:secret@example.com/", "has a user name or password in it; only public pages are watched"),
        (None, "should be text, is null"),
    ],
)
def test_faults_of_an_address(tmp_path: Path, address: object, said: str) -> None:
    line = terms_fault(tmp_path, {"fetch": address})
    assert line.startswith('Foo.json: terms."Privacy Policy".fetch: ')
    assert said in line
    assert "secret" not in line


def test_documents_alike_but_for_case_are_a_fault(tmp_path: Path) -> None:
    service = {"name": "Foo", "terms": {"Help Page (A)": PAGE, "Help Page (a)": PAGE}}
    assert 'terms."Help Page (a)": differs from "Help Page (A)" in letter case only' in fault(tmp_path, service)


@pytest.mark.parametrize("name", ["F\x1boo.json", "a\\b.json", " Foo.json"])
def test_a_file_name_that_is_no_service_id_is_a_fault(tmp_path: Path, name: str) -> None:
    assert "the file's name is the service's id" in fault(tmp_path, {"name": "Foo", "terms": {"Imprint": PAGE}}, name)
