"""Mails to real servers behind TLS: what arrives, to whom, and what is told of what does not."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import sync_playwright
from sqlite_utils import Database

from archive.settings import Settings
from archive.targets import Target
from crawler import options
from notify import delivery, mail_html
from notify.carrier import DeliveryError, Parcel
from notify.clean import clean, line
from notify.letter import Letter
from notify.run import notify
from tests.attacks import ATTACKS
from tests.builders import everything_in, pushed
from tests.channels import Authority, MailServer
from tests.receivers import mail_server
from tests.sample_letters import CHANGE, CHANGED, DIGEST, PAGE, REFERENCE, TITLE, saying, short

ANN, BOB, CY, DEE = (f"{name}@quillo.example" for name in ("ann", "bob", "cy", "dee"))
DOMAIN = "gantry.example"
WATCH = f"watch@{DOMAIN}"
OURS = {"html", "head", "meta", "title", "style", "body", "div", "h1", "p", "span", "br", "a", "ul", "li", "blockquote"}
pytestmark = [
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),  # Apprise's, of its plugins
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),  # the receiver's
]


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No test may leave a secret in the log, however much is logged."""
    caplog.set_level(logging.DEBUG)
    yield
    ours = [record for record in caplog.get_records("call") if record.name not in ("mail.log", "mail.debug")]
    assert is_discreet(" ".join(f"{record.getMessage()} {record.exc_text}" for record in ours))


@pytest.fixture
def trust(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificates of the servers are trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))


@pytest.fixture
def post(mail_starttls: MailServer, trust: None) -> MailServer:
    """A mail server for tests that are not about TLS."""
    return mail_starttls


def is_discreet(text: str) -> bool:
    return not any(secret in text for secret in ("postman", "hunter2", "quillo.example", DOMAIN, "127.0.0.1"))


def address(server: MailServer, more: str = f"to={ANN}", mode: str = "starttls") -> str:
    """How the server is written as a target."""
    where = f"{server.user}:{server.password}@{server.host}:{server.port}"
    return f"mailtos://{where}/?from={WATCH}&mode={mode}&{more}"


def deliver(target: Target, parcel: Parcel) -> None:
    """By the carrier that its address asks for."""
    delivery.carrier(target, pytest.fail)(target, parcel)


def send(url: str, letter: Letter = CHANGED, *receipts: str, name: str = "post") -> list[str]:
    """The receipts for the mails that were taken."""
    taken = list[str]()
    deliver(Target(name, url), Parcel(letter, receipts, taken.append))
    return taken


def failure(url: str, letter: Letter = CHANGED, taken: list[str] | None = None) -> dict[str, Any]:
    """What is told of a failure; what is so, by name."""
    confirmed = taken if taken is not None else []
    with pytest.raises(DeliveryError) as caught:
        deliver(Target("post", url), Parcel(letter, (), confirmed.append))
    error = caught.value
    assert is_discreet(f"{error!r} {error.__cause__!r} {error.__context__!r}")
    kinds = {name: True for name in ("unknown", "refused", "down") if getattr(error, name)}
    return {"text": str(error), **kinds}


def text_of(message: EmailMessage, kind: str) -> str:
    """What stands in the part of a mail that is plain or HTML."""
    part = message.get_body([kind])
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def written(letter: Letter) -> BeautifulSoup:
    return BeautifulSoup(mail_html.page(letter), "lxml")


def said(element: Any) -> str:
    """Its words, apart by single spaces."""
    return " ".join(element.get_text(" ").split())


def test_a_mail_says_what_it_is(post: MailServer) -> None:
    assert len(send(address(post), name='the "<odd>" ñame\r\nBcc: x@evil.example')) == 1
    (arrived,) = post.mails
    message = arrived.message
    assert (arrived.sender, arrived.recipients) == (WATCH, [ANN])
    assert {name.lower() for name in message} == {
        *("from", "to", "subject", "date", "message-id", "references", "in-reply-to", "list-id"),
        *("content-language", "auto-submitted", "precedence", "mime-version", "content-type"),
    }
    assert (message["From"], message["To"], message["Subject"]) == (f"Smallprint <{WATCH}>", ANN, TITLE)
    assert message["Message-ID"] == f"<{REFERENCE}@{DOMAIN}>"
    assert message["List-Id"] == f"Smallprint the odd ñame Bcc: x@evil.example <smallprint.{DOMAIN}>"
    assert (message["Auto-Submitted"], message["Precedence"]) == ("auto-generated", "bulk")
    assert (message["Content-Language"], message.get_content_type()) == ("en", "multipart/alternative")
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert arrived.raw.isascii()
    assert max(map(len, arrived.raw.splitlines())) <= 998


