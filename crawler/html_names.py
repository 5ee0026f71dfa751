"""Tells from a tag's name and role what it is in a text: dead, a block, a list, an item, a heading, a row."""

from __future__ import annotations

from collections.abc import Mapping

HEADINGS = {f"h{level}": level for level in range(1, 7)}
LISTS = frozenset(["ul", "ol", "menu", "dl", "dir"])
ITEMS = frozenset(["li", "dt", "dd"])
CELLS = frozenset(["td", "th"])
DEAD = frozenset(  # never words of the document
    [
        *("script", "style", "template", "noscript", "head", "title", "svg", "math", "iframe", "frame", "object"),
        *("embed", "canvas", "video", "audio", "map", "area", "img", "picture", "meter", "progress"),
        *("input", "select", "textarea", "datalist"),
    ]
)
BLOCKS = frozenset(  # end a passage where they begin and where they end
    [
        *(
            "html",
            "body",
            "main",
            "article",
            "section",
            "nav",
            "aside",
            "header",
            "footer",
            "hgroup",
            "address",
            "search",
        ),
        *("div", "p", "pre", "blockquote", "center", "hr", "figure", "figcaption", "details", "summary", "dialog"),
        *("form", "fieldset", "legend", "table", "caption", "thead", "tbody", "tfoot", "tr"),
        *(*HEADINGS, *LISTS, *ITEMS, *CELLS),
    ]
)
SHAPING = frozenset([*HEADINGS, *LISTS, *ITEMS, "tr", "pre"])  # blocks that say what a text inside them is
SPACED = frozenset(["button", "option", "label"])  # boxes in a line: apart from the words around them
BOXES = frozenset(["a", "span", "time", "small"])  # boxes in a line that only a style sheet may keep apart
NO_HEADING = frozenset(["p", "ul", "ol", "table", *HEADINGS])  # what no heading holds
ROLES = {
    "list": "ul",
    "listitem": "li",
    "row": "tr",
    "cell": "td",
    "gridcell": "td",
    "columnheader": "th",
    "rowheader": "th",
}


def role_name(name: str, attrs: Mapping[str, str]) -> str:
    """The name of a tag, or that of the tag whose role it plays."""
    role = attrs.get("role", "")
    return _heading_name(name, attrs) if role == "heading" else ROLES.get(role, name)


def _heading_name(name: str, attrs: Mapping[str, str]) -> str:
    level = attrs.get("aria-level", "").strip()
    if not level and name in HEADINGS:
        return name
    return f"h{level}" if f"h{level}" in HEADINGS else "h2"
