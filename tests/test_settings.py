"""The settings file: what it says is read, what it cannot say is refused in one line, and no secret is repeated."""

from __future__ import annotations

import ipaddress
from datetime import time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archive import settings
from archive.errors import SettingsError
from archive.hours import Quiet, Schedule
from archive.settings import Waits
from archive.targets import Mode, Target
from archive.words import Severity, Topic

BERLIN = ZoneInfo("Europe/Berlin")
SECRET = "mailto://user:hunter2@mail.example/token-4711"
FULL = f"""
archive = "store/archive.db"
contact = "  ops@quillo.example "
services = ["Quillo", "Brill"]
declarations = ["mine", "/srv/declarations"]

[crawl]
delay = 5
interval = "45m"
allow_addresses = ["10.0.0.0/8", "fd00::/8"]
browser = "/opt/chrome"

[proxies]
frankfurt = "http://user:hunter2@proxy.example:8080"
oslo = {{ env = "OSLO_PROXY" }}

[[target]]
name = "mail"
url = "{SECRET}"

[notify]
silence = "36h"
remind = "14d"
timezone = "Europe/Berlin"
site = "https://watch.quillo.example/archive/"
hub = "https://hub.quillo.example/"

[[target]]
name = "chat"
url_env = "CHAT_URL"
topics = ["consent"]
services = ["Quillo"]
severity = "medium"
regions = ["eu", "GB"]
language = "en"
mode = "digest"
schedule = "mon 07:30"
digest = false
quiet = "22:00-07:00"
public = true
hashtags = ["#privacy", "KI_Training"]
secret_env = "CHAT_SECRET"
"""
COMPLAINTS = {
    "colour = 1": "colour: unknown key; known are archive, contact",
    "archive = 1": "archive: a text is expected here",
    'archive = ""': "archive: a path is expected",
    'archive = "~nobody-of-this-name/a.db"': "archive: '~nobody-of-this-name/a.db' cannot be a path",
    'archive = "a\\u0000b"': "archive: 'a\\x00b' cannot be a path",
    "contact = true": "contact: a text is expected here",
    'services = "Quillo"': "services: a list is expected here",
    "services = [1]": "services: a list of texts is expected",
    "declarations = [[]]": "declarations: a list of texts is expected",
    "crawl = 1": "crawl: a table is expected here",
    "crawl.speed = 1": "crawl.speed: unknown key; known are delay, interval, allow_addresses, browser",
    'crawl.delay = "2"': "crawl.delay: a number is expected here",
    "crawl.delay = true": "crawl.delay: seconds between two requests",
    "crawl.delay = -1": "crawl.delay: seconds between two requests",
    "crawl.delay = 3601": "crawl.delay: seconds between two requests",
    "crawl.delay = nan": "crawl.delay: seconds between two requests",
    "crawl.delay = inf": "crawl.delay: seconds between two requests",
    "crawl.interval = 12": "crawl.interval: a text is expected here",
    'crawl.interval = "12"': 'crawl.interval: a time from "1s" to "7d", such as "45m" or "12h"',
    'crawl.interval = "0s"': "crawl.interval: a time from",
    'crawl.interval = "8d"': "crawl.interval: a time from",
    'crawl.interval = "-1h"': "crawl.interval: a time from",
    'crawl.interval = "999999999d"': "crawl.interval: a time from",
    'gate.confirm = "soon"': 'gate.confirm: a time from "0s" to "7d"',
    'gate.removal = "5m"': 'gate.removal: a time from "10m" to "7d"',
    'gate.longest = "1h"': 'gate.longest: a time from "1d" to "7d"',
    'gate.digest = "1h"': 'gate.digest: a time from "1d" to "31d"',
    "gate.pause = 1": "gate.pause: unknown key; known are confirm, removal, longest, digest",
    "notify = 1": "notify: a table is expected here",
    "notify.sound = 1": "notify.sound: unknown key; known are silence, remind, timezone, site, hub",
    'notify.silence = "5m"': 'notify.silence: a time from "1h" to "31d"',
    'notify.remind = "1h"': 'notify.remind: a time from "1d" to "90d"',
    'notify.timezone = "Mars/Olympus"': "notify.timezone: 'Mars/Olympus' is no time zone",
    'notify.timezone = "../etc/passwd"': "notify.timezone: '../etc/passwd' is no time zone",
    'notify.site = "watch.example.org"': "notify.site: an address is expected, such as",
    'notify.site = "ftp://watch.example.org"': "notify.site: an address is expected",
    'notify.hub = "https://user:hunter2@hub.example"': "notify.hub: an address is expected",
    "proxies = []": "proxies: a table is expected here",
    "proxies.a = 1": 'proxies.a: an address is expected, "http://user:password@host:port"',
    'proxies.a = "proxy.example:8080"': "proxies.a: an address is expected",
    'proxies.a = "https://proxy.example:8080"': "proxies.a: an address is expected",
    'proxies.a = "http://proxy.example"': "proxies.a: an address is expected",
    'proxies.a = "http://proxy.example:x"': "proxies.a: an address is expected",
    'proxies.a = "http://proxy.example:80/path"': "proxies.a: an address is expected",
    'proxies.a = { env = "SMALLPRINT_UNSET" }': "proxies.a: the environment variable 'SMALLPRINT_UNSET' is not set",
    "proxies.a = { env = 1 }": "proxies.a: env: a text is expected here",
    'proxies.a = { url = "x" }': "proxies.a: url: unknown key; known are env",
    'crawl.allow_addresses = "10.0.0.0/8"': "crawl.allow_addresses: a list is expected here",
    "crawl.allow_addresses = [10]": "crawl.allow_addresses: a list of texts is expected",
    'crawl.allow_addresses = ["10.0.0.1/8"]': "crawl.allow_addresses: 10.0.0.1/8 has host bits set",
    'crawl.allow_addresses = ["localhost"]': "crawl.allow_addresses: 'localhost' does not appear to be",
    "crawl.browser = 1": "crawl.browser: a path, true or false is expected here",
    'crawl.browser = ""': "crawl.browser: a path is expected, not an empty text",
    "target = 1": "target: a list is expected here",
    "target = [1]": "targets are written as [[target]]",
    "[target]": "target: a list is expected here",
    "[[target]]": "target 1: name is missing",
    '[[target]]\nname = ""': "target 1: name is missing",
    "[[target]]\nname = 7": "target 1: name: a text is expected here",
    '[[target]]\nname = "a"': "target 1: url (an Apprise address) or url_env",
    '[[target]]\nname = "a"\nurl = ""': "target 1: url (an Apprise address) or url_env",
    '[[target]]\nname = "a"\nurl_env = "SMALLPRINT_UNSET"': "target 1: the environment variable SMALLPRINT_UNSET",
    '[[target]]\nname = "a"\nurl_env = 1': "target 1: url_env: a text is expected here",
    '[[target]]\nname = "a"\nkey = 1': "target 1: key: unknown key; known are name, url, url_env, topics, services",
    '[[target]]\nname = "a"\nurl = "x:"\ntopics = ["cookies"]': "'cookies' is not one of ai-training, consent",
    '[[target]]\nname = "a"\nurl = "x:"\ntopics = [1]': "target 1: topics: a list of texts is expected",
    '[[target]]\nname = "a"\nurl = "x:"\nseverity = "grave"': "severity: 'grave' is not one of high, medium, low",
    '[[target]]\nname = "a"\nurl = "x:"\nregions = ["Atlantis"]': "target 1: regions: 'Atlantis' is no code",
    '[[target]]\nname = "a"\nurl = "x:"\nlanguage = "tlh"': "target 1: language: 'tlh' is not one of ",
    '[[target]]\nname = "a"\nurl = "x:"\nmode = "often"': "target 1: mode: 'often' is not one of each, digest",
    '[[target]]\nname = "a"\nurl = "x:"\nschedule = "8:00"': 'target 1: schedule: write "08:00", every day',
    '[[target]]\nname = "a"\nurl = "x:"\nschedule = "noon"': 'target 1: schedule: write "08:00", every day',
    '[[target]]\nname = "a"\nurl = "x:"\nschedule = "may 08:00"': 'target 1: schedule: write "08:00", every day',
    '[[target]]\nname = "a"\nurl = "x:"\nquiet = "22:00"': 'target 1: quiet: write such as "22:00-07:00"',
    '[[target]]\nname = "a"\nurl = "x:"\nquiet = "07:00-07:00"': 'target 1: quiet: write such as "22:00-07:00"',
    '[[target]]\nname = "a"\nurl = "x:"\nquiet = "25:00-07:00"': 'target 1: quiet: write such as "22:00-07:00"',
    '[[target]]\nname = "a"\nurl = "x:"\npublic = "yes"': "target 1: public: true or false is expected here",
    '[[target]]\nname = "a"\nurl = "x:"\nhashtags = ["a b"]': "target 1: hashtags: 'a b': letters, digits and _ only",
    '[[target]]\nname = "a"\nurl = "x:"\nhashtags = ["2024"]': "target 1: hashtags: '2024': letters",
    '[[target]]\nname = "a"\nurl = "x:"\nsecret_env = "SMALLPRINT_UNSET"': "the environment variable SMALLPRINT_UNSET",
    '[[target]]\nname = "a"\nurl = "x:"\nservices = {}': "target 1: services: a list is expected here",
    '[[target]]\nname = "a"\nurl = "x:"\n[[target]]\nname = "a"\nurl = "y:"': "two targets are called 'a'",
    "archive = ": "cannot be read: Invalid value (at end of document",
    'archive = "a"\narchive = "b"\n': "cannot be read: Cannot overwrite a value (at line 2",
}