def test_both_parts_say_the_same(post: MailServer) -> None:
    send(address(post))
    message = post.mails[0].message
    plain, html = text_of(message, "plain"), BeautifulSoup(text_of(message, "html"), "lxml")
    assert plain.startswith(
        "Quillo may now train AI models on drafts\nSeverity: high\n\nHow to refuse: Settings > Drafts"
    )
    assert "“We use drafts to [removed: show][added: train] things.”" in plain
    assert said(html.body).startswith("Quillo may now train AI models on drafts Quillo, Privacy Policy: AI training")
    first, second = html.find_all("blockquote")
    assert [(part.name, part.get_text()) for part in first.find_all(True)] == [("del", "show"), ("ins", "train")]
    assert (first.get_text(), second.get_text()) == (
        "We use drafts to showtrain things.",
        "Drafts of minors are left out.",
    )
    assert [(link.get_text(), link["href"]) for link in html.find_all("a")] == [("Read on", CHANGE), (PAGE, PAGE)]
    for words in ("How to refuse: Settings > Drafts", "Applies from: 2026-12-01", f"Message: {REFERENCE}"):
        assert words in plain
        assert words in said(html)


def test_a_mail_loads_nothing_and_runs_nothing() -> None:
    for letter in (CHANGED, DIGEST):
        page = written(letter)
        assert {element.name for element in page.find_all(True)} <= {*OURS, "ins", "del"}
        assert not any(element.has_attr(name) for element in page.find_all(True) for name in ("src", "background"))
        assert "url(" not in str(page)
        assert "@import" not in str(page)


def test_lists_of_a_digest() -> None:
    page = written(DIGEST)
    assert [said(element) for element in page.body.find_all(["p", "li"])] == [  # type: ignore[union-attr]
        *("Told", "Quillo, Privacy Policy", "high: trains on drafts", "Read on", f"Message: {REFERENCE}")
    ]
    assert page.li is not None
    assert page.li.parent is not None
    assert page.li.parent.name == "ul"


def test_every_try_of_a_mail_has_one_name(post: MailServer) -> None:
    send(address(post))
    send(address(post), replace(CHANGED, repeated=True))
    send(address(post), replace(CHANGED, reference="another"))
    for _ in range(2):
        send(address(post), replace(CHANGED, reference=""))
    first, again, other, *unnamed = (arrived.message["Message-ID"] for arrived in post.mails)
    assert first == again
    assert len({first, other, *unnamed}) == 4
    assert [arrived.message["Subject"] for arrived in post.mails[:3]] == [TITLE, f"[possibly repeated] {TITLE}", TITLE]
    repeated = post.mails[1].message
    assert text_of(repeated, "plain").startswith("Possibly repeated: it is unknown")
    assert "Possibly repeated: it is unknown" in text_of(repeated, "html")


def test_mails_on_one_service_are_a_thread(post: MailServer) -> None:
    for thread in ("quillo", "quillo", "Brill & <Sons>\r\n", ""):
        send(address(post), replace(CHANGED, thread=thread))
    roots = [arrived.message["References"] for arrived in post.mails]
    assert roots == [arrived.message["In-Reply-To"] for arrived in post.mails]
    assert (roots[0], roots[3]) == (roots[1], None)
    assert roots[2] not in (roots[0], None)
    assert all(root.endswith(f"@{DOMAIN}>") for root in roots[:3])


def test_tls_from_the_start(mail_tls: MailServer, trust: None) -> None:
    send(address(mail_tls, mode="ssl"))
    assert [arrived.recipients for arrived in mail_tls.mails] == [[ANN]]


def test_a_certificate_that_nobody_knows(mail_tls: MailServer, mail_starttls: MailServer) -> None:
    for server, mode in ((mail_tls, "ssl"), (mail_starttls, "starttls")):
        url = address(server, mode=mode)
        assert failure(url) == {"text": "the mail server's certificate is not trusted", "down": True}
        assert server.mails == []
        send(f"{url}&verify=no")
        assert len(server.mails) == 1


def test_a_server_that_does_not_speak_tls() -> None:
    with mail_server() as plain:
        url = plain.url.replace("mode=insecure", "mode={}")
        no_tls = {"text": "the mail server offers no secure connection or no log-in", "down": True}
        assert failure(url.format("starttls")) == no_tls
        assert failure(url.format("ssl")) == {"text": "no secure connection with the mail server", "down": True}
        assert plain.mails == []


