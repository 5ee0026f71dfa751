"""Writes a letter as a mail: its headers, and plain text and HTML that say the same."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from hashlib import sha256

from notify import as_text, mail_html
from notify.clean import clean, line
from notify.letter import Letter

NAME = "Smallprint"
APPRISE = "Apprise"  # the sender's name where the address gives none
LONGEST = 200  # characters of a subject
LAW = SMTP.clone(cte_type="7bit")  # not every server takes more


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a mail says of its way. `sender` is a name, which may be missing, and an address."""

    target: str
    sender: tuple[str | bool, str]
    to: Collection[str]
    cc: Collection[str] = ()
    reply_to: Collection[str] = ()

    @property
    def domain(self) -> str:
        """The sender's, in which our names of mails are unique."""
        return self.sender[1].rpartition("@")[2]


def mail(letter: Letter, envelope: Envelope, now: datetime) -> EmailMessage:
    """The mail for one recipient. Its Message-ID is the same whenever it is written, if the letter has a reference."""
    made = EmailMessage(policy=LAW)
    for name, text in _headers(letter, envelope, now).items():
        made[name] = text
    made.set_content(clean(f"{as_text.body(letter)}\n"))
    made.add_alternative(clean(mail_html.page(letter)), subtype="html")
    made["Content-Language"] = letter.frame.language
    return made


def _headers(letter: Letter, envelope: Envelope, now: datetime) -> dict[str, str | Address]:
    name, address = envelope.sender
    found: dict[str, str | Address] = {
        "From": Address(NAME if name in (False, "", APPRISE) else line(str(name)), addr_spec=address),
        "To": ", ".join(envelope.to),
        "Cc": ", ".join(envelope.cc),
        "Reply-To": ", ".join(envelope.reply_to),
        "Subject": _subject(letter),
        "Date": format_datetime(now),
        "Message-ID": _name(letter.reference, envelope.domain),
        **_thread(letter, envelope.domain),
        "List-Id": _list(envelope),
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
    }
    return {key: text for key, text in found.items() if text}


def _subject(letter: Letter) -> str:
    again = f"[{letter.frame.say('message', 'again')}] " if letter.repeated else ""
    text = line(f"{again}{letter.title}")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _thread(letter: Letter, domain: str) -> dict[str, str]:
    """Mails on one service answer one mail, which nobody sent: mail programs show them below each other."""
    if not letter.thread:
        return {}
    root = _name(f"service-{sha256(letter.thread.encode()).hexdigest()[:16]}", domain)
    return {"References": root, "In-Reply-To": root}


def _list(envelope: Envelope) -> str:
    name = "".join(char for char in line(envelope.target) if char not in '<>"\\()')
    return f"{NAME} {name} <{NAME.lower()}.{envelope.domain}>"


def _name(reference: str, domain: str) -> str:
    """A letter without a reference gets a name of its own at every try."""
    return f"<{reference}@{domain}>" if reference else make_msgid(domain=domain)
