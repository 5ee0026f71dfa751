"""Names what walls and error pages are known by: headers and scripts of firewalls, and the words such pages begin with.

The words are lower case, a pattern a line; a line that begins with "+" goes on with the pattern above. Titles are
compared whole, with a title, heading or line that has lost the marks at its ends; starts with how a line begins.
"""

from __future__ import annotations

import re

# Headers that come only with a refusal or a challenge, whatever the status.
REFUSING_HEADERS = {
    "cf-mitigated": "Cloudflare",
    "x-amzn-waf-action": "AWS WAF",
    "x-vercel-mitigated": "Vercel",
    "x-sucuri-block": "Sucuri",
}
# Headers of firewalls that stand on good pages too: they name who refused, where somebody did. Patterns of the value.
FIREWALL_HEADERS = (
    ("x-datadome", "", "DataDome"),
    ("set-cookie", "datadome=", "DataDome"),
    ("x-kpsdk-ct", "", "Kasada"),
    ("x-px-block-score", "", "HUMAN"),
    ("set-cookie", "_px(hd|vid|3)?=", "HUMAN"),
    ("x-iinfo", "", "Imperva"),
    ("x-cdn", "incapsula|imperva", "Imperva"),
    ("set-cookie", "(incap_ses|visid_incap)", "Imperva"),
    ("x-sucuri-id", "", "Sucuri"),
    ("server", "akamaighost", "Akamai"),
    ("server", "ddos-guard", "DDoS-Guard"),
    ("server", "awselb", "AWS"),
    ("set-cookie", "__cf_bm=", "Cloudflare"),
    ("server-timing", r"cforigin;\s*dur=0\b", "Cloudflare"),
    ("server-timing", r"^(?!.*origin)(?=.*\bak_p\b)", "Akamai"),
)

# Marks in the HTML that stand only on a challenge or a refusal.
CHALLENGES = (
    ("_cf_chl_opt", "Cloudflare"),
    ("cf-browser-verification", "Cloudflare"),
    ("cf-error-details", "Cloudflare"),
    ("incapsula incident id", "Imperva"),
    ("distil_r_captcha", "Imperva"),
    ("sec-if-cpt-container", "Akamai"),
    ("errors.edgesuite.net", "Akamai"),
    ("sucuri_cloudproxy_js", "Sucuri"),
    ("sucuri website firewall", "Sucuri"),
    ("/.well-known/vercel/security/", "Vercel"),
    ("/.well-known/sgcaptcha/", "SiteGround"),
    ("ddos-guard/js-challenge", "DDoS-Guard"),
    ("anubis_challenge", "Anubis"),
)
# Marks that good pages may have as well: they tell only where there are next to no words.
GUARDS = (
    ("_incapsula_resource", "Imperva"),
    ("captcha-delivery.com", "DataDome"),
    ("px-captcha", "HUMAN"),
    ("_pxappid", "HUMAN"),
    ("awswafintegration", "AWS WAF"),
    ("gokuprops", "AWS WAF"),
    ("kpsdk", "Kasada"),
    ("acw_sc__v2", "Alibaba Cloud"),
    ("/cdn-cgi/challenge-platform/", "Cloudflare"),
    ("cf-turnstile", "Turnstile"),
    ("h-captcha", "hCaptcha"),
    ("g-recaptcha", "reCAPTCHA"),
    ("queue-it.net", "Queue-it"),
    ("perfdrive.com", "Radware"),
)
# What every long line of a consent dialog is about.
CONSENT_WORDS = re.compile(
    r"cookie|consent|partner|privacy|vendor|advert|device|personal data|accept|reject|preferences"
    r"|einwillig|zustimm|datenschutz|werbung|gerät|publicit|appareil|données|datos|dispositivo|dati|dados|gegevens"
)
# Hosts that only hold visitors up.
HOLDING_HOSTS = re.compile(r"(^|\.)(queue-it\.net|perfdrive\.com|captcha-delivery\.com)$")
CONSENT_HOSTS = re.compile(r"^(consent|guce|cmp|privacy-gate)\.")
LOGIN_HOSTS = re.compile(r"^(login|signin|accounts?|auth|sso|idp)\.")
LOGIN_PATHS = re.compile(
    r"/(log-?in|sign-?in|authwall|auth|sso|saml2?|oauth2?|authorize|session/new)(?![a-z])", re.IGNORECASE
)


def _patterns(text: str) -> re.Pattern[str]:
    lines = re.sub(r"\n\s*\+", "", text).strip().splitlines()
    return re.compile("|".join(f"(?:{line.strip()})" for line in lines))