def test_a_wrong_password(post: MailServer) -> None:
    told = {"text": "the mail server does not accept the password (535)", "down": True}
    assert failure(address(post).replace(post.password, "guess")) == told
    assert failure(address(post).replace(f"{post.user}:{post.password}@", "")) == {
        "text": "the mail server asks for a log-in (530)",
        "down": True,
    }


def test_nobody_is_there() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"mailto://127.0.0.1:{held.getsockname()[1]}/?from={WATCH}&to={ANN}"
        assert failure(url) == {"text": "the mail server was not reached, or broke off", "down": True}


def test_everyone_gets_a_mail_of_their_own(post: MailServer) -> None:
    receipts = send(address(post, f"to={ANN},{BOB}&cc={CY}&bcc={DEE}&reply={CY}&name=Watch"))
    assert [arrived.recipients for arrived in post.mails] == [[ANN], [BOB], [CY], [DEE]]
    assert [str(arrived.message["To"]) for arrived in post.mails] == [ANN, BOB, f"{ANN}, {BOB}", f"{ANN}, {BOB}"]
    assert all(DEE.encode() not in arrived.raw for arrived in post.mails)
    message = post.mails[0].message
    assert (message["From"], message["Cc"], message["Reply-To"]) == (f"Watch <{WATCH}>", CY, CY)
    assert len(set(receipts)) == 4
    assert is_discreet(" ".join(receipts))


def test_one_recipient_whom_the_server_does_not_take(post: MailServer) -> None:
    post.recipients[BOB] = "550 5.1.1 nobody of that name"
    url, taken = address(post, f"to={ANN},{BOB},{CY}"), list[str]()
    refused = {"text": "the mail server refuses a recipient (550)", "refused": True}
    assert failure(url, taken=taken) == refused
    assert [arrived.recipients for arrived in post.mails] == [[ANN], [CY]]
    post.recipients.clear()
    assert len(send(url, CHANGED, *taken)) == 1
    assert post.mails[-1].recipients == [BOB]


def test_who_is_put_off_is_tried_again_though_another_is_refused(post: MailServer) -> None:
    post.recipients |= {ANN: "550 nobody", BOB: "451 later"}
    assert failure(address(post, f"to={ANN},{BOB}")) == {"text": "the mail server does not take a recipient (451)"}


def test_what_has_arrived_is_not_sent_again(post: MailServer) -> None:
    url = address(post, f"to={ANN},{BOB}")
    first, second = send(url)
    assert send(url, CHANGED, first) == [second]
    assert send(url, CHANGED, first, second) == []
    assert [arrived.recipients for arrived in post.mails] == [[ANN], [BOB], [BOB]]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("421 4.3.2 closing", {"text": "the mail server does not take this mail (421)", "down": True}),
        ("451 4.3.0 later", {"text": "the mail server does not take this mail (451)"}),
        ("552 5.3.4 too big", {"text": "the mail server refuses this mail (552)", "refused": True}),
        (
            "554 5.7.1 spam of watch@gantry.example",
            {"text": "the mail server refuses this mail (554)", "refused": True},
        ),
    ],
)
def test_what_the_server_says_to_a_mail(post: MailServer, answer: str, told: dict[str, Any]) -> None:
    post.answer = answer
    assert failure(address(post)) == told


def test_an_answer_that_does_not_come(post: MailServer) -> None:
    """Who had the mail before keeps it; of the others nothing is known."""
    post.drop = True
    taken = list[str]()
    told = {"text": "the connection broke before the mail server answered", "unknown": True}
    assert failure(address(post, f"to={ANN},{BOB}"), taken=taken) == told
    assert (taken, len(post.mails)) == ([], 1)


def test_whoever_missed_a_mail_gets_it_later_and_the_archive_knows_nobody(
    db: Database, archive_path: Path, post: MailServer
) -> None:
    pushed(db)
    target = Target("post", address(post, f"to={ANN},{BOB}"))
    post.recipients[BOB] = "451 later"
    assert [sent.error for sent in notify(db, [target], pytest.fail)] == [
        "the mail server does not take a recipient (451)"
    ]
    post.recipients.clear()
    post.drop = True
    again(db)
    assert [bool(sent.error) for sent in notify(db, [target], pytest.fail)] == [True]
    post.drop = False
    again(db)
    assert [sent.error for sent in notify(db, [target], pytest.fail)] == [""]
    assert [arrived.recipients for arrived in post.mails] == [[ANN], [BOB], [BOB]]
    subjects = [arrived.message["Subject"] for arrived in post.mails]
    assert subjects == [TITLE, TITLE, f"[possibly repeated] {TITLE}"]
    assert len({arrived.message["Message-ID"] for arrived in post.mails}) == 1
    kept = everything_in(archive_path).decode("latin-1")
    assert not any(secret in kept for secret in (ANN, BOB, DOMAIN, post.password, "mailtos:"))


