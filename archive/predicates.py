"""Turns one flag into what a change does, as a subject and a direction, and these into plain words by a table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from archive import cues
from archive.severity import is_on_training, weights
from archive.words import Edit, Effect, Flag, Mechanism, Reading, Severity, Topic


class Way(StrEnum):
    """What happens to the subject. MORE and LESS: it is altered so that the company may more, or less."""

    COMES = "comes"
    GOES = "goes"
    ALTERS = "alters"
    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a flag says of a change. `training` tells a flag on AI training, or one on consent to it.

    `learns` is false where AI is improved and no word says that it is trained. `in_use` tells agreement by using.
    """

    subject: str
    way: Way
    training: bool
    learns: bool = True
    in_use: bool = False


# {train} is "train AI models on posts", {training} "training AI models on posts", {short} "AI training"; {of}, {to} and
# {on} are " of AI training" and so on, or nothing; {use} is " when you use it" or nothing.
WORDS: dict[str, dict[Way, str]] = {
    "permission": {
        Way.COMES: "may now {train}",
        Way.GOES: "no longer says that it may {train}",
        Way.ALTERS: "changes what it says about {training}",
        Way.MORE: "now allows itself more in {training}",
        Way.LESS: "now allows itself less in {training}",
    },
    "promise": {
        Way.COMES: "now promises not to {train}",
        Way.GOES: "no longer promises not to {train}",
        Way.ALTERS: "changes its promise not to {train}",
        Way.MORE: "weakens its promise not to {train}",
        Way.LESS: "strengthens its promise not to {train}",
    },
    "limit": {
        Way.COMES: "now sets limits on {training}",
        Way.GOES: "drops a limit on {training}",
        Way.ALTERS: "changes the limits it sets on {training}",
    },
    "details": {
        Way.COMES: "adds details on {training}",
        Way.GOES: "takes out details on {training}",
        Way.ALTERS: "says anew how {short} is done",
    },
    Mechanism.OPT_OUT: {
        Way.COMES: "now lets you opt out{of}",
        Way.GOES: "no longer offers to opt out{of}",
        Way.ALTERS: "changes how to opt out{of}",
    },
    Mechanism.OPT_IN: {
        Way.COMES: "now says that it asks for your consent{to}",
        Way.GOES: "no longer says that it asks for your consent{to}",
        Way.ALTERS: "changes what it asks your consent for{on}",
    },
    Mechanism.DEEMED: {
        Way.COMES: "now presumes your agreement{to}{use}",
        Way.GOES: "no longer presumes your agreement{to}{use}",
        Way.ALTERS: "changes how it presumes your agreement{to}",
    },
    Mechanism.WITHDRAW: {
        Way.COMES: "now says that you can withdraw consent{to}",
        Way.GOES: "no longer says that you can withdraw consent{to}",
        Way.ALTERS: "changes how to withdraw consent{to}",
    },
    Mechanism.DEFAULT: {
        Way.COMES: "now says what is set by default{on}",
        Way.GOES: "no longer says what is set by default{on}",
        Way.ALTERS: "changes what it says is set by default{on}",
    },
    "consent": {
        Way.COMES: "adds words on consent",
        Way.GOES: "takes out words on consent",
        Way.ALTERS: "changes its words on consent",
    },
}
ORDER = (Mechanism.DEEMED, Mechanism.WITHDRAW, Mechanism.OPT_OUT, Mechanism.DEFAULT, Mechanism.OPT_IN)
OPPOSITE = {Way.COMES: Way.GOES, Way.GOES: Way.COMES, Way.MORE: Way.LESS, Way.LESS: Way.MORE}
ELSE_GOES = "takes out a way to opt out"  # of anything but training


def stated(flag: Flag, edit: Edit, reading: Reading) -> Statement:
    """What the flag says of the change that its edit is part of."""
    other = edit.before if flag.side == "after" else edit.after
    if flag.topic is Topic.CONSENT:
        return _of_consent(flag, other, reading)
    learns = cues.trains(flag.quote) or "train" in flag.rule
    subject, way = _of_training(flag, cues.about_training(other), reading)
    return Statement(subject, way, training=True, learns=learns)


