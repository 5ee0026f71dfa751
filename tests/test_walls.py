"""Pages that came instead of a document are told with their evidence, and short documents are not taken for them."""

from __future__ import annotations

import pytest

from archive.errors import ExtractionError
from archive.words import Kind, Outcome, Passage
from crawler.declaration import Source
from crawler.judging import read_page
from crawler.walls import SHORT, Answer, Wall, measure, of_page

URL = "https://gantry.example/privacy"
MENU = "<header><nav><a href='/'>Home</a> <a href='/plans'>Plans</a> <a href='/help'>Help</a></nav></header>"
FOOT = "<footer><a href='/terms'>Terms</a> <a href='/jobs'>Jobs</a> Gantry Ltd.</footer>"
APP = "<script src='/static/app.81c2.js' defer></script>"
BANNER = (
    "<div id='onetrust-consent-sdk'><div role='dialog' aria-modal='true'><h2>We value your privacy</h2>"
    "<p>We and our 812 partners store and read cookies on your device to measure and to advertise.</p>"
    "<button>Accept all</button><button>Reject all</button></div></div>"
)


def html(title: str, *body: str, head: str = "") -> bytes:
    """A web page."""
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{''.join(body)}</body></html>".encode()


def seen(body: bytes, *select: str, asked: str = URL, final: str = "", kind: str = "text/html") -> list[Passage] | Wall:
    """What a page is read as, by its selectors or by finding the main content."""
    return read_page(Answer(body, kind, "utf-8", asked, final or asked), Source(asked, select=select), asked)


def long(words: str = "We keep what you write for as long as your account lives. ", times: int = 60) -> str:
    """A text of more than 600 words."""
    return f"<p>{words * times}</p>"