CHALLENGE_TITLES = _patterns(r"""
    just a moment
    one moment,? please
    attention required
    access( to this (page|site|website|resource))?( is| has been)?( temporarily)? (denied|blocked|restricted)
    (http )?(error )?403( error)?( forbidden)?
    checking your browser( before accessing .{1,80})?
    checking if the site connection is secure
    ddos protection by .{1,30}
    (please )?(verify|verifying|confirm|prove|checking) (that )?you( are|'re) (a )?(human|not a (ro)?bot)
    (let's )?confirm you are human
    are you a? ?(human|(ro)?bot).{0,20}
    robot or human
    (human|bot|robot|browser) (check|checkpoint|verification|challenge)
    (performing|completing) (a )?security (check|verification)
    (vercel )?security checkpoint
    client challenge
    captcha required
    pardon (our|the) interruption
    (the )?request (was )?(unsuccessful|rejected|blocked)
    (sorry, )?you( have|'ve) been blocked
    making sure you('re| are) not a bot
    press (&|and) hold( to confirm you are a human)?.{0,30}
    (virtual )?waiting room
    you are (now )?in (line|the queue).{0,40}
    nur einen moment|einen moment,? bitte|zugriff verweigert|sicherheitsüberprüfung|sicherheitscheck
    bitte bestätigen sie, dass sie (ein mensch|kein roboter) sind
    un instant|accès (refusé|interdit)|vérification de sécurité|vérifiez que vous êtes (un )?humain
    acceso (denegado|prohibido)|un momento(, por favor)?|verific(a|ar|ando) que (eres|usted es) (un ser )?humano
    accesso negato|verifica di essere umano|acesso negado|verifique se você é humano|toegang geweigerd
    odmowa dostępu|доступ запрещен|アクセスが拒否されました|しばらくお待ちください|访问被拒绝|请稍候|安全验证|人机验证
    """)
CHALLENGE_STARTS = _patterns(r"""
    our systems have detected unusual traffic
    we('ve| have) detected (unusual|suspicious|automated) (activity|traffic|requests)
    .{1,80} needs to review the security of your connection
    .{1,80} (must|needs to) verify (that )?you are (a )?human
    (please )?(complete|solve|pass) the (security check|captcha|challenge)( below)? to
    (please )?verify (that )?you are (a )?human by
    please enable cookies\. sorry, you have been blocked
    you don't have permission to access .{1,200} on this server
    enable javascript and cookies to continue
    please enable js and disable any ad blocker
    access to this page has been denied because
    to (continue|proceed|access).{0,60}(confirm|verify|prove|show|check) (that )?you('re| are)( a human| not a)
    (in order )?to continue, we need to verify that you'?re not a robot
    the requested url was rejected
    request unsuccessful\.
    this (website|site) is using a security service to protect
    we (just )?need to make sure (that )?you('re| are) (not a (ro)?bot|(a )?human)
    unfortunately,? we are unable to give you access
    """)
REGION_TITLES = _patterns(r"""
    .{0,60}(unavailable|not( yet| currently)? available) (in|for) your (country|region|location|area)
    unavailable (for|due to) legal reasons
    """)
REGION_STARTS = _patterns(r"""
    ((sorry|unfortunately),? )?(this|the|our) (page|(web ?)?site|service|content|app|product|platform) (is not|isn't)
    +( currently| yet)? available (in|for) your (country|region|location|area)
    """)
