"""Sends a letter to rooms of Matrix, as one event in each, with the client library matrix-nio."""

from __future__ import annotations

import asyncio
import hashlib
import re
import ssl
from collections.abc import Awaitable
from typing import Any

from aiohttp import ClientConnectorError
from nio import AsyncClient, AsyncClientConfig, ErrorResponse, Response

from archive.targets import Target
from notify import anywhere
from notify.addresses import discreet, parsed
from notify.carrier import DeliveryError, Parcel
from notify.room_event import content

CLIENT = AsyncClientConfig(  # it neither waits nor tries again: that is the outbox's
    max_limit_exceeded=0, max_timeouts=0, request_timeout=30, encryption_enabled=False, store_sync_tokens=False
)
NOT_REACHED = "the homeserver was not reached"
NOT_BELIEVED = "the homeserver does not accept the password or access token"
ENCRYPTED = "the room is encrypted: Smallprint does not encrypt, use a room that is not"

_tokens = dict[str, str]()  # by address: to log in for every message would soon be too often for a homeserver


def send(target: Target, parcel: Parcel) -> None:
    """Raises DeliveryError. All rooms are entered before anything is sent; the receipts are their ids.

    The transaction id is the message's id with the room's, so that a homeserver makes one event of several tries.
    What is addressed to people or to webhooks goes through Apprise.
    """
    plugin = parsed(target.url)
    if plugin is None:
        raise DeliveryError("the address of this target is not understood", down=True)
    if plugin.mode != "off" or plugin.users:
        return anywhere.send(target, parcel)
    with discreet():
        fault = asyncio.run(_delivered(target, plugin, parcel))
    if fault:
        raise fault
    return None


async def _delivered(target: Target, plugin: Any, parcel: Parcel) -> DeliveryError | None:
    """What went wrong, if anything; without the errors of the library, which name hosts."""
    try:
        base = plugin.base_url  # where the host says that its homeserver is
    except Exception:
        return DeliveryError(NOT_REACHED, down=True)
    trust = ssl.create_default_context() if plugin.verify_certificate else False
    device = f"SMALLPRINT-{hashlib.sha256(target.name.encode()).hexdigest()[:8]}"  # one for a target, however often
    client = AsyncClient(base, plugin.user or "", device, config=CLIENT, ssl=trust)
    try:
        await _Account(client, plugin, target.url).deliver(parcel)
    except DeliveryError as error:
        error.__context__ = None
        return error
    finally:
        await client.close()
    return None


class _Account:
    """Who sends, on a homeserver."""

    def __init__(self, client: AsyncClient, plugin: Any, address: str):
        self.client, self.plugin, self.address = client, plugin, address
        self.joined: list[str] = []

    async def deliver(self, parcel: Parcel) -> None:
        """Raises DeliveryError."""
        await self._log_in()
        self.joined = (await self._good(self.client.joined_rooms())).rooms
        rooms = [await self._entered(name) for name in self.plugin.rooms or self.joined]
        written = content(parcel.letter, "m.text" if re.search(r"[?&]msgtype=text\b", self.address) else "m.notice")
        name = parcel.letter.reference
        for room in dict.fromkeys(rooms):
            if room not in parcel.receipts:
                put = self.client.room_send(room, "m.room.message", written, f"{name}-{room}" if name else None)
                await self._good(put, "the account may not write in the room", is_message=True)
                parcel.confirm(room)

    async def _log_in(self) -> None:
        """By the token of the address, by that of an earlier message, or by password."""
        client, plugin = self.client, self.plugin
        client.access_token = _tokens.get(self.address, "") if plugin.user else plugin.password or ""
        if client.access_token:
            who = await self._answer(client.whoami())
            if not isinstance(who, ErrorResponse):
                client.user_id = who.user_id
                return
            if not plugin.user or _status(who) != 401:
                raise _fault(who, NOT_BELIEVED)
            client.access_token = ""
        await self._good(client.login(plugin.password or "", "Smallprint"), NOT_BELIEVED)
        _tokens[self.address] = client.access_token

    async def _entered(self, name: str) -> str:
        """The id of a room that is open to us; its name is an alias or an id, with or without the server."""
        server = self.client.user_id.partition(":")[2]
        whole = name if ":" in name else f"{name}:{server}"
        if name.startswith("!"):
            room = await self._joined_by_id(dict.fromkeys((name, whole)))
        else:
            room = await self._joined_by_alias(whole if whole.startswith("#") else f"#{whole}")
        found = await self._answer(self.client.room_get_state_event(room, "m.room.encryption"))
        if _status(found) == 200:
            raise DeliveryError(ENCRYPTED, down=True)
        if _status(found) != 404:  # the library calls any answer to this a good one
            raise _fault(found, "the account may not read the room")
        return room

    async def _joined_by_id(self, ids: dict[str, None]) -> str:
        """Rooms of version 12 have ids without a server; those of earlier versions have one."""
        for room in ids:
            if room in self.joined:
                return room
        for room in ids:
            answer = await self._answer(self.client.join(room))
            if not isinstance(answer, ErrorResponse):
                return str(answer.room_id)
        raise _fault(answer, "the account cannot enter the room", (400, 403, 404))

    async def _joined_by_alias(self, alias: str) -> str:
        room = str((await self._good(self.client.room_resolve_alias(alias), "there is no such room")).room_id)
        if room not in self.joined:
            await self._good(self.client.join(alias), "the account cannot enter the room")
        return room

    async def _good(self, call: Awaitable[Any], denied: str = "", is_message: bool = False) -> Any:
        """An answer that is none of an error. Raises DeliveryError."""
        answer = await self._answer(call, is_message)
        if isinstance(answer, ErrorResponse):
            raise _fault(answer, denied, is_message=is_message)
        return answer

    async def _answer(self, call: Awaitable[Any], is_message: bool = False) -> Any:
        """Whatever is answered. Raises DeliveryError where nothing is."""
        try:
            return await call
        except ClientConnectorError:
            fault = DeliveryError(NOT_REACHED, down=True)
        except Exception:  # a fault inside the library costs one try, not the other messages
            unknown = DeliveryError("the homeserver did not answer", unknown=True)
            fault = unknown if is_message else DeliveryError(NOT_REACHED, down=True)
        raise fault


def _status(answer: Response) -> int:
    return answer.transport_response.status if answer.transport_response else 0


def _fault(
    answer: Response, denied: str, statuses: tuple[int, ...] = (403, 404), is_message: bool = False
) -> DeliveryError:
    """What an error means, in words that name no host, room or person; `denied` is for these statuses."""
    status = _status(answer)
    if status == 429:
        return DeliveryError("the homeserver asks to be left alone for a while", down=True, after=_wait(answer))
    if status == 401:
        return DeliveryError(NOT_BELIEVED, down=True)
    if denied and status in statuses:
        return DeliveryError(denied, down=True)
    if is_message and status in (400, 413):
        return DeliveryError("the homeserver refused the message", refused=True)
    if status < 300:
        return DeliveryError("the homeserver's answer could not be read", unknown=is_message)
    return DeliveryError(f"the homeserver answered with {status}", unknown=is_message and status == 504)


def _wait(answer: Response) -> float:
    """The seconds that the homeserver asks for; 0 where it says nothing of use."""
    headers = answer.transport_response.headers if answer.transport_response else {}
    named = headers.get("Retry-After", "")
    return max((getattr(answer, "retry_after_ms", None) or 0) / 1000, float(named) if named.isdecimal() else 0.0)
