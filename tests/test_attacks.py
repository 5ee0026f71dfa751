"""Hostile page text stays text on the console and in all that Apprise serves: what arrives is read as it is shown."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

from archive import store
from archive.words import Document
from notify import as_text
from notify.as_markdown import BREAK, DISCORD, MATTERMOST, Markup, message
from notify.chat import CHATS
from notify.clean import clean, line
from smallprint.terminal import safe
from tests.attacks import ATTACKS
from tests.builders import pushed
from tests.channels import Receiver
from tests.chats import discord, posted, slack
from tests.commands import smallprint
from tests.letters import hostile

OURS = {"https://quillo.example/privacy", "https://watch.example/-/change/7"}
ALIKE = str.maketrans("∗∼ˋˍ", "*~`_")
MARKED = re.compile(r"(?<![^\W_])([*_~`])(?=\S)(?:(?!\1).)+(?<=\S)\1(?![^\W_])")
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's, of its plugins


def seen(text: str) -> str:
    """What a reader sees of it: without what has no width, and the lines joined."""
    return " ".join(text.replace(BREAK, "").translate(ALIKE).split())


def rendered(markdown: str) -> BeautifulSoup:
    """Markdown as CommonMark reads it, and as chats do, struck out with ~~."""
    return BeautifulSoup(MarkdownIt("commonmark").enable("strikethrough").render(markdown), "html.parser")


def addresses_of(page: BeautifulSoup) -> set[str]:
    """Those of all links; each link shows where it leads."""
    links = {str(link["href"]): link.get_text() for link in page.find_all("a")}
    for url, words in links.items():
        assert url.replace("%40", "@") == words.replace("%40", "@")
    return set(links)


def written_in(attack: str) -> set[str]:
    """The addresses of the web that a text names, and nothing hides."""
    return set(re.findall(r"https://[\w./#@:-]*[\w/]", attack.replace("\\", "")))


@pytest.mark.parametrize("name", ATTACKS)
def test_json(receiver: Receiver, name: str) -> None:
    told = hostile(ATTACKS[name])
    found = json.loads(posted(receiver, told, f"json://{receiver.host}/"))
    assert (found["title"], found["message"]) == (line(told.title), clean(as_text.body(told)))


@pytest.mark.parametrize("name", ATTACKS)
def test_json_as_html(receiver: Receiver, name: str) -> None:
    told = hostile(ATTACKS[name])
    page = BeautifulSoup(json.loads(posted(receiver, told, f"json://{receiver.host}/?format=html"))["message"], "lxml")
    assert {element.name for element in page.find_all(True)} <= {"html", "body", "p", "br"}
    assert seen(page.get_text(" ")) == seen(clean(as_text.body(told)))


@pytest.mark.parametrize("name", ATTACKS)
def test_json_as_markdown(receiver: Receiver, name: str) -> None:
    told = hostile(ATTACKS[name])
    page = rendered(json.loads(posted(receiver, told, f"json://{receiver.host}/?format=markdown"))["message"])
    assert {element.name for element in page.find_all(True)} <= {"p"}
    assert seen(page.get_text()) == seen(clean(as_text.body(told)))


@pytest.mark.parametrize("name", ATTACKS)
def test_form(receiver: Receiver, name: str) -> None:
    told = hostile(ATTACKS[name])
    found = parse_qs(posted(receiver, told, f"form://{receiver.host}/").decode("ascii"))
    assert (found["title"], found["message"]) == ([line(told.title)], [clean(as_text.body(told))])


@pytest.mark.parametrize("name", ATTACKS)
def test_xml(receiver: Receiver, name: str) -> None:
    told = hostile(ATTACKS[name])
    root = ElementTree.fromstring(posted(receiver, told, f"xml://{receiver.host}/").decode())
    found = {element.tag.rpartition("}")[2]: element.text or "" for element in root.iter()}
    assert (found["Subject"], found["Message"]) == (line(told.title), clean(as_text.body(told)))
    assert not any(name in found for name in ("script", "b", "a", "img"))


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("form", ["", "?thread=4711"])
def test_discord(receiver: Receiver, monkeypatch: pytest.MonkeyPatch, name: str, form: str) -> None:
    found = json.loads(posted(receiver, hostile(ATTACKS[name]), f"{discord(receiver, monkeypatch)}/{form}"))
    assert not {"embeds", "allow_mentions"} & set(found)
    text = found["content"]
    assert len(text) <= 1900
    assert not re.search(r"@(everyone|here|[!&]?\d)|<[@#:t/!]", text)
    of_page(rendered(text), ATTACKS[name])


@pytest.mark.parametrize("name", ATTACKS)
def test_mattermost(receiver: Receiver, name: str) -> None:
    found = json.loads(posted(receiver, hostile(ATTACKS[name]), f"mmost://{receiver.host}/k5h1z3token"))
    assert len(found["text"]) <= 4000
    assert not re.search(r"(?<!\w)@\w|(?<![\w/~])[#~]\w", found["text"])
    of_page(rendered(found["text"]), ATTACKS[name])


def of_page(page: BeautifulSoup, attack: str) -> None:
    """Our own formatting alone is there, links show where they lead, and the words of the page are its words."""
    assert {element.name for element in page.find_all(True)} <= {"p", "strong", "s", "blockquote", "a"}
    assert addresses_of(page) <= OURS | {url.replace("@", "%40") for url in written_in(attack)}
    if len(attack) < 1000:
        assert (len(page.find_all("blockquote")), len(page.find_all("s"))) == (2, 1)
        assert seen(page.find_all("blockquote")[1].get_text()).replace("%40", "@") == seen(line(attack))


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("form", ["", "?blocks=yes"])
def test_slack(receiver: Receiver, monkeypatch: pytest.MonkeyPatch, name: str, form: str) -> None:
    found = json.loads(posted(receiver, hostile(ATTACKS[name]), f"{slack(receiver, monkeypatch)}/{form}"))[
        "attachments"
    ][0]
    title, text = (
        (found["title"], found["text"]) if "text" in found else (part["text"]["text"] for part in found["blocks"][:2])
    )
    assert len(html.unescape(title)) <= 140
    assert not re.search("[<>]", title)
    assert len(text) <= 3000
    links = re.findall("<([^>]*)>", text)
    assert {html.unescape(link) for link in links} <= OURS | written_in(ATTACKS[name])
    assert not re.search("[<>]", re.sub(r"<[^>]*>|^> ", "", text, flags=re.MULTILINE))
    quote = [words for words in text.splitlines() if words.startswith("> ")]
    if len(ATTACKS[name]) < 700:
        assert not MARKED.search(re.sub("<[^>]*>", "", quote[1]))
        assert seen(html.unescape(re.sub("<([^>]*)>", r"\1", quote[1][2:]))) == seen(line(ATTACKS[name]))


@pytest.mark.parametrize("name", ATTACKS)
def test_rocket_chat(receiver: Receiver, name: str) -> None:
    text = json.loads(posted(receiver, hostile(ATTACKS[name]), f"rocket://a1/b2@{receiver.host}/#news"))["text"]
    assert len(text) <= 5000
    assert not re.search(r"(?<!\w)@\w|(?<![\w/])#\w|\]\(|<\w", text)
    quote = [words for words in text.splitlines() if words.startswith("> ")]
    if len(ATTACKS[name]) < 1000:
        assert not MARKED.search(re.sub(r"https://\S*", "", quote[1]))
        assert seen(quote[1][2:]).replace("%40", "@") == seen(line(ATTACKS[name]))


def test_what_steers_a_display_is_shown_as_a_sign() -> None:
    text = "We\x00 tr\x1bain\x9b on\u202e it\u2066:\ufffe \ud800\r\n\tnow\r"
    assert clean(text) == "We� tr�ain� on� it�:� �\n\tnow�"
    assert line(text) == "We� tr�ain� on� it�:� � now�"
    assert clean("שלום\u200f, 👩\u200d🚀 na\u00efve") == "שלום\u200f, 👩\u200d🚀 na\u00efve"


@pytest.mark.parametrize("words", ["# We train", "- We train", "+ We train", "12. We train", "1) We train", "--- We"])
@pytest.mark.parametrize("markup", [DISCORD, MATTERMOST])
def test_a_sentence_begins_no_heading_and_no_list(markup: Markup, words: str) -> None:
    page = rendered(f"> {markup.text(words)}")
    assert {element.name for element in page.find_all(True)} == {"blockquote", "p"}
    assert seen(page.get_text()) == words


@pytest.mark.parametrize("name", ATTACKS)
def test_every_chat_says_what_is_left_out(name: str) -> None:
    told = hostile(ATTACKS[name])
    for markup in set(CHATS.values()):
        text = message(told, markup)
        assert ("\nNot all of it has room here.\nRead on: " in text) is (len(ATTACKS[name]) > 1000)
        assert text.rstrip().endswith("sp-7-1")


def test_the_console(tmp_path: Path) -> None:
    """All of the table in names and in words of pages, by the command, which has no target."""
    settings = "contact = 'me@example.org'\narchive = 'a.db'\nservices = ['Reddit']\n"
    (tmp_path / "smallprint.toml").write_text(settings, "utf-8")
    with store.writing(tmp_path / "a.db") as db:
        for name, attack in ATTACKS.items():
            pushed(db, Document(name, "Privacy Policy", f"https://quillo.example/{len(name)}", attack), attack)
    done = smallprint("notify", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert safe(done.stdout) == done.stdout
    assert done.stdout.count("Told console: ") == len(ATTACKS)
    for attack in ATTACKS.values():
        assert " ".join(safe(attack).split()) in " ".join(done.stdout.split())
