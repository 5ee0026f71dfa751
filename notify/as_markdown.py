"""Writes a letter in the markup of a chat: the page's text is escaped here, and made to fit what the service takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archive.words import Run
from notify import as_text
from notify.clean import line
from notify.fitting import fitted, length
from notify.letter import Block, Fact, Item, Letter, Line, Quote

APART = r"\s<>\"“”‘’«»|\\^`{}\x00-\x1f"  # what stands in no address
WEB = re.compile(rf"https?://[^{APART}]+", re.IGNORECASE)
ADDRESS = re.compile(rf"(https?://[^{APART}]*[^{APART}.,;:!?)\]'*_~])", re.IGNORECASE)
MENTION = re.compile(r"(?<!\w)@|@(?=(?:everyone|here|all|channel)\b)", re.IGNORECASE)
ENTITY = re.compile(r"&(?=#?\w+;)")
EMOJI = re.compile(r":(?=[\w+-]+:)")
AT_START = re.compile(r"^([-+#]|\d+(?=[.)]))")
BREAK = "\u200b"  # has no width: a name behind it is no mention


@dataclass(frozen=True, slots=True)
class Markup:
    """How a service wants things written. `plain` writes text so that it stays text, `link` words that lead somewhere.

    `address` writes an address that shows itself; no sign of markup in it may be escaped. `most` is the length of the
    longest message.
    """

    most: int
    bold: str
    struck: str
    plain: Callable[[str], str]
    address: Callable[[str], str]
    link: Callable[[str, str], str]

    def text(self, words: str) -> str:
        """Words of a page or ours, in one line, that stay words; addresses stay addresses."""
        parts = ADDRESS.split(line(words))
        return "".join(self.address(part) if place % 2 else self.plain(part) for place, part in enumerate(parts))

    def linked(self, words: str, url: str) -> str:
        """Words that lead to an address, where it is one of the web."""
        if not WEB.fullmatch(url):
            return self.text(words or url)
        if words in ("", url):
            return self.address(url)
        return self.text(words) if url in words else self.link(self.plain(line(words)), url)


def message(letter: Letter, markup: Markup) -> str:
    """The letter under its title, no longer than the service takes."""
    return _fitting(letter, [Line(letter.title, strong=True)], markup)


def body(letter: Letter, markup: Markup) -> str:
    """The same without the title."""
    return _fitting(letter, [], markup)


def redline(quote: Quote, markup: Markup) -> str:
    """The page's words with what came in bold and what went struck out; no mark where that is all of them."""
    if quote.is_whole:
        return markup.text("".join(segment.text for segment in quote.runs))
    signs, written = {Run.ADDED: markup.bold, Run.REMOVED: markup.struck, Run.KEPT: ""}, ""
    for segment in quote.runs:
        start, words, end = _apart(segment.text)
        sign = signs[segment.run]
        space = start or " " * _would_touch(written[-1:], sign or words[:1])
        written += space + (f"{sign}{markup.text(words)}{sign}" if words else "") + end
    return written.strip()


def _would_touch(before: str, after: str) -> bool:
    """Whether two marks, or a mark and a word, stand so close that the mark would be read as a sign of the text."""
    both = before + after[:1]
    return len(both) == 2 and any(one in "*~" for one in both) and all(one in "*~" or one.isalnum() for one in both)


def _apart(text: str) -> tuple[str, str, str]:
    """A space if the text begins with some, the text without, and the same at its end."""
    words = text.strip()
    if not words:
        return " " * bool(text), "", ""
    return " " * text[0].isspace(), words, " " * text[-1].isspace()


def _fitting(letter: Letter, heading: Sequence[Block], markup: Markup) -> str:
    def fits(blocks: Sequence[Block]) -> bool:
        return length(_joined(blocks, markup)) <= markup.most

    return _joined(fitted(letter, heading, fits), markup)


def _joined(blocks: Sequence[Block], markup: Markup) -> str:
    return as_text.joined(blocks, lambda block: _written(block, markup))


def _written(block: Block, markup: Markup) -> str:
    if isinstance(block, Quote):
        return f"{markup.text(block.intro)}\n> {redline(block, markup)}"
    if isinstance(block, Fact):
        return f"{markup.bold}{markup.text(f'{block.name}:')}{markup.bold} {markup.linked(block.text, block.url)}"
    if isinstance(block, Item):
        return f"• {markup.linked(block.text, block.url)}"
    said = markup.linked(block.text, block.url)
    return f"{markup.bold}{said}{markup.bold}" if block.strong and said else said


def _discord(text: str) -> str:
    return _start(EMOJI.sub(r"\:", _escaped(text).replace("\\<", f"\\<{BREAK}")))


def _mattermost(text: str) -> str:
    """A channel's name and a hashtag are no links, and there is no backslash before a colon."""
    broken = re.sub(r"[#~](?=\w)", rf"\g<0>{BREAK}", _escaped(text))
    return _start(EMOJI.sub(f":{BREAK}", broken))


def _escaped(text: str) -> str:
    escaped = re.sub(r"[\\*_~`|<>\[\]]", r"\\\g<0>", text)
    return ENTITY.sub(rf"&{BREAK}", MENTION.sub(f"@{BREAK}", escaped))


def _start(text: str) -> str:
    """What begins a heading or a list where it is the first of a line."""
    return AT_START.sub(lambda found: f"{found[1]}\\" if found[1].isdigit() else f"\\{found[1]}", text)


def _in_angles(url: str) -> str:
    """Neither a preview nor a mention is made of it."""
    return f"<{url.replace('@', '%40')}>"


def _in_brackets(words: str, url: str) -> str:
    return f"[{words}]({_in_angles(url)})"


DISCORD = Markup(1900, "**", "~~", _discord, _in_angles, _in_brackets)  # of 2,000: Apprise may add whom to ping
MATTERMOST = Markup(4000, "**", "~~", _mattermost, _in_angles, _in_brackets)
