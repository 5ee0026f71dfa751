"""Answers for two texts held against each other: the plugin that brings the site the comparing of another room."""

from __future__ import annotations

from functools import lru_cache, partial

from jinja2 import Environment
from pluggy import HookimplMarker

from diffing.compare import compare
from pages import between
from pages.routes import ID, JSON, PART
from pages.serving import View, served

hookimpl = HookimplMarker("datasette")  # the marker that Datasette exports, with types

PAIRS = 4  # of texts whose edits are kept: who turns to the next part has just compared them
PAIR = "(?P<before>[0-9]{1,18})/(?P<after>[0-9]{1,18})"


class BetweenRoutes:
    """Serves /-/between/ and what leads there. `__name__` is by what Datasette lists it."""

    __name__ = "smallprint_between"

    @hookimpl
    def register_routes(self) -> list[tuple[str, View]]:
        """The two texts, by the ids of their versions, and by dates."""
        remembered = lru_cache(maxsize=PAIRS)(compare)
        return [
            (rf"^/-/between/{PAIR}{PART}{JSON}$", served(partial(between.page, compare=remembered))),
            (rf"^/-/document/{ID}/between{JSON}$", served(between.on_dates)),
        ]

    @hookimpl
    def prepare_jinja2_environment(self, env: Environment) -> None:
        """By this the pages of documents know that there is something to choose two dates for."""
        env.globals["between"] = True