CLOUDFLARE = html(
    "Just a moment...",
    "<div class='main-wrapper'><div class='main-content'><noscript><div class='h2'><span id='challenge-error-text'>"
    "Enable JavaScript and cookies to continue</span></div></noscript></div></div>",
    "<script>(function(){window._cf_chl_opt={cvId:'3',cType:'managed'};var a=document.createElement('script');"
    "a.src='/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1?ray=8c1';document.head.appendChild(a);}());</script>",
    head="<meta http-equiv='refresh' content='390'>",
)
CHALLENGES = {
    "cloudflare": (CLOUDFLARE, "Cloudflare: _cf_chl_opt"),
    "cloudflare without its script": (
        html("Just a moment...", "<p>gantry.example needs to review the security of your connection first.</p>"),
        "“Just a moment...”",
    ),
    "cloudflare's refusal": (
        html(
            "Attention Required! | Cloudflare",
            "<div id='cf-error-details'><h1>Sorry, you have been blocked</h1><h2>You are unable to access gantry</h2>",
            "<h2>Why have I been blocked?</h2><p>The site guards itself against attacks from the "
            "net. What you did just "
            "now set the guard off: a certain word, a command or malformed data may do so.</p><h2>What can I do?</h2>"
            "<p>Write to the owner of the site, and say what you were doing, with the number below.</p></div>",
        ),
        "Cloudflare: cf-error-details",
    ),
    "incapsula": (
        html(
            "",
            "<iframe id='main-iframe' src='/_Incapsula_Resource?CWUDNSAI=23&xinfo=9-1' frameborder=0>"
            "Request unsuccessful. Incapsula incident ID: 877000</iframe>",
            head="<META NAME='robots' CONTENT='noindex,nofollow'>",
        ),
        "Imperva: incapsula incident id",
    ),
    "incapsula's script": (
        html("", head="<script src='/_Incapsula_Resource?SWJIYLWA=719d34d3'></script>"),
        "Imperva: _incapsula_resource",
    ),
    "interruption": (
        html(
            "Pardon Our Interruption",
            "<h1>Pardon Our Interruption</h1><p>Something about your browser made us think of a robot. You may move "
            "very fast, have cookies turned off, or a plug-in may keep scripts away.</p><p>Reload to get on.</p>",
        ),
        "“Pardon Our Interruption”",
    ),
    "datadome": (
        html(
            "gantry.example",
            "<p id='cmsg'>Please enable JS and disable any ad blocker</p>",
            "<script data-cfasync='false'>var dd={'rt':'c','host':'geo.captcha-delivery.com'}</script>",
            "<script src='https://ct.captcha-delivery.com/c.js'></script>",
        ),
        "DataDome: captcha-delivery.com",
    ),
    "perimeterx": (
        html(
            "Access to this page has been denied",
            "<div id='px-captcha-wrapper'><h1>Press &amp; Hold to confirm you are a human (and not a bot).</h1>"
            "<div id='px-captcha'></div><p>Name the reference 0a1b2c if you ask us for help.</p></div>",
            "<script>window._pxAppId='PX123';</script>",
        ),
        "“Access to this page has been denied”",
    ),
    "aws": (
        html(
            "",
            "<div id='challenge-container'></div><script>AwsWafIntegration.saveReferrer();</script><noscript>"
            "<h1>JavaScript is disabled</h1>To go on we have to see that you're not a robot.</noscript>",
            head="<script>window.gokuProps={'key':'AQ'}</script><script src='https://x.token.awswaf.com/challenge.js'>"
            "</script>",
        ),
        "AWS WAF: awswafintegration",
    ),
    "kasada": (
        html(
            "",
            "<script>window.KPSDK={};KPSDK.now=Date.now.bind(Date);</script><script src='/149e/2d20/ips.js'></script>",
        ),
        "Kasada: kpsdk",
    ),
    "akamai": (
        html(
            "Access Denied", '<H1>Access Denied</H1>You don\'t have permission to access "/privacy" on this server.<P>'
        ),
        "“Access Denied”",
    ),
    "akamai's behaviour": (
        html(
            "&nbsp;",
            "<div id='sec-if-cpt-container'></div><p>Powered and protected by</p><script src='/Xy/9'></script>",
        ),
        "Akamai: sec-if-cpt-container",
    ),
    "sucuri": (
        html(
            "You are being redirected...",
            "<noscript>Javascript is required.</noscript>",
            "<script>var s={},sucuri_cloudproxy_js='',S='cz0i';</script>",
        ),
        "Sucuri: sucuri_cloudproxy_js",
    ),
    "vercel": (
        html(
            "Vercel Security Checkpoint",
            "<p id='header-text'>We're verifying your browser</p>",
            "<script src='/.well-known/vercel/security/static/challenge.v2.min.js' type='module'></script>",
        ),
        "Vercel: /.well-known/vercel/security/",
    ),
    "anubis": (
        html(
            "Making sure you're not a bot!",
            "<h1>Making sure you're not a bot!</h1><p>Loading...</p>",
            "<script id='anubis_challenge' type='application/json'>{}</script><p>You see this "
            "because the host of this "
            "site guards it against the robots of AI companies, which take much and often.</p>",
        ),
        "Anubis: anubis_challenge",
    ),
    "siteground": (
        html("", head="<meta http-equiv='refresh' content='0;/.well-known/sgcaptcha/?r=%2F'>"),
        "SiteGround: /.well-known/sgcaptcha/",
    ),
    "turnstile": (html("Gantry", "<div class='cf-turnstile' data-sitekey='0x4A'></div>", APP), "cf-turnstile"),
    "hcaptcha": (html("Gantry", "<form><div class='h-captcha'></div><button>Go on</button></form>", APP), "h-captcha"),
    "search engine": (
        html(
            URL,
            "<p>Our systems have detected unusual traffic from your computer network. This page checks whether "
            "it is you who sends the requests, and not a robot. Why did this happen?</p>",
        ),
        "“Our systems have detected unusual traffic",
    ),
    "firewall": (
        html("Request Rejected", "The requested URL was rejected. Please ask your administrator.<br>Support ID: 99"),
        "“Request Rejected”",
    ),
    "human": (
        html("gantry.example", "<h1>gantry.example</h1><h2>Verify you are human by completing the action below.</h2>"),
        "“Verify you are human by completing the action below.”",
    ),
    "german": (
        html("Zugriff verweigert", "<h1>Zugriff verweigert</h1><p>Ihre Anfrage sah nicht gut aus.</p>"),
        "Zugriff",
    ),
    "japanese": (html("しばらくお待ちください...", "<p>接続の安全を確かめています。</p>"), "“しばらく"),
    "queue": (
        html("Gantry", "<h1>You are now in line</h1><p>When it is your turn, you have ten minutes to enter.</p>"),
        "“You are now in line”",
    ),
    "plain forbidden": (
        html("403 Forbidden", "<center><h1>403 Forbidden</h1></center><hr><center>nginx</center>"),
        "403",
    ),
}


