"""Real servers on loopback that take what the channels of notifications send, each in a module of its own."""

from tests.channels.mail import Mail, MailServer, running_mail_server
from tests.channels.mastodon import MastodonMock, Snac, running_mastodon_mock, running_snac
from tests.channels.matrix import Homeserver, Room, User, running_homeserver
from tests.channels.ntfy import Ntfy, running_ntfy
from tests.channels.receiver import Receiver, Reply, Request, Step, running_receiver
from tests.channels.tls import Authority

__all__ = [
    "Authority",
    "Homeserver",
    "Mail",
    "MailServer",
    "MastodonMock",
    "Ntfy",
    "Receiver",
    "Reply",
    "Request",
    "Room",
    "Snac",
    "Step",
    "User",
    "running_homeserver",
    "running_mail_server",
    "running_mastodon_mock",
    "running_ntfy",
    "running_receiver",
    "running_snac",
]
