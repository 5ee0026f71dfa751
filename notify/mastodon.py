"""Posts a letter to a server with Mastodon's API: what everyone must read, and the rest as a thread of replies."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
import urllib3
from mastodon import Mastodon
from mastodon.errors import MastodonAPIError, MastodonError
from urllib3.exceptions import ConnectTimeoutError, InsecureRequestWarning, NewConnectionError, ProxyError

from archive.targets import Target
from notify.addresses import discreet, parsed
from notify.carrier import DeliveryError, Parcel
from notify.posts import Limit, again, posts

CONNECT, ANSWER = 10, 30  # seconds
MOST_CHARACTERS = 1000  # of a post, on servers that take long ones
LEAST_CHARACTERS = 300  # a server that says it takes no more is not believed


def send(target: Target, parcel: Parcel) -> None:
    """Raises DeliveryError. Each post has the id of the message and its number as Idempotency-Key.

    A server that honours it shows a post once, however often it is sent; others show a second one with the mark of
    `posts.again` where the answer to the first did not come. The receipts are the ids of the posts.
    """
    plugin = parsed(target.url)
    if plugin is None:
        raise DeliveryError("the address of this target is not understood", down=True)
    fault = None
    with discreet():
        server = _Server(plugin)
        try:
            server.post(parcel, target)
        except MastodonError as error:
            fault = server.fault(error)
    if fault:
        raise fault


class _Session(requests.Session):
    """One that does not look at certificates where it shall not, also where the environment names some."""

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        return super().merge_environment_settings(url, proxies, stream, verify, cert) | (
            {} if self.verify else {"verify": False}
        )


class _Server:
    """An account on a server, and the last answer that came from there."""

    def __init__(self, plugin: Any):
        self.plugin = plugin
        self.answer: requests.Response | None = None
        self.is_posting = False
        session = _Session()
        session.verify = plugin.verify_certificate
        session.max_redirects = 0
        session.hooks["response"].append(self._hear)
        if not session.verify:
            urllib3.disable_warnings(InsecureRequestWarning)  # they name the host
        self.client = Mastodon(
            access_token=plugin.token,
            api_base_url=plugin.api_url,
            session=session,
            request_timeout=(CONNECT, ANSWER),  # type: ignore[arg-type]  # it is handed on to requests
            ratelimit_method="throw",
            feature_set="pleroma",  # this lets us say that a post is plain text, to servers that know other kinds
            user_agent="smallprint",
        )

    def post(self, parcel: Parcel, target: Target) -> None:
        """Posts what no receipt stands for yet. Raises MastodonError."""
        letter, ids = parcel.letter, list(parcel.receipts)
        people, tags = self._named()
        limit = self._limit(len(people) + len(self.plugin.spoiler or ""))
        texts = posts(letter, limit, (*letter.hashtags, *tags))
        for number in range(len(ids), len(texts)):
            maybe = letter.repeated and number == len(parcel.receipts)
            text = again(texts[number], letter.frame) if maybe else texts[number]
            key = f"{letter.reference}-{number + 1}" if letter.reference else None
            ids.append(self._post(people + text, ids[-1:], key, letter.frame.language))
            parcel.confirm(ids[-1])

    def fault(self, error: MastodonError) -> DeliveryError:
        """What an error means, in words that name neither host nor token."""
        status = self.answer.status_code if self.answer is not None else 0
        if not status:
            return self._unanswered(error.__context__)
        if status in (401, 403):
            return DeliveryError("the server does not accept the access token", down=True)
        if status == 422:
            return DeliveryError("the server refused the post", refused=True)
        if status == 429:
            return DeliveryError("the server asks to be left alone for a while", down=True, after=self._wait())
        if status < 300:
            return DeliveryError("the server's answer could not be read", unknown=self.is_posting)
        return DeliveryError(f"the server answered with {status}", unknown=self.is_posting and status == 504)

    def _named(self) -> tuple[str, list[str]]:
        """Whom every post mentions, and further hashtags, as the address says."""
        names = [*self.plugin.targets, *self.plugin.hashtags, *self.plugin.ping]
        people = " ".join(name for name in names if name.startswith("@"))
        return f"{people}\n" * bool(people), [name.removeprefix("#") for name in names if name.startswith("#")]

    def _limit(self, taken: int) -> Limit:
        """How long a post may be, as the server says, less what is taken of it. Old servers know one question only."""
        for ask in (self.client.instance_v2, self.client.instance_v1):
            try:
                said = _table(_table(self._asked(ask), "configuration"), "statuses")
            except MastodonAPIError:
                continue
            stated = Limit(_number(said.get("max_characters")), _number(said.get("characters_reserved_per_url")))
            if stated.characters >= LEAST_CHARACTERS:
                return Limit(min(stated.characters, MOST_CHARACTERS) - taken, stated.link)
        return Limit(Limit().characters - taken)

    def _post(self, text: str, above: list[str], key: str | None, language: str) -> str:
        """The id of a post, below another."""
        self.is_posting = True
        made = self._asked(
            self.client.status_post,
            status=text,
            in_reply_to_id=above[0] if above else None,
            visibility=None if self.plugin.visibility == "default" else self.plugin.visibility,
            spoiler_text=self.plugin.spoiler,
            language=self.plugin.language or language,
            idempotency_key=key,
            content_type="text/plain",
        )
        if not made.get("id"):
            raise MastodonAPIError("a post without an id")
        return str(made["id"])

    def _asked(self, ask: Callable[..., Any], **named: Any) -> Mapping[str, Any]:
        """What the server answers. Raises MastodonError, also where the library stumbles over what it is told."""
        self.answer = None
        try:
            said = ask(**named)
        except MastodonError:
            raise
        except Exception as error:
            raise MastodonAPIError("nonsense") from error
        finally:
            self.client.session.close()  # a server may hang up without a word after any answer
        if not isinstance(said, Mapping):
            raise MastodonAPIError("no object")
        return said

    def _hear(self, answer: requests.Response, **_: Any) -> None:
        self.answer = answer

    def _unanswered(self, cause: BaseException | None) -> DeliveryError:
        if self.is_posting and not _is_unsent(cause):
            return DeliveryError("the server did not answer", unknown=True)
        return DeliveryError("the server was not reached", down=True)

    def _wait(self) -> float:
        """The seconds that the server asks for; 0 where it says nothing of use."""
        named = self.answer.headers.get("Retry-After", "") if self.answer is not None else ""
        reset = (self.client.ratelimit_reset or 0) - time.time()
        return max(0.0, reset, float(named) if named.isdecimal() else 0.0)


def _table(said: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = said.get(key)
    return found if isinstance(found, Mapping) else {}


def _number(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _is_unsent(cause: BaseException | None) -> bool:
    """Whether no connection came about, so that nothing can have left."""
    reason = getattr(cause.args[0], "reason", None) if cause is not None and cause.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError | ProxyError)