@pytest.mark.parametrize("name", CHALLENGES)
@pytest.mark.parametrize("select", [(), ("main",)], ids=["automatic", "declared"])
def test_a_challenge_is_a_wall_that_a_browser_may_pass(name: str, select: tuple[str, ...]) -> None:
    body, evidence = CHALLENGES[name]
    wall = seen(body, *select)
    assert isinstance(wall, Wall)
    assert (wall.outcome, wall.browser) == (Outcome.BLOCKED, True)
    assert evidence in wall.detail


ERRORS = {
    "title": html("Page not found | Gantry", MENU, "<main><h1>Hm.</h1><p>Try the search.</p></main>", FOOT),
    "heading": html("Gantry", MENU, "<main><h1>404</h1><p>Nothing lives here.</p></main>", FOOT),
    "number and words": html("404 - Page not found - Gantry Help", "<h1>Look elsewhere</h1>"),
    "apology": html("Gantry", "<div><h2>Oops! Something went wrong.</h2><p>Come again.</p></div>"),
    "sentence": html("Gantry", MENU, "<p>Sorry, the page you are looking for doesn't exist or has moved.</p>", FOOT),
    "not available": html("Gantry", "<div>Log in</div><div>This page isn’t available</div><p>Try once more.</p>"),
    "with a list": html(
        "Not found – Gantry",
        MENU,
        "<main><h1>We can't find that page</h1><h2>What people read most</h2><ul>",
        "".join(f"<li>How to use part {number} of Gantry on the phone</li>" for number in range(20)),
        "</ul></main>",
    ),
    "server": html("500 Internal Server Error", "<h1>Internal Server Error</h1><p>The log knows more.</p>"),
    "gateway": html("502 Bad Gateway", "<center><h1>502 Bad Gateway</h1></center>"),
    "maintenance": html("Gantry", "<h1>We're down for maintenance</h1><p>Gantry is back at noon.</p>"),
    "back soon": html("Gantry", "<h1>We’ll be right back!</h1>"),
    "app": html("", "<h2>Application error: a client-side exception has occurred (see the console).</h2>", APP),
    "german": html("Seite nicht gefunden", "<h1>Seite nicht gefunden</h1><p>Diese Adresse gibt es nicht.</p>"),
    "french": html("Gantry", "<h1>Page introuvable</h1><p>Cette adresse ne mène nulle part.</p>"),
    "german, for now": html("Gantry", "<h1>Diese Seite ist momentan nicht verfügbar</h1><p>Kommen Sie wieder.</p>"),
    "german, something": html("Gantry", "<h2>Da ist wohl etwas schiefgegangen.</h2>"),
    "with a reason": html("Gantry", "<h1>Service Unavailable - DNS failure</h1>"),
    "spanish": html("Página no encontrada | Gantry", "<p>Vuelve al inicio.</p>"),
    "chinese": html("页面不存在", "<h1>页面不存在</h1>"),
    "much around it": html("Gantry", "<div>This page isn't available right now</div>", long("Buy our glasses. ", 200)),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_styled_as_a_page_is_no_document(name: str) -> None:
    wall = seen(ERRORS[name])
    assert isinstance(wall, Wall)
    assert (wall.outcome, wall.browser) == (Outcome.UNREACHABLE, False)
    assert wall.detail.startswith("an error page: “")


PASSWORD = "<form><input name='mail'><input type='password' name='word'><button>Log in</button></form>"
LOGINS = {
    "form": (
        html("Log in | Gantry", MENU, f"<main><h1>Welcome back</h1>{PASSWORD}</main>"),
        "",
        "log-in form: “Log in",
    ),
    "heading": (html("Gantry", f"<h1>Sign in to Gantry</h1>{PASSWORD}"), "", "log-in form: “Sign in to Gantry”"),
    "french": (html("Connexion", f"<h1>Se connecter</h1>{PASSWORD}"), "", "log-in form: “Connexion”"),
    "mail first": (
        html("Sign in", "<h1>Sign in</h1><form><input type='email'><button>Next</button></form>"),
        "https://accounts.gantry.example/v3/signin?continue=privacy",
        "log-in form: “Sign in”",
    ),
    "led away": (
        html("Gantry", "<p>Gantry is where teams write. Give us your address to begin.</p>"),
        "https://gantry.example/login?next=/privacy",
        "led to a log-in: gantry.example/login",
    ),
    "demand": (html("Gantry", "<p>You must be logged in to view this page.</p>"), "", "asks for a log-in: “You must"),
    "members": (html("Gantry", "<p>This page is only available to registered members.</p>"), "", "asks for a log-in"),
}


@pytest.mark.parametrize("name", LOGINS)
def test_a_log_in_is_a_wall_that_no_browser_passes(name: str) -> None:
    body, final, evidence = LOGINS[name]
    wall = seen(body, final=final)
    assert isinstance(wall, Wall)
    assert (wall.outcome, wall.browser) == (Outcome.BLOCKED, False)
    assert evidence in wall.detail


CONSENTS = {
    "before": html(
        "Before you continue",
        "<h1>Before you continue to Gantry</h1><p>We use cookies and data to run the service, to "
        "keep it free of spam, and "
        "to measure how it is used.</p><p>If you choose “Accept all”, we also use cookies and data to show "
        "advertisements that fit you.</p><form><button>Reject all</button><button>Accept all</button></form>",
    ),
    "unnamed": html(
        "Privacy Policy | Gantry",
        "<div class='k3x'><h2>We value your privacy</h2><p>We and our 812 partners store "
        "information on your device, such "
        "as cookies, and process personal data.</p><button>More options</button><button>AGREE</button></div>",
        APP,
    ),
    "tool": html("Privacy Policy | Gantry", BANNER, "<div id='root'></div>"),
    "german": html(
        "Gantry",
        "<h2>Mit Werbung weiterlesen</h2><p>Besuchen Sie uns wie gewohnt mit Werbung und Cookies.</p>"
        "<button>Akzeptieren und weiter</button>",
    ),
    "french": html(
        "Gantry",
        "<h2>Nous respectons votre vie privée</h2><p>Nous et nos 90 partenaires utilisons des cookies.</p>"
        "<button>Tout accepter</button><button>Tout refuser</button>",
    ),
}


@pytest.mark.parametrize("name", CONSENTS)
def test_a_consent_dialog_alone_is_a_wall(name: str) -> None:
    wall = seen(CONSENTS[name])
    assert isinstance(wall, Wall)
    assert (wall.outcome, wall.browser) == (Outcome.BLOCKED, False)
    assert wall.detail.startswith("the page holds only a consent dialog: “")


def test_a_redirect_to_a_host_of_consent_or_of_a_queue_is_a_wall() -> None:
    body = html("Gantry", "<p>Gantry belongs to the Brill family of sites.</p>")
    consent, queue = (
        seen(body, final=f"https://{host}/x") for host in ("consent.brill.example", "gantry.queue-it.net")
    )
    assert consent == Wall(Outcome.BLOCKED, "led to a consent dialog: consent.brill.example")
    assert queue == Wall(Outcome.BLOCKED, "held up at gantry.queue-it.net", browser=True)


SHELLS = {
    "noscript": (
        html("Gantry", "<noscript>You need to enable JavaScript to run this app.</noscript><div id='root'></div>", APP),
        "asks to enable JavaScript: “You need to enable JavaScript to run this app.”",
    ),
    "noscript and a word": (
        html("Gantry", "<noscript>JavaScript, please.</noscript><div id='app'>Gantry</div>", APP),
        "asks to enable JavaScript: “JavaScript, please.”",
    ),
    "visible": (
        html("Gantry", "<p>Please enable JavaScript to view this page.</p>", APP),
        "asks to enable JavaScript: “Please enable JavaScript to view this page.”",
    ),
    "help centre": (
        html(
            "Gantry Help",
            MENU,
            "<p>JavaScript must be enabled in order for you to use the Gantry "
            "Help Centre. However, "
            "it seems that it is turned off, or your browser cannot run it.</p>",
            APP,
        ),
        "asks to enable JavaScript: “JavaScript must be enabled",
    ),
    "german": (
        html("Gantry", "<p>Bitte aktivieren Sie JavaScript, um diese Seite zu sehen.</p>"),
        "asks to enable JavaScript: “Bitte aktivieren Sie JavaScript",
    ),
    "loading": (html("Gantry", "<div id='root'><span>Loading…</span></div>", APP), "only waits: “Loading…”"),
    "redirecting": (html("Redirecting...", "<p>Redirecting to /en/privacy</p>"), "only waits: “Redirecting...”"),
    "nothing": (html("Gantry", "<div id='__next'></div>", APP), "next to nothing but scripts: the page holds no text"),
    "menu alone": (
        html("Gantry", MENU, "<div id='root'></div>", APP),
        "next to nothing but scripts: the page holds no",
    ),
}


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_has_no_text_without_a_browser(name: str) -> None:
    body, evidence = SHELLS[name]
    wall = seen(body)
    assert isinstance(wall, Wall)
    assert (wall.outcome, wall.browser) == (Outcome.UNEXTRACTABLE, True)
    assert evidence in wall.detail


@pytest.mark.parametrize("body", [b"", b" \n\t ", b"<html></html>", html("", "<p>&nbsp;</p>")])
def test_an_empty_page_without_scripts_needs_no_browser(body: bytes) -> None:
    assert seen(body) == Wall(Outcome.UNEXTRACTABLE, "the page holds no text")


def test_selectors_that_fit_nothing_may_be_met_in_a_browser_where_the_page_is_short() -> None:
    missing = "the selector '#text' matches nothing"
    assert seen(html("Gantry", f"<p>{'Words of the site. ' * 20}</p>", APP), "#text") == Wall(
        Outcome.UNEXTRACTABLE, missing, browser=True
    )
    assert seen(html("Gantry", f"<p>{'Words of the site. ' * 20}</p>"), "#text") == Wall(Outcome.UNEXTRACTABLE, missing)
    assert seen(html("Gantry", long(), APP), "#text") == Wall(Outcome.UNEXTRACTABLE, missing)


def test_a_page_that_is_not_shown_here_says_so() -> None:
    wall = seen(html("Gantry", "<h1>Gantry</h1><p>Unfortunately, this service is not available in your country.</p>"))
    assert isinstance(wall, Wall)
    assert wall.outcome is Outcome.BLOCKED
    assert wall.detail.startswith("not shown where we are: “Unfortunately, this service")


OPT_OUT = (
    "<h1>Opting out of training</h1><p>Log in to Gantry and open Settings, Data controls. Turn off “Improve the model "
    "for everyone”. From then on nothing that you write is used to train our models. What was used before stays in "
    "them. On the phone you find the same switch under your name.</p>"
)
DOCUMENTS = {
    "opt-out": html("Opting out of training | Gantry Help", MENU, OPT_OUT, FOOT),
    "opt-out with a banner": html("Opting out of training | Gantry Help", BANNER, MENU, OPT_OUT, FOOT, APP),
    "opt-out with an unnamed banner": html(
        "Opting out | Gantry", "<div class='k3x'><p>We value your privacy</p><button>Accept all</button></div>", OPT_OUT
    ),
    "opt-out with a log-in in the header": html(
        "Opting out | Gantry Help", f"<header>{PASSWORD}</header><div id='modal'>{PASSWORD}</div>", OPT_OUT, APP
    ),
    "opt-out behind a firewall": html(
        "Opting out | Gantry",
        OPT_OUT,
        "<form class='g-recaptcha'><input type='email'><button>Subscribe</button></form>",
        head="<script src='/_Incapsula_Resource?SWJIYLWA=1'></script><script>window._pxAppId='PX1'</script>"
        "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>",
    ),
    "opt-out with a noscript": html(
        "Opting out", "<noscript>Please enable JavaScript to use all of Gantry.</noscript>", OPT_OUT, APP
    ),
    "cookie notice": html(
        "Cookies on Gantry",
        BANNER,
        "<main><h1>Cookie notice</h1><p>This website uses cookies to keep you signed in, and to count visits. You can "
        "accept or reject the latter at any time under Cookie settings, at the foot of each page.</p></main>",
        "<button>Accept all</button>",
    ),
    "privacy matters": html(
        "Gantry",
        "<main><h1>Your privacy</h1><p>We value your privacy. We and our partners process only what you give us: your "
        "name, your address and what you write. Ask us for a copy at any time.</p></main><button>OK</button>",
    ),
    "how to log in": html(
        "How to log in | Gantry Help",
        "<h1>How to log in</h1><p>Open gantry.example and choose “Log in”. You need to sign in "
        "again after 30 days. If you "
        "have forgotten your password, choose “Forgot password” and wait for our letter.</p>",
    ),
    "log-in as a topic": html(
        "Log in | Gantry Help", "<h1>Log in</h1><p>Your e-mail address and a code are enough.</p>"
    ),
    "how to enable scripts": html(
        "Enable JavaScript | Gantry Help",
        "<h1>Enable JavaScript</h1><p>Gantry is made of scripts. In your browser’s settings, open "
        "Site permissions, find "
        "JavaScript and allow it for gantry.example. Then load the page again, and write to us if nothing moves.</p>",
        APP,
    ),
    "what errors mean": html(
        "Error 404 – what it means and how you get rid of it | Gantry Help",
        "<h1>What error 404 means</h1><p>You may have followed an old link. “Page not found” says "
        "that the page does not "
        "exist any more. Something went wrong on our side if you see 500.</p>",
    ),
    "what blocks mean": html(
        "Why am I asked whether I am human? | Gantry Help",
        "<h1>Why am I asked whether I am human?</h1><p>Some networks send us many requests. If you see “Checking your "
        "browser”, wait five seconds. Access denied means that your network is blocked.</p>",
    ),
    "regions": html(
        "Where Gantry is available",
        "<h1>Where Gantry is available</h1><p>Training on what you write is not available in the EEA and Switzerland. "
        "We tell you when this changes in your country.</p>",
    ),
    "what is forbidden": html(
        "Acceptable Use | Gantry",
        "<h1>Acceptable use</h1><h2>Allowed</h2><p>Writing.</p><h2>Forbidden</h2><p>Spam.</p>",
    ),
    "what is promised": html(
        "Service levels",
        "<h1>Service levels</h1><h2>Errors</h2><p>Few.</p><h2>Scheduled maintenance</h2><p>At night.</p>",
    ),
    "a switch for some regions": html(
        "Opting out", "<h1>Opting out</h1><p>This setting isn't available in your region if you live in the EEA.</p>"
    ),
    "a register with a log-in": html(
        "Register of processors",
        f"<header>{PASSWORD}</header><main><h1>Register of processors</h1><p>We send data to five firms.</p></main>",
    ),
    "what scripts are for": html(
        "Trackers", "<h1>Trackers</h1><ul><li>CAPTCHA</li><li>Security check</li><li>Counting visits</li></ul>"
    ),
    "one line": html("Gantry", "<main><p>We may use what you write to train our models.</p></main>"),
    "one word": html("", "<main><p>A</p></main>"),
    "names only": html(
        "Subprocessors", "<h1>Subprocessors</h1><ul><li>Amazon Web Services</li><li>Cloudflare</li></ul>"
    ),
    "japanese": html(
        "プライバシー", "<h1>プライバシー</h1><p>お客様が書いたものは、モデルの学習に使いません。</p>", APP
    ),
    "maintenance as a duty": html(
        "Maintenance | Gantry",
        "<h1>Maintenance</h1><p>We keep the service running and tell you of work two days ahead.</p>",
    ),
    "long with everything": html(
        "Privacy Policy",
        "<noscript>Please enable JavaScript.</noscript>",
        long("You must log in to see this page. Access denied. We use cookies. "),
        PASSWORD,
        "<div class='h-captcha'></div>",
        APP,
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_none(name: str) -> None:
    found = seen(DOCUMENTS[name])
    assert not isinstance(found, Wall), found


def test_an_address_that_was_asked_for_is_no_place_one_was_led_to() -> None:
    login = "https://gantry.example/login/terms"
    assert not isinstance(seen(html("Terms", "<p>These terms are for those who log in.</p>"), asked=login), Wall)


def test_a_text_file_and_a_pdf_are_never_looked_at() -> None:
    text = b"Page not found: what we do with your data when a page is gone."
    assert not isinstance(seen(text, kind="text/plain"), Wall)
    pdf = of_page(Answer(b"%PDF-1.4", "application/pdf"), ExtractionError("the PDF holds no text: it may be a scan"))
    assert pdf == Wall(Outcome.UNEXTRACTABLE, "the PDF holds no text: it may be a scan")


@pytest.mark.parametrize(
    "title", ["Gantry is not available in your country", "Unavailable in your region", "Unavailable for legal reasons"]
)
def test_a_title_may_say_that_a_page_is_not_shown_here(title: str) -> None:
    wall = seen(html(title, "<p>Ask for another place.</p>"))
    assert wall == Wall(Outcome.BLOCKED, f"not shown where we are: “{title}”")


def test_evidence_is_one_short_printable_line() -> None:
    wall = seen(html("\x1b[31m404\x07 | Gantry", f"<h1>The requested page {'very ' * 12}\u202elost was not found</h1>"))
    assert isinstance(wall, Wall)
    assert wall.detail.isprintable()
    assert len(wall.detail) < 120


def test_length_is_that_of_english_whatever_the_script() -> None:
    assert measure(["We keep what you write."]) == 5
    assert measure(["書いたものを保存します。" * 100]) > SHORT
    assert of_page(Answer(CLOUDFLARE, "text/html"), [Passage(Kind.PARAGRAPH, "書いたものを保存します。" * 100)]) is None


@pytest.mark.parametrize(
    "said",
    [
        "This page isn’t available",
        "Sorry, this page isn't available right now. Please try again later.",
        "404 - Page not found",
        "Oops! Something went wrong. Try reloading the page.",
        "An unexpected error has occurred.",
        "503 Service Unavailable",
        "Just a moment...",
        "Please enable JavaScript to view this page.",
        "Verify you are human",
    ],
)
def test_a_page_that_only_says_it_failed_is_no_document(said: str) -> None:
    found = seen(html("Gantry", f"<main><h1>{said}</h1><p>Try reloading the page, or come back later.</p></main>"))
    assert isinstance(found, Wall)