def told(statement: Statement, what: str = "") -> str:
    """The statement as what stands after the name of the service: "may now train AI models on posts"."""
    learns = statement.learns
    verb, noun, link = (
        ("train AI models", "training AI models", "on") if learns else ("improve AI", "improving AI", "with")
    )
    ending = f" {link} {what}" if what else ""
    short = "AI training" if learns else "the improvement of AI"
    pieces = {"train": verb + ending, "training": noun + ending, "short": short}
    about = {"of": f" of {short}", "to": f" to {short}", "on": f" on {short}"} if statement.training else {}
    if (statement.subject, statement.way, statement.training) == (Mechanism.OPT_OUT, Way.GOES, False):
        return ELSE_GOES
    use = " when you use it" if statement.in_use else ""
    return WORDS[statement.subject][statement.way].format(**{"of": "", "to": "", "on": "", "use": use} | pieces | about)


def is_plain(statement: Statement) -> bool:
    """Whether it should say what data it is about, whatever that is."""
    return statement.subject in ("permission", "promise") and statement.way in (Way.COMES, Way.GOES)


def paired(statement: Statement, ways: Collection[tuple[str, Way]]) -> Statement:
    """The statement, or where its subject comes at one place and goes at another: that it alters.

    `ways` are the subjects of the whole change with what happens to them.
    """
    meets = (statement.subject, OPPOSITE.get(statement.way)) in ways
    if not meets or Way.ALTERS not in WORDS[statement.subject]:
        return statement
    return Statement(statement.subject, Way.ALTERS, statement.training, statement.learns)


def _of_training(flag: Flag, other: Sequence[str], reading: Reading) -> tuple[str, Way]:
    """Subject and way of a flag on AI training; `other` are the sentences on it that stand on the other side."""
    came, quote = flag.side == "after", flag.quote
    if flag.effect not in (Effect.PERMITS, Effect.RESTRICTS):
        return "details", Way.ALTERS if other else _way(came)
    grows = flag.effect is Effect.PERMITS
    if came is grows:
        also = any(not cues.denies(one) and not cues.refuses(one) for one in other)
        return "permission", (Way.MORE if grows else Way.LESS) if also else _way(came)
    if any(fact.kind.startswith("exempt") and fact.quote == quote for fact in reading.facts):
        return "limit", _way(came)
    if cues.refuses(quote) and (not came or _offers(reading)):
        return Mechanism.OPT_OUT, Way.ALTERS if any(map(cues.refuses, other)) else _way(came)
    if cues.denies(quote):
        also = any(map(cues.denies, other))
        return "promise", (Way.MORE if grows else Way.LESS) if also else _way(came)
    return "limit", _way(came)


def _of_consent(flag: Flag, other: str, reading: Reading) -> Statement:
    """The mechanism that matters most, of several the one that the quote names."""
    if not flag.mechanisms:
        return Statement("consent", Way.ALTERS if other else _way(flag.side == "after"), training=False)
    on_training = is_on_training(flag, reading)
    weighed = weights(flag, on_training)
    most = next(one for one in Severity if one in weighed.values())
    top = [one for one in ORDER if weighed.get(one) is most]
    mechanism = next((one for one in top if cues.names(one, flag.quote)), top[0])
    stays = bool(other) and (cues.names(mechanism, other) or not cues.names(mechanism, flag.quote))
    way = Way.ALTERS if stays else _way(flag.side == "after")
    named = cues.trains(flag.quote) or any(one.quote == flag.quote for one in reading.flags if one is not flag)
    training = named and on_training
    return Statement(mechanism, way, training, in_use=mechanism is Mechanism.DEEMED and cues.uses(flag.quote))


def _offers(reading: Reading) -> bool:
    """Whether a flag of the edit tells a way to refuse."""
    return any(one in flag.mechanisms for flag in reading.flags for one in (Mechanism.OPT_OUT, Mechanism.WITHDRAW))


def _way(came: bool) -> Way:
    return Way.COMES if came else Way.GOES