def read(folder: Path, text: str | bytes) -> settings.Settings:
    """The settings that this text makes."""
    file = folder / "smallprint.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return settings.load(file)


def complaint(folder: Path, text: str | bytes) -> str:
    """The one line with which it is refused."""
    with pytest.raises(SettingsError) as caught:
        read(folder, text)
    message = str(caught.value)
    assert message.startswith(f"{folder / 'smallprint.toml'}: ")
    assert "\n" not in message
    return message


def test_everything_can_be_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_URL", "json://chat.example")
    monkeypatch.setenv("CHAT_SECRET", "whsec_c2VjcmV0")
    monkeypatch.setenv("OSLO_PROXY", "http://oslo.example:3128/")
    assert read(tmp_path, FULL) == settings.Settings(
        file=tmp_path / "smallprint.toml",
        archive=tmp_path / "store" / "archive.db",
        contact="ops@quillo.example",
        services=("Quillo", "Brill"),
        declarations=(tmp_path / "mine", Path("/srv/declarations")),
        delay=5.0,
        interval=timedelta(minutes=45),
        allow_addresses=(ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")),
        proxies=(
            settings.Proxy("frankfurt", "http://user:hunter2@proxy.example:8080"),
            settings.Proxy("oslo", "http://oslo.example:3128/"),
        ),
        browser=Path("/opt/chrome"),
        telling=settings.Telling(
            timedelta(hours=36),
            timedelta(days=14),
            "https://watch.quillo.example/archive",
            "https://hub.quillo.example/",
        ),
        targets=(
            Target("mail", SECRET),
            Target(
                name="chat",
                url="json://chat.example",
                topics=(Topic.CONSENT,),
                services=("Quillo",),
                digest=False,
                severity=Severity.MEDIUM,
                regions=("EU", "GB"),
                mode=Mode.DIGEST,
                schedule=Schedule(time(7, 30), BERLIN, 0),
                quiet=Quiet(time(22), time(7), BERLIN),
                public=True,
                hashtags=("privacy", "KI_Training"),
                secret="whsec_c2VjcmV0",
            ),
        ),
    )


def test_a_digest_comes_every_morning_where_nothing_is_said(tmp_path: Path) -> None:
    own = read(tmp_path, '[[target]]\nname = "a"\nurl = "x:"\nmode = "digest"')
    assert own.targets[0].schedule == Schedule(time(8), ZoneInfo("UTC"))


def test_nothing_need_be_said(tmp_path: Path) -> None:
    own = read(tmp_path, b"\xef\xbb\xbf# written by an editor that marks its files\n")
    assert own == settings.Settings(tmp_path / "smallprint.toml", tmp_path / "data" / "archive.db")


@pytest.mark.parametrize("said", [True, False])
def test_the_browser_is_switched_on_or_off(tmp_path: Path, said: bool) -> None:
    assert read(tmp_path, f"crawl.browser = {str(said).lower()}").browser is said


def test_paths_are_the_files_not_the_shells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "smallprint.toml").write_text('archive = "../archive.db"')
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("HOME", "/home/ann")
    assert settings.load(Path("../smallprint.toml")).archive == tmp_path.parent / "archive.db"
    assert read(tmp_path, 'archive = "~/archive.db"').archive == Path("/home/ann/archive.db")