ERROR_TITLES = _patterns(r"""
    ((http|server|status) )?(error )?(code )?(404|410|500|502|503|504)( error)?
    (error )?(404|410|500|502|503|504)\W{0,5}(error\W{0,3})?(the )?(page |file |article |content )?(was )?
    +(could )?(not (be )?found|gone|missing)
    (error )?(500|502|503|504)\W{0,5}(internal server error|bad gateway|service (temporarily )?unavailable
    +|gateway time-?out|server error)
    (the |this )?(requested )?(page|file|article|document|content|url|resource|site|link)( was| could)? not
    + (be )?found
    (nothing( was)?|not) found( here)?
    ((sorry|oops|whoops)\W{1,3})?(this|the|that|your|requested) (requested )?(page|content|article|document|link|site
    +|resource)( you('re| are
    +| were) looking for)? (is(n't| not)|doesn't|does not|can't|cannot|could not|couldn't|no longer|was not)
    +( be)?( currently| seem to)? ?(available|exists?|found|here)( any ?more| at the moment| right now| currently)?
    +(\W{1,3}(please )?(try|reload|refresh|come back).{0,60})?
    (page|content|article)( is)? (unavailable|no longer available|doesn't exist|does not exist|missing)
    we( can't| cannot| couldn't| could not|'re unable to| are unable to)( seem to)? find (the|that|this|your)
    + (page|article|content|document|link|address).{0,40}
    we( can't| cannot| couldn't| could not) find what you('re| are| were) looking for
    (oops|whoops|uh-oh|oh no)
    something( has|'s)? (went|gone|go) wrong.{0,40}
    (sorry, )?(an? )?(unexpected |unknown |internal |application |server |technical )*error( has)?( occurred)?
    internal server error|bad gateway|gateway time-?out|temporarily unavailable
    service (is )?(temporarily )?unavailable(\W{1,4}.{1,30})?
    application error: a (client|server)-side exception has occurred.{0,100}
    ((the |our |this )?(site|website|page|service|system)|we)?( is| are|'re)?( currently| temporarily)? ?(down for|under
    +|undergoing|closed for) (scheduled |planned |routine |site )?maintenance
    (scheduled |planned |site )?maintenance (mode|in progress|break)
    we('ll| will) be (right )?back( soon| shortly)?
    this site can('t|not) be reached
    seite (wurde )?nicht gefunden|(diese|die) seite (existiert nicht|wurde nicht gefunden).{0,20}|interner serverfehler
    (diese|die) seite ist( momentan| derzeit| zurzeit| gerade)? nicht (verfügbar|erreichbar)|wartungsarbeiten
    ((da|hier|leider) )?ist (wohl |leider )?etwas schief ?(gegangen|gelaufen)|etwas ist schief ?(gegangen|gelaufen)
    page (introuvable|non trouvée|inexistante)|cette page n'existe (pas|plus)|site en maintenance|erreur interne.{0,20}
    cette page n'est pas disponible.{0,30}|une erreur (est survenue|s'est produite)
    página no encontrada|(la|esta) página no (existe|está disponible|se encuentra).{0,30}|error interno.{0,20}
    algo salió mal|pagina non trovata|(la|questa) pagina non (esiste|è( al momento)? disponibile)|pagina niet gevonden
    página não encontrada|(a|esta) página não (existe|está disponível).{0,30}
    (nie znaleziono strony|strona nie istnieje)|страница не найдена|sidan (kunde inte hittas|hittades inte)
    (お探しの)?ページが見つかりません(でした)?|页面不存在|找不到(该)?页面|페이지를 찾을 수 없습니다
    """)
ERROR_STARTS = _patterns(r"""
    .{0,30}(the|this) (page|content|article|link|url|document|address) (that )?you('re| are| were| have|'ve)? ?
    +(requested|looking for|followed|clicked|trying to reach|tried to reach|entered)( on)?,? .{0,30}(does|is|was
    +|could|can|has|have|may|might|no longer)
    .{0,30}we (couldn't|could not|can't|cannot) find (the|that|this) page
    the requested (url|page|resource) .{0,120}(was not|could not be|cannot be) found
    the server (encountered an|is temporarily unable|was unable)
    this may be because of a technical error
    """)
LOGIN_TITLES = _patterns(r"""
    (please )?(log|sign) ?-?in( to .{1,40}| with .{1,40}| or (sign up|register|join|create .{1,20})| required| page)?
    (member|account|user|customer|employee|partner|staff) (log|sign) ?-?in
    (log|sign) ?in / (register|sign up|join)
    (sign up|register|create (an|your) account|join)( now| today| (for|to|with) .{1,30})?
    welcome back
    (authentication|login|sign-?in) required
    single sign-?on
    (your )?session( has)? (expired|timed out)
    anmelden|einloggen|anmeldung|melden sie sich an.{0,40}|bitte (melden sie sich an|einloggen)
    connexion|se connecter|connectez-vous.{0,40}|identifiez-vous|iniciar? sesión.{0,40}|acceder|accedi|entrar
    (iniciar sessão|fazer login)|inloggen|aanmelden|zaloguj się|logowanie|logga in|log ind|logg inn|kirjaudu( sisään)?
    ログイン|サインイン|登录|登錄|로그인|вход|войти
    """)
LOGIN_STARTS = _patterns(r"""
    (please |you (must|need to|have to) )(be (logged|signed) in|log ?in|sign ?in)( to your account)? (to continue
    +|to proceed|(to|before you can) (view|see|access|read) (this|the|that) (page|content|article|document|site
    +|resource))
    (this|the) (page|content|article|document|site) is (only |exclusively )?(available|visible|accessible|open)
    + (only )?(to|for) (logged|signed|registered|authori[sz]ed|members)
    (log|sign) ?in to (continue|proceed|view|see|access|read)\b
    """)
