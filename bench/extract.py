"""Measures extraction against Open Terms Archive's own texts of the same pages: python bench/extract.py [CORPUS] [-v]

Compares the words of the newest fetches in genai-eu-snapshots.bundle with the Markdown of genai-eu-versions.bundle, in
four ways: by the declared selectors, by finding the main content, with trafilatura (pip install trafilatura), and
with a plain `main` element. The corpus is Open Terms Archive's, under the Open Data Commons Attribution License.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import unquote, urlsplit

from archive.errors import ExtractionError
from archive.words import Passage
from crawler.declaration import Range, Selector, Source
from crawler.extraction import extract
from crawler.html_links import link_target
from crawler.markdown import markdown_passages
from crawler.walls import Answer, of_page

CORPUS = Path(__file__).parent / "../../shared/corpus"
WORD = re.compile(r"[^\W_]+")
# Everything in Open Terms Archive's Markdown that is markup and no word of the page.
MARKUP = (
    (re.compile(r"!\[[^\]]*\]\([^)]*\)"), " "),
    (re.compile(r"\]\((?:[^()\s\\]|\\.|\([^()]*\))*(?:\s+\"[^\"]*\")?\)"), "]"),
    (re.compile(r"^[ >]*\d+\.  ", re.MULTILINE), " "),
    (re.compile(r"<\w[^>]*>|</\w+>"), " "),
    (re.compile(r"(?<!\\)[*_`]|\\(?=[^\w\s])"), ""),
)
BUNDLES = ("snapshots", "versions")
FETCHES = 150  # how many fetches back we look for one that the declared selectors fit
ONE_RUN = 3600  # seconds in which one run of the archive fetches a page and records its text
Way = Callable[[bytes, Source], str]
History = list[tuple[int, str]]


@dataclass(frozen=True)
class Case:
    """One document at one moment: its pages with their sources, and Open Terms Archive's text of them."""

    title: str
    pages: list[tuple[bytes, Source]]
    reference: str