@pytest.mark.parametrize(("text", "says"), COMPLAINTS.items(), ids=range(len(COMPLAINTS)))
def test_what_is_not_understood_is_refused(tmp_path: Path, text: str, says: str) -> None:
    assert says in complaint(tmp_path, text)


def test_a_file_in_another_encoding(tmp_path: Path) -> None:
    assert "cannot be read" in complaint(tmp_path, 'contact = "Zoë"'.encode("latin-1"))


@pytest.mark.parametrize(
    "broken",
    [
        f'[[target]]\nname = "a"\nurl = ["{SECRET}"]',
        f'[[target]]\nname = "a"\nurl = {{ address = "{SECRET}" }}',
        f'[[target]]\nname = "a"\nurl = "{SECRET}"\ntopics = ["?"]',
        f'[[target]]\nname = "a"\nurl = "{SECRET}',
        f'target = ["{SECRET}"]',
        f'proxies.a = "{SECRET}"',
        f'proxies.a = ["{SECRET}"]',
        f'[[target]]\nname = "a"\nurl = "{SECRET}"\n[[target]]\nname = "a"\nurl = "{SECRET}"',
    ],
)
def test_a_secret_is_never_repeated(tmp_path: Path, broken: str) -> None:
    said = complaint(tmp_path, broken)
    assert not any(part in said for part in ("hunter2", "mail.example", "token-4711"))