def again(db: Database) -> None:
    """As if it were time for the next try."""
    db.execute("UPDATE notifications SET next_try_at = '2020-01-01T00:00:00Z'")


def test_an_address_without_recipients(post: MailServer) -> None:
    assert failure(address(post, "to=nonsense")) == {"text": "the address of the target names nobody", "down": True}
    assert failure("mailto://") == {"text": "the address of the target is not understood", "down": True}


def test_signed_mails_are_left_to_apprise() -> None:
    """It has no library to sign with here: nothing leaves unsigned."""
    with mail_server() as plain:
        assert failure(f"{plain.url}&pgp=sign")["text"] == "the service was not reached or refused the message"
        assert plain.mails == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_page_says_stays_text(post: MailServer, attack: str) -> None:
    words = ATTACKS[attack]
    send(address(post))
    send(address(post), saying(words))
    harmless, hostile = (arrived.message for arrived in post.mails)
    assert post.mails[1].recipients == [ANN]
    assert hostile.keys() == harmless.keys()
    assert [part.get_content_type() for part in hostile.walk()] == [part.get_content_type() for part in harmless.walk()]
    assert hostile["Subject"].strip() == short(line(f"{words}: AI training"))
    assert clean(f"“{words}”") in text_of(hostile, "plain")
    page = BeautifulSoup(text_of(hostile, "html"), "lxml")
    assert {element.name for element in page.find_all(True)} <= OURS
    assert {name for element in page.find_all(True) for name in element.attrs} <= {
        *("lang", "charset", "name", "content", "class", "style", "href", "dir")
    }
    links = {link["href"] for link in page.find_all("a")}
    assert links <= {words}
    assert all(link.startswith("https://") for link in links)
    assert page.blockquote is not None
    assert page.blockquote.get_text() == clean(words)


LOOK = """() => [
    document.documentElement.scrollWidth,
    getComputedStyle(document.body).backgroundColor,
    getComputedStyle(document.querySelector('ins')).textDecorationLine,
    getComputedStyle(document.querySelector('del')).textDecorationLine,
]"""


@pytest.mark.usefixtures("chromium")
def test_a_phone_shows_all_of_it_in_the_light_and_in_the_dark() -> None:
    """Whatever words it has, it is no wider than the screen; the browser asks for nothing."""
    letter = replace(saying("x" * 500), quotes=CHANGED.quotes)
    asked, (program, _) = list[str](), options.browser(Settings(Path(), Path()))
    with (
        sync_playwright() as playwright,
        closing(playwright.chromium.launch(executable_path=program)) as browser,
    ):
        seen = {}
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme=scheme, viewport={"width": 360, "height": 640})
            page.on("request", lambda request: asked.append(request.url))
            page.set_content(mail_html.page(letter))
            seen[scheme] = page.evaluate(LOOK)
    assert seen == {
        "light": [360, "rgb(244, 242, 236)", "underline", "line-through"],
        "dark": [360, "rgb(21, 24, 27)", "underline", "line-through"],
    }
    assert asked == []


def test_colours_can_be_told_apart() -> None:
    """Words and what is behind them, in the light and in the dark."""
    for of in (lambda name: mail_html.STYLES[name], lambda name: mail_html.DARK[name]):
        looks = {name: dict(rule.split(":", 1) for rule in of(name).split(";")) for name in mail_html.DARK}
        sheet, box = looks["sheet"]["background"], looks["box"]["background"]
        pairs = [(looks["paper"]["color"], sheet), (looks["paper"]["color"], box), (looks["name"]["color"], box)]
        pairs += [(looks[name]["color"], sheet) for name in ("name", "intro", "small")]
        pairs += [(looks[name]["color"], looks[name]["background"]) for name in ("added", "removed", "button")]
        assert all(contrast(*pair) >= 4.5 for pair in pairs), pairs


def contrast(one: str, other: str) -> float:
    """As WCAG counts it: 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