def main(arguments: list[str]) -> int:
    """Print a line per way, and under it the documents that it reads badly (with -v: all)."""
    folders = [argument for argument in arguments if not argument.startswith("-")]
    corpus = Path(folders[0]) if folders else CORPUS
    if not (corpus / "genai-eu-snapshots.bundle").is_file():
        print(f"No corpus in {corpus}: give the folder that holds genai-eu-snapshots.bundle.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        repositories = [clone(corpus / f"genai-eu-{name}.bundle", Path(folder) / name) for name in BUNDLES]
        pairs = list(documents(corpus / "genai-eu-declarations", *repositories))
    newest = [new for new, _ in pairs]
    matching = [match for _, match in pairs if match]
    moved = sum(new is not match for new, match in pairs)
    print(f"{len(newest)} documents, {sum(len(case.pages) for case in newest)} pages")
    print(f"(declared: the newest fetch that the selectors fit; for {moved} documents that is not the newest)")
    report("declared", declared, matching, verbose="-v" in arguments)
    for name, way in (("automatic", automatic), ("trafilatura", peer), ("main", plain_main)):
        report(name, way, newest, verbose="-v" in arguments)
    return 0


def clone(bundle: Path, folder: Path) -> Path:
    """The bundle as a repository without a checkout."""
    subprocess.run(["git", "clone", "-q", "--bare", str(bundle), str(folder)], check=True, capture_output=True)
    return folder


def git(repository: Path, *arguments: str) -> bytes:
    """What git prints."""
    return subprocess.run(["git", "-C", str(repository), *arguments], check=True, capture_output=True).stdout


def documents(declarations: Path, snapshots: Path, versions: Path) -> Iterator[tuple[Case, Case | None]]:
    """Each document as it was fetched last, and as it was fetched last while its declared selectors fitted."""
    for path in sorted(declarations.glob("*.json")):
        for kind, terms in json.loads(path.read_text())["terms"].items():
            sources = read_sources(terms)
            names = [kind] if len(sources) == 1 else [f"{kind} #{document_id(source.fetch)}" for source in sources]
            pages = [history(snapshots, f"{path.stem}/{name}.html") for name in names]
            texts = history(versions, f"{path.stem}/{kind}.md")
            if texts and all(pages):
                cases = moments(f"{path.stem}, {kind}", snapshots, pages, sources, (versions, texts))
                first = next(cases)
                yield first, next((case for case in chain([first], cases) if fits(case)), None)


def history(repository: Path, path: str) -> list[tuple[int, str]]:
    """When a file was recorded, newest first, and git's names of what it held."""
    lines = git(repository, "log", "--format=%at %H", "--", f":(literal){path}").decode().splitlines()
    return sorted(((int(line.split()[0]), f"{line.split()[1]}:{path}") for line in lines), reverse=True)


def moments(
    title: str, snapshots: Path, pages: list[History], sources: list[Source], texts: tuple[Path, History]
) -> Iterator[Case]:
    """The document at each time one of its pages was fetched, newest first."""
    for moment in sorted({when for page in pages for when, _ in page}, reverse=True)[:FETCHES]:
        held = [next((name for when, name in page if when <= moment), "") for page in pages]
        text = next((name for when, name in texts[1] if when <= moment + ONE_RUN), "")
        if all(held) and text:
            bodies = [git(snapshots, "cat-file", "blob", name) for name in held]
            yield Case(title, list(zip(bodies, sources, strict=True)), git(texts[0], "cat-file", "blob", text).decode())


def fits(case: Case) -> bool:
    """Whether the declared selectors match in every page."""
    try:
        return all(declared(body, source) for body, source in case.pages)
    except ExtractionError:
        return False


def read_sources(terms: dict[str, Any]) -> list[Source]:
    """The pages of one declared document; what a page does not say, the document says for it."""
    merged = [{**terms, **page} for page in terms.get("combine", [terms])]
    return [Source(page["fetch"], selectors(page.get("select")), selectors(page.get("remove"))) for page in merged]


def selectors(value: Any) -> tuple[Selector, ...]:
    """CSS selectors and ranges, from one or a list of them."""
    return tuple(
        one if isinstance(one, str) else a_range(one)
        for one in (value if isinstance(value, list) else [value] if value else [])
    )


def a_range(value: dict[str, str]) -> Range:
    """A range from its two borders."""
    start, end = value.get("startBefore") or value["startAfter"], value.get("endAfter") or value["endBefore"]
    return Range(start, end, "startBefore" in value, "endAfter" in value)


def document_id(url: str) -> str:
    """The name of a page's file within a document made of several pages."""
    return unquote(urlsplit(url).path).strip("/").replace("/", "-").removesuffix(".html")


def declared(body: bytes, source: Source) -> str:
    """Our text, by the declared selectors."""
    return text_of(extract(body, "text/html", source, source.fetch))


def automatic(body: bytes, source: Source) -> str:
    """Our text, by finding the main content."""
    return text_of(extract(body, "text/html", Source(source.fetch), source.fetch))


def plain_main(body: bytes, source: Source) -> str:
    """Our text of the `main` element."""
    return text_of(extract(body, "text/html", Source(source.fetch, ("main",)), source.fetch))


def peer(body: bytes, source: Source) -> str:
    """The text that trafilatura finds when told to lose as little as it can."""
    try:
        from trafilatura import extract as find
    except ImportError:
        return ""

    return find(body, favor_recall=True, include_comments=False, include_tables=True, deduplicate=False) or ""


def text_of(passages: list[Passage]) -> str:
    """One passage a line."""
    return "\n".join(passage.text for passage in passages)


def report(name: str, way: Way, cases: list[Case], verbose: bool) -> None:
    """Measure one way on every document."""
    seconds: list[float] = []
    scores = {case.title: score(case, way, seconds) for case in cases}
    f1s, recalls = [one[0] for one in scores.values()], [one[1] for one in scores.values()]
    bad = sum(f1 < 0.95 for f1 in f1s)
    print(f"{name:12} F1 median {median(f1s):.4f}, least {min(f1s):.3f}, under 0.95: {bad} of {len(f1s)};", end=" ")
    print(f"recall median {median(recalls):.4f};", end=" ")
    print(f"a page {median(seconds) * 1000:.0f} ms, at most {max(seconds) * 1000:.0f}")
    for title, (f1, recall, precision) in sorted(scores.items(), key=lambda item: item[1]):
        if verbose or (f1 < 0.95 and way in (declared, automatic)):
            print(f"    F1 {f1:.4f}  recall {recall:.4f}  precision {precision:.4f}  {title}")


def score(case: Case, way: Way, seconds: list[float]) -> tuple[float, float, float]:
    """F1, recall and precision of a document's words; the seconds of each page are added to the list."""
    parts = []
    for body, source in case.pages:
        began = time.perf_counter()
        try:
            parts.append(way(body, source))
        except ExtractionError:
            parts.append("")
        seconds.append(time.perf_counter() - began)
    ours, theirs = "\n".join(parts), plain(case.reference)
    if words(distinct(theirs)).total() < 0.6 * words(theirs).total():
        ours, theirs = distinct(ours), distinct(theirs)
    return compare(words(ours), words(theirs))


def distinct(text: str) -> str:
    """Each line once. A declaration that selects "div" has Open Terms Archive hold the page once for every nesting."""
    lines = (" ".join(WORD.findall(line.lower())) for line in text.splitlines())
    return "\n".join(dict.fromkeys(lines))


def plain(markdown: str) -> str:
    """Markdown without its markup."""
    for pattern, replacement in MARKUP:
        markdown = pattern.sub(replacement, markdown)
    return markdown


def is_error(markdown: bytes) -> bool:
    """Whether a recorded text only says that the page cannot be shown."""
    held = markdown_passages(markdown.decode(), link_target(""))
    return of_page(Answer(markdown, "text/html", "utf-8"), held) is not None


def words(text: str) -> Counter[str]:
    """The bag of words."""
    return Counter(WORD.findall(text.lower()))


def compare(ours: Counter[str], theirs: Counter[str]) -> tuple[float, float, float]:
    """F1, recall and precision of two bags of words."""
    shared = (ours & theirs).total()
    recall, precision = shared / max(1, theirs.total()), shared / max(1, ours.total())
    return 2 * recall * precision / max(recall + precision, 1e-9), recall, precision


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