def test_a_secret_is_not_in_the_repr(tmp_path: Path) -> None:
    own = read(tmp_path, f'[[target]]\nname = "a"\nurl = "{SECRET}"\nsecret = "open-sesame"')
    assert own.targets[0].secret == "open-sesame"
    assert not any(secret in repr(own) for secret in ("hunter2", "sesame"))


def test_a_proxys_password_is_not_in_the_repr(tmp_path: Path) -> None:
    assert "hunter2" not in repr(read(tmp_path, 'proxies.a = "http://user:hunter2@proxy.example:8080"'))


def test_the_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(settings.VARIABLE, raising=False)
    with pytest.raises(SettingsError, match=r"^smallprint.toml: there is no settings file: `smallprint init`"):
        settings.find(None)
    for name in ("smallprint.toml", "named.toml", "given.toml"):
        (tmp_path / name).touch()
    assert settings.find(None) == Path("smallprint.toml")
    monkeypatch.setenv(settings.VARIABLE, str(tmp_path / "named.toml"))
    assert settings.find(None) == tmp_path / "named.toml"
    assert settings.find(Path("given.toml")) == Path("given.toml")


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        settings.load(tmp_path)


def test_waits_grow_with_each_other(tmp_path: Path) -> None:
    usual = Waits(timedelta(minutes=10), timedelta(days=1), timedelta(days=3))
    assert read(tmp_path, "").waits == usual
    assert read(tmp_path, '[gate]\nconfirm = "0s"\nremoval = "0s"\nlongest = "0s"\n').waits == Waits(*[timedelta()] * 3)
    assert read(tmp_path, '[gate]\nconfirm = "2d"\n').waits == Waits(
        timedelta(days=2), timedelta(days=2), usual.longest
    )
    assert read(tmp_path, '[gate]\nremoval = "5d"\n').waits == Waits(usual.confirm, *[timedelta(days=5)] * 2)
    assert read(tmp_path, '[gate]\ndigest = "1d"\n').digest == timedelta(days=1)