SCRIPT_STARTS = _patterns(r"""
    (sorry, )?(please |you('ll)? (need|have) to |you must |to .{1,60},? (please )?)(enable|turn on|activate|allow
    +|switch on) (javascript|js\b|scripts)
    (enable|turn on|activate|allow) (javascript|js) (to|in order to|and|for|in your browser to)\b
    .{1,80} (doesn't|does not|won't|will not|cannot|can't) (work|run|function)( properly
    +| correctly)? without javascript
    .{0,80}(requires|needs|relies on) javascript
    javascript (is|seems to be|appears to be|must be|has to be|needs to be|isn't|is not)( currently| not)*
    + (required|disabled|turned off|switched off|blocked|enabled|needed|off|available|supported)
    (your browser|it (looks|seems|appears)|looks like) .{0,80}javascript
    (bitte )?(aktivieren|schalten|erlauben) sie .{0,30}javascript|(diese|die) .{1,40}(benötigt|erfordert) javascript
    (veuillez |merci d')?activ(ez|er) .{0,30}javascript|(por favor,? )?(habilit|activ|ativ)[ae] .{0,30}javascript
    (abilita|attiva|abilitare|attivare) .{0,30}javascript|(schakel|zet) .{0,20}javascript .{0,20}(in|aan)
    +|javascript(を|が|并|已)
    """)
WAITING = _patterns(r"""
    loading( .{1,30})?|please wait|(please )?hold on|initiali[sz]ing|starting( up)?|wait( a moment)?
    (you are being |we are )?redirect(ing|ed)( you)?( to .{1,60})?|click here if you are not redirected.{0,40}
    wird geladen|(sie werden )?weiter(ge)?leitet?|chargement( en cours)?|redirection( en cours)?|cargando|redirigiendo
    caricamento( in corso)?|carregando|(aan het )?laden|ładowanie|загрузка|読み込み中|加载中|正在加载
    """)
CONSENT_STARTS = _patterns(r"""
    before (you|we) continue
    we (value|respect|care about) your privacy
    (your )?privacy (matters|is important) to us
    your (privacy|data),? your (choice|control)
    we and our (\d+ )?((selected|trusted|third-party) )?(partners|vendors)
    (this|our) (website|site) (uses|asks you to accept|asks for your consent).{0,40}cookies
    (please )?(accept|manage|choose) (all |your |our )?cookies?
    bevor sie (fortfahren|zu .{1,40} weitergehen)|wir (schätzen|respektieren) ihre privatsphäre
    +|ihre privatsphäre ist uns wichtig
    wir und unsere (\d+ )?partner|mit werbung (und cookies )?(weiterlesen|lesen)|wir (verwenden|nutzen
    +|brauchen) .{0,40}(cookies|zustimmung)
    avant d'accéder|avant de continuer|(nous respectons|le respect de) votre vie privée|nous et nos (\d+ )?partenaires
    antes de (ir|continuar)|(valoramos|respetamos) (tu|su) privacidad|nosotros y nuestros (\d+ )?socios
    prima di (continuare|proseguire)|(teniamo alla|rispettiamo la) tua privacy|noi e (i nostri )?(\d+ )?(partner
    +|fornitori)
    (valorizamos|respeitamos) (a )?sua privacidade|voordat (je|u) verdergaat|(wij|we) (waarderen|respecteren) (uw
    +|je) privacy
    cenimy (twoją )?prywatność
    """)
CONSENT_BUTTONS = _patterns(r"""
    (i |yes,? i )?(accept|agree|allow|consent)( to)?( all| selected| essential| necessary)?( cookies)?( (&|and)
    + (continue|close|proceed))?
    reject( all)?( cookies)?|decline( all)?|(got it|ok(ay)?),? ?(i agree|continue)?
    alle(s)? (cookies )?(akzeptieren|ablehnen|zulassen)|akzeptieren.{0,30}|(ich )?stimme zu|zustimmen.{0,30}
    +|einverstanden
    (tout )?accepter.{0,30}|tout refuser|j'accepte|aceptar.{0,30}|rechazar.{0,30}|accetta.{0,30}|rifiuta.{0,30}
    aceitar.{0,30}|rejeitar.{0,30}|(alles )?(accepteren|toestaan)|akkoord|zgadzam się|akceptuję.{0,30}|同意.{0,10}
    +|godkänn.{0,20}
    """)
