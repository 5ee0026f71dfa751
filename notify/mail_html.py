"""Writes a letter as the HTML of a mail: one column that reads well on a phone and in the dark, with nothing to load.

Every element has its style of its own, as mail programs drop what stands in the head; there stands what is dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from html import escape
from itertools import groupby

from notify import as_html
from notify.as_html import Marks, is_web, linked
from notify.letter import Block, Fact, Item, Letter, Line, Quote

SANS = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
SERIF = "Georgia,'Iowan Old Style',Palatino,serif"
STYLES = {  # by class; light
    "paper": f"margin:0;padding:0;background:#f4f2ec;color:#1f2328;font:16px/1.55 {SANS};overflow-wrap:anywhere",
    "sheet": "max-width:40em;margin:0 auto;padding:24px 20px 28px;background:#ffffff;border-top:5px solid #5d7f92",
    "high": "border-top-color:#b3382c",
    "medium": "border-top-color:#c98a2b",
    "title": f"margin:0 0 14px;font:bold 22px/1.3 {SERIF}",
    "strong": "margin:18px 0 8px;font-size:17px;line-height:1.45;font-weight:bold",
    "line": "margin:0 0 8px",
    "box": "margin:16px 0;padding:12px 16px 2px;background:#e8eef1;border-radius:6px",
    "fact": "margin:0 0 10px",
    "name": "font-size:14px;font-weight:bold;color:#4a5158",
    "intro": "margin:24px 0 6px;font-size:15px;color:#4a5158",
    "quote": f"margin:0;padding:2px 0 2px 14px;border-left:4px solid #c9c4b6;font:18px/1.55 {SERIF}",
    "added": "background:#d9f2df;color:#0d4a20;padding:0 2px;text-decoration:underline",
    "removed": "background:#fbe3e0;color:#7d1a14;padding:0 2px;text-decoration:line-through",
    "list": "margin:0 0 16px;padding:0 0 0 22px",
    "item": "margin:0 0 6px",
    "rest": "margin:24px 0 0;padding:14px 0 0;border-top:1px solid #d9d6cd;font-size:15px",
    "small": "margin:0 0 6px;font-size:14px;color:#4a5158",
    "way": "margin:26px 0 10px",
    "button": "display:inline-block;padding:11px 20px;border-radius:6px;background:#1d5a7a;color:#ffffff;"
    "font-weight:bold;text-decoration:none",
    "hidden": "display:none;max-height:0;overflow:hidden;mso-hide:all",
}
DARK = {
    "paper": "background:#15181b;color:#e4e2dc",
    "sheet": "background:#1d2125",
    "box": "background:#2a343b",
    "name": "color:#b4b9bf",
    "intro": "color:#b4b9bf",
    "small": "color:#b4b9bf",
    "quote": "border-left-color:#5a626a",
    "added": "background:#14391f;color:#b4ecc3",
    "removed": "background:#4a1d1a;color:#ffc4bd",
    "rest": "border-top-color:#363b41",
    "button": "background:#8ec7e4;color:#10242f",
}
MARKS = Marks(f'ins class="added" style="{STYLES["added"]}"', f'del class="removed" style="{STYLES["removed"]}"')
LINKS = "a{color:#1d5a7a}"
DARK_LINKS = "a{color:#8ec7e4}"


def page(letter: Letter) -> str:
    """The whole letter as a document. All texts are escaped."""
    top = " ".join(["sheet", *[letter.severity] * (letter.severity in STYLES)])
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(letter.frame.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="supported-color-schemes" content="light dark">\n'
        f"<title>{escape(letter.title)}</title>\n<style>{_sheet()}</style>\n</head>\n"
        f"<body{_look('paper')}>\n{_preheader(letter)}<div{_look(top)}>\n"
        f"<h1{_look('title')}>{escape(letter.title)}</h1>\n{''.join(_parts(letter))}</div>\n</body>\n</html>\n"
    )


def _sheet() -> str:
    """What no element can say of itself."""
    dark = "".join(f".{name}{{{rules.replace(';', '!important;')}!important}}" for name, rules in DARK.items())
    return f":root{{color-scheme:light dark}}{LINKS}@media (prefers-color-scheme:dark){{{DARK_LINKS}{dark}}}"


def _look(names: str) -> str:
    """The attributes of an element that looks so."""
    rules = ";".join(STYLES[name] for name in names.split())
    return f' class="{names}" style="{rules}"'


def _preheader(letter: Letter) -> str:
    """What lists of mails show beside the subject."""
    first = next((block.text for block in letter.blocks if isinstance(block, Line)), "")
    return f"<div{_look('hidden')}>{escape(first)}</div>\n" if first else ""


def _parts(letter: Letter) -> Iterator[str]:
    ours = replace(letter, lead=(), quotes=(), rest=()).blocks
    mark, name = ours[: int(letter.repeated)], ours[int(letter.repeated) :]
    yield from _written(mark + letter.lead + letter.quotes)
    if is_web(letter.url):
        words = escape(letter.frame.say("message", "read"))
        yield f'<p{_look("way")}><a href="{escape(letter.url)}"{_look("button")}>{words}</a></p>\n'
    if letter.rest or name:
        yield f"<div{_look('rest')}>\n{''.join(_written(letter.rest + name, quiet=True))}</div>\n"


def _written(blocks: Iterable[Block], quiet: bool = False) -> Iterator[str]:
    """Pieces of a letter; facts that everyone must read are set off."""
    for kind, some in groupby(blocks, type):
        said = "".join(_block(block, quiet) for block in some)
        if kind is Item:
            yield f"<ul{_look('list')}>\n{said}</ul>\n"
        else:
            yield f"<div{_look('box')}>\n{said}</div>\n" if kind is Fact and not quiet else said


def _block(block: Block, quiet: bool) -> str:
    if isinstance(block, Quote):
        intro = f"<p{_look('intro')}>{escape(block.intro)}</p>"
        return f'{intro}\n<blockquote dir="auto"{_look("quote")}>{as_html.redline(block, MARKS)}</blockquote>\n'
    said = linked(block.text, block.url)
    if isinstance(block, Item):
        return f'<li dir="auto"{_look("item")}>{said}</li>\n'
    if isinstance(block, Fact):
        apart = " " if quiet else "<br>"
        name = f"<span{_look('name')}>{escape(block.name)}:</span>"
        return f"<p{_look('small' if quiet else 'fact')}>{name}{apart}{said}</p>\n"
    return f"<p{_look('strong' if block.strong else 'small' if quiet else 'line')}>{said}</p>\n"
