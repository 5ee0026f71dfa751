"""Lets requests out only to public addresses, and to the ranges that the operator allows.

Names are checked where they are resolved, so the address that was checked is the one connected to; redirects and
robots.txt pass the same way. What a browser asks for passes crawler.browser_gate, which asks here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from scrapy.exceptions import CannotResolveHostError
from scrapy.resolver import CachingHostnameResolver, HostResolution
from twisted.internet.interfaces import IResolutionReceiver
from zope.interface import implementer

from archive.settings import Settings
from archive.words import Outcome
from crawler import options
from crawler.outcome import Stopped

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # IPv4 behind NAT64
_UNICAST = ipaddress.ip_network("2000::/3")  # all of IPv6 that is given out; Python calls much of the rest global too
_SPECIAL = [  # ranges that some versions of Python still call global
    ipaddress.ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")
]


def allowed(address: str, networks: Sequence[Network]) -> bool:
    """Whether an IP address may be connected to: a public one, or one inside an allowed network."""
    parsed = _plain(ipaddress.ip_address(address.split("%")[0]))
    if any(parsed in network for network in networks):
        return True
    if (parsed.version == 6 and parsed not in _UNICAST) or any(parsed in network for network in _SPECIAL):
        return False
    return parsed.is_global and not parsed.is_multicast


def refusal(url: str) -> str:
    """Why an address (URL) is refused before any name is resolved; "" if it is not."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return f"only http and https are fetched, not {parts.scheme}:"
    if parts.username is not None or parts.password is not None:
        return "an address with a user name or password in it is not fetched"
    return ""


def proxy_hosts(own: Settings) -> frozenset[str]:
    """The hosts of the operator's proxies: these may be reached wherever they are, but not as pages."""
    return frozenset(urlsplit(proxy.url).hostname or "" for proxy in own.proxies)


def not_public(host: str, address: str) -> str:
    """The reason for refusing a host because of the address it is at."""
    place = f"{host} is at {address}, which" if host != address else host
    return f"{place} is not a public address"


class GuardedResolver(CachingHostnameResolver):
    """Resolves names for Scrapy and withholds the addresses that the gate does not allow."""

    def __init__(
        self, reactor: Any, cache_size: int, networks: Sequence[Network], proxies: frozenset[str] = frozenset()
    ):
        super().__init__(reactor, cache_size)
        self.networks, self.proxies = networks, proxies
        self.refused: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        """Made by Scrapy, once for each crawl."""
        size = crawler.settings.getint("DNSCACHE_SIZE")
        own = options.own(crawler.settings)
        return cls(reactor, size, own.allow_addresses, proxy_hosts(own))

    def resolveHostName(self, resolutionReceiver: Any, hostName: str, *args: Any, **more: Any) -> Any:  # noqa: N802, N803
        """Twisted's interface; the receiver hears of allowed addresses only."""
        guard: Any = _Guard(self, resolutionReceiver, hostName)
        if not _is_name(hostName):
            guard.resolutionBegan(resolution := HostResolution(hostName))
            guard.resolutionComplete()
            return resolution
        return super().resolveHostName(guard, hostName, *args, **more)


@implementer(IResolutionReceiver)
class _Guard:
    """Stands between the resolver and who asked."""

    def __init__(self, resolver: GuardedResolver, receiver: Any, host: str):
        self.resolver, self.receiver, self.host = resolver, receiver, host

    def resolutionBegan(self, resolution: Any) -> None:  # noqa: N802
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if self.host in self.resolver.proxies or allowed(address.host, self.resolver.networks):
            self.receiver.addressResolved(address)
        else:
            self.resolver.refused[self.host] = address.host

    def resolutionComplete(self) -> None:  # noqa: N802
        self.receiver.resolutionComplete()


class AddressGate:
    """The downloader middleware: refuses bad addresses at once and explains what the resolver withheld."""

    def __init__(self, crawler: Crawler):
        self.proxies = proxy_hosts(options.own(crawler.settings))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Made by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raises Stopped with the reason where the address is refused."""
        reason = refusal(request.url)
        if urlsplit(request.url).hostname in self.proxies:  # the resolver lets these names through, for the proxy alone
            reason = "a host that is a proxy in the settings is not asked for pages"
        if reason:
            raise Stopped(Outcome.REFUSED, reason)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Turns "not found" into the true reason where the gate withheld every address of the host."""
        from twisted.internet import reactor

        host = urlsplit(request.url).hostname or ""
        withheld = getattr(reactor, "nameResolver", None)
        if isinstance(exception, CannotResolveHostError) and isinstance(withheld, GuardedResolver):
            address = withheld.refused.get(host)
            if address:
                raise Stopped(Outcome.REFUSED, not_public(host, address)) from exception


def _is_name(host: str) -> bool:
    """Whether a resolver can be asked; Twisted's would never answer for "a..b"."""
    try:
        return b"\0" not in host.encode("idna")
    except UnicodeError:
        return False


def _plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, else the address itself.

    Teredo is left as it is, and so refused: the addresses in it say little about where packets go.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(address.packed[12:])
    return address.ipv4_mapped or address.sixtofour or address
