"""What a pattern finds is put into one form: paths, addresses, regions apart from groups."""

from __future__ import annotations

import pytest

from diffing.fact_values import exempted, path, plain, trimmed


@pytest.mark.parametrize(
    "written",
    [
        "Settings > Privacy > Training",
        "Settings→Privacy › “Training”",
        "Settings, then Privacy, and switch off “Training”",
    ],
)
def test_a_path_has_one_form(written: str) -> None:
    assert path(written) == "Settings > Privacy > Training"


@pytest.mark.parametrize(
    ("text", "with_links"),
    [
        ("Use [our form](https://quillo.example/no).", "Use our form (https://quillo.example/no)."),
        ("See [https://quillo.example/no](https://quillo.example/no/).", "See https://quillo.example/no/."),
        ("Ask [us](mailto:no@quillo.example?subject=no).", "Ask us (no@quillo.example)."),
        ("Ask [no@quillo.example](mailto:no@quillo.example).", "Ask no@quillo.example."),
        ("See [above](#choices).", "See above."),
        ("Ask [\\[email protected\\]](https://quillo.example/cdn-cgi/l/email-protection).", "Ask [email protected]."),
    ],
)
def test_a_target_stands_behind_its_words(text: str, with_links: str) -> None:
    assert plain(text, True).replace("\\", "") == with_links


def test_without_links_only_words_are_left() -> None:
    assert plain("**Use** [our form](https://quillo.example/a\\_b) <br> my\\_notes", False) == "Use our form  my_notes"


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        (" users in the U.K., ", "users in the U.K."),
        ("the EU.", "the EU"),
        ("our form)", "our form"),
        ("our form (https://quillo.example/no", "our form (https://quillo.example/no)"),
        ("our notes (and", "our notes"),
        ("visit\u00a0 our page", "visit our page"),
    ],
)
def test_what_hangs_on_is_cut_off(value: str, clean: str) -> None:
    assert trimmed(value) == clean


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("the EU, UK and Norway", [("the EU, UK and Norway", ("EU", "GB", "NO"))]),
        ("minors", [("minors", ())]),
        ("schools in Norway", [("schools in Norway", ("NO",))]),
        ("schools and businesses", [("schools and businesses", ())]),
        ("schools and businesses in Norway", [("schools and businesses in Norway", ("NO",))]),
        ("Team customers and users in the EU", [("Team customers", ()), ("users in the EU", ("EU",))]),
        ("users in the EU, or to minors", [("users in the EU", ("EU",)), ("minors", ())]),
        ("Japan and other countries with such laws", [("Japan and other countries with such laws", ("JP",))]),
    ],
)
def test_regions_and_groups_are_told_apart(value: str, parts: list[tuple[str, tuple[str, ...]]]) -> None:
    assert exempted(value) == parts
