"""Makes each server of the channels a fixture: the big ones are started once in a worker, when a test first asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.channels.mail import MailServer, running_mail_server
from tests.channels.mastodon import MastodonMock, Snac, SnacServer, running_mastodon_mock, running_snac
from tests.channels.matrix import Homeserver, running_homeserver
from tests.channels.ntfy import Ntfy, running_ntfy
from tests.channels.receiver import Receiver, running_receiver
from tests.channels.tls import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whose certificates the TLS servers have."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def homeserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    """Synapse. A test makes a room of its own."""
    with running_homeserver(tmp_path_factory.mktemp("synapse")) as server:
        yield server


@pytest.fixture(scope="session")
def snac_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnacServer]:
    """snac2 without users; what tests want is `snac`."""
    with running_snac(tmp_path_factory.mktemp("snac")) as server:
        yield server


@pytest.fixture
def snac(snac_server: SnacServer) -> Snac:
    """A new user of snac2."""
    return snac_server.account()


@pytest.fixture(scope="session")
def mock_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MastodonMock]:
    """mastodon-mock as the last test has left it; what tests want is `mastodon_mock`."""
    with running_mastodon_mock(tmp_path_factory.mktemp("mock")) as server:
        yield server


@pytest.fixture
def mastodon_mock(mock_server: MastodonMock) -> MastodonMock:
    """mastodon-mock without posts and faults."""
    mock_server.reset()
    return mock_server


@pytest.fixture(scope="session")
def ntfy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ntfy]:
    """ntfy. A test chooses a topic of its own."""
    with running_ntfy(tmp_path_factory.mktemp("ntfy")) as server:
        yield server


@pytest.fixture
def mail_starttls(authority: Authority) -> Iterator[MailServer]:
    """A mail server that wants STARTTLS."""
    with running_mail_server(authority) as server:
        yield server


@pytest.fixture
def mail_tls(authority: Authority) -> Iterator[MailServer]:
    """A mail server with TLS from the start."""
    with running_mail_server(authority, implicit=True) as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An HTTP receiver that answers 200 until its script is set."""
    with running_receiver() as server:
        yield server


@pytest.fixture
def tls_receiver(authority: Authority) -> Iterator[Receiver]:
    """The same over HTTPS."""
    with running_receiver(authority=authority) as server:
        yield server
