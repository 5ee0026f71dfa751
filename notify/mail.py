"""Brings a letter to a mail server, one transaction for each recipient.

The addresses are read as Apprise reads them. It does not send them: it tells no more than that something failed, takes
a quarter of a minute for a wrong password, and gives every try of a mail another Message-ID.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from archive.targets import Target
from notify import addresses, anywhere
from notify.carrier import DeliveryError, Parcel
from notify.mail_message import Envelope, mail

PATIENCE = 30.0  # seconds to wait for an answer
LAST_PATIENCE = 120.0  # for the one to a whole mail: who goes too early sends it twice
LEAVING = 421  # the server ends the connection
WANTS_LOG_IN = 530


def send(target: Target, parcel: Parcel) -> None:
    """Raises DeliveryError. Whoever is known by a receipt has the mail already."""
    box = addresses.parsed(target.url)
    if box is None:
        raise DeliveryError("the address of the target is not understood", down=True)
    if box.pgp_mode != "no":
        anywhere.send(target, parcel)  # Apprise can sign and encrypt, where its library is there
        return
    if not (box.targets or box.cc or box.bcc):
        raise DeliveryError("the address of the target names nobody", down=True)
    pieces = list(_pieces(box, target, parcel))
    fault = _fault_of(box, pieces, parcel) if pieces else None
    if fault:
        raise fault


@dataclass(frozen=True, slots=True)
class _Piece:
    """A mail for one recipient, and the receipt for it, which does not tell whose it is."""

    address: str
    mail: bytes
    receipt: str


def _pieces(box: Any, target: Target, parcel: Parcel) -> Iterator[_Piece]:
    """The mails that have not been taken yet. Those to several recipients do not tell them of each other."""
    to, cc = list(dict.fromkeys(address for _, address in box.targets)), sorted(box.cc)
    for address in dict.fromkeys((*to, *cc, *sorted(box.bcc))):
        receipt = parcel.receipt(address)
        if receipt not in parcel.receipts:
            shown = [address] if address in to else to
            envelope = Envelope(target.name, tuple(box.from_addr), shown, cc, sorted(box.reply_to))
            yield _Piece(address, bytes(mail(parcel.letter, envelope, datetime.now(UTC))), receipt)


def _fault_of(box: Any, pieces: Sequence[_Piece], parcel: Parcel) -> DeliveryError | None:
    """Brings the mails, each with its confirmation. None: all were taken."""
    try:
        with _logged_in(box) as server:
            return _brought(server, box.from_addr[1], pieces, parcel)
    except (OSError, ValueError) as error:  # those of smtplib are an OSError too
        return _lost(error)


@contextmanager
def _logged_in(box: Any) -> Iterator[smtplib.SMTP]:
    """A connection that mails can be handed to."""
    trust = ssl.create_default_context()
    if not box.verify_certificate:
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    if box.secure_mode == "ssl":
        server: smtplib.SMTP = smtplib.SMTP_SSL(box.smtp_host, box.port, timeout=PATIENCE, context=trust)
    else:
        server = smtplib.SMTP(box.smtp_host, box.port, timeout=PATIENCE)
    try:
        if box.secure_mode == "starttls":
            server.starttls(context=trust)
        if box.user and box.password:
            server.login(box.user, box.password)
        yield server
        with suppress(OSError):
            server.quit()
    finally:
        server.close()


def _brought(server: smtplib.SMTP, sender: str, pieces: Sequence[_Piece], parcel: Parcel) -> DeliveryError | None:
    """A recipient whom the server does not take does not keep the others from theirs."""
    faults = list[DeliveryError]()
    for piece in pieces:
        fault = _handed_over(server, sender, piece)
        if fault is None:
            parcel.confirm(piece.receipt)
        elif fault.down or fault.unknown:
            return fault
        else:
            faults.append(fault)
            server.rset()
    return next((fault for fault in faults if not fault.refused), faults[0] if faults else None)


def _handed_over(server: smtplib.SMTP, sender: str, piece: _Piece) -> DeliveryError | None:
    """None: the server has taken the mail."""
    server.ehlo_or_helo_if_needed()
    code = server.mail(sender)[0]
    if code != 250:
        return _answered(code, "our sender", down=code >= 500)
    code = server.rcpt(piece.address)[0]
    if code not in (250, 251):
        return _answered(code, "a recipient")
    if server.sock:
        server.sock.settimeout(LAST_PATIENCE)
    try:
        code = server.data(piece.mail)[0]
    except smtplib.SMTPDataError as error:
        code = error.smtp_code
    except OSError:
        return DeliveryError("the connection broke before the mail server answered", unknown=True)
    return _answered(code, "this mail") if code != 250 else None


def _answered(code: int, what: str, down: bool = False) -> DeliveryError:
    """The error for an answer to a command: those from 500 on are for ever."""
    if code == WANTS_LOG_IN:
        return DeliveryError(f"the mail server asks for a log-in ({code})", down=True)
    text = f"the mail server {'refuses' if code >= 500 else 'does not take'} {what} ({code})"
    is_down = down or code == LEAVING
    return DeliveryError(text, refused=code >= 500 and not is_down, down=is_down)


def _lost(error: Exception) -> DeliveryError:
    """The error where there is no connection that mails can be handed to: none was."""
    if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= 500:
        text = f"the mail server does not accept the password ({error.smtp_code})"
    elif isinstance(error, smtplib.SMTPResponseException):
        text = f"the mail server answered with {error.smtp_code}"
    elif isinstance(error, smtplib.SMTPNotSupportedError):
        text = "the mail server offers no secure connection or no log-in"
    elif isinstance(error, ssl.SSLCertVerificationError):
        text = "the mail server's certificate is not trusted"
    elif isinstance(error, ssl.SSLError):
        text = "no secure connection with the mail server"
    else:
        text = "the mail server was not reached, or broke off"
    return DeliveryError(text, down=True)
