"""Picks the carrier that a target's address asks for: one made for the channel, or Apprise for all others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from archive.errors import SettingsError
from archive.targets import CONSOLE, Target
from notify import addresses, anywhere, as_text, chat, mail, ntfy, webhook
from notify.carrier import Parcel
from notify.letter import Letter

Send = Callable[[Target, Parcel], None]


def check(targets: Iterable[Target]) -> None:
    """Raises SettingsError for a target whose address nobody understands. The address is not repeated."""
    for target in targets:
        if target.url != CONSOLE.url and not _is_understood(target.url):
            raise SettingsError(
                f"target {target.name!r}: Apprise does not understand its url: see `smallprint targets --help`"
            )
        try:
            webhook.key(target.secret)
        except ValueError as error:
            raise SettingsError(f"target {target.name!r}: secret: {error}") from None


def carrier(target: Target, say: Callable[[str], None]) -> Send:
    """What brings letters to a target; `say` prints those for the console. What it gives raises DeliveryError."""
    if target.url == CONSOLE.url:
        return lambda target, parcel: say(_on_console(parcel.letter))
    return CARRIERS.get(addresses.scheme(target.url), anywhere.send)


def _on_console(letter: Letter) -> str:
    """What is printed here has no name of its own: it is not looked up anywhere."""
    return f"{letter.title}\n\n{as_text.body(letter.addressed('', letter.repeated))}"


def _is_understood(url: str) -> bool:
    return addresses.parsed(url) is not None or webhook.is_address(url)


def _mastodon(target: Target, parcel: Parcel) -> None:
    from notify import mastodon

    mastodon.send(target, parcel)


def _matrix(target: Target, parcel: Parcel) -> None:
    from notify import matrix

    matrix.send(target, parcel)


CARRIERS: Mapping[str, Send] = {  # those with slow libraries load them when first needed
    "http": webhook.send,
    "https": webhook.send,
    **dict.fromkeys(chat.CHATS, chat.send),
    **dict.fromkeys(("mailto", "mailtos"), mail.send),
    **dict.fromkeys(("ntfy", "ntfys"), ntfy.send),
    **dict.fromkeys(("mastodon", "mastodons", "toot", "toots"), _mastodon),
    **dict.fromkeys(("matrix", "matrixs"), _matrix),
}
