"""Scrapy's settings: polite, bounded, and closed to everything but the addresses that the gate lets through.

What the operator decides (contact, delay, allowed addresses) comes from smallprint.toml through `crawler.options`.
"""

BOT_NAME = "smallprint"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
ITEM_PIPELINES = {"crawler.pipelines.Record": 300}
DOWNLOADER_MIDDLEWARES = {
    "crawler.address_gate.AddressGate": 50,  # before robots.txt is asked for
    "crawler.robots.Robots": 100,
    "crawler.proxies.Proxies": 60,
    "crawler.conditions.Conditional": 110,
    "crawler.patience.Patience": 950,  # nearest to the downloader: a turn that is taken is given back
}
TWISTED_DNS_RESOLVER = "crawler.address_gate.GuardedResolver"
DOWNLOAD_HANDLERS = {  # http and https are all there is
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
    "http": "crawler.browser.PlainOrBrowser",
    "https": "crawler.browser.PlainOrBrowser",
}

# Politeness: one request at a time to a host, with a pause; robots.txt obeyed.
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "smallprint"
CONCURRENT_REQUESTS = 16
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 1  # an answer is one item; Scrapy starts as many tasks for each answer as are named here
RETRY_TIMES = 1
RETRY_PAUSE = 3.0  # seconds before the second try (crawler.patience)
RETRY_HTTP_CODES = [500, 502, 503, 504, 408]  # not 429: a host that asks for less gets less
RETRY_EXCEPTIONS = [  # what may go better at once; the rest waits for the next crawl
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.DownloadTimeoutError",
    "scrapy.exceptions.ResponseDataLossError",
    "twisted.internet.error.ConnectionClosed",
]

# Bounds: no page can hold a crawl up or fill the memory.
DOWNLOAD_TIMEOUT = 60  # seconds, for the whole response
DOWNLOAD_MAXSIZE = 20 * 1024 * 1024  # bytes, of the body and again after decompression
DOWNLOAD_WARNSIZE = 0
BROWSER_SETTLE = 20  # seconds that a page in the browser has for building its text, once it is loaded
BROWSER_MAXSIZE = 64 * 1024 * 1024  # bytes, of all that such a page loads
REDIRECT_MAX_TIMES = 10
METAREFRESH_MAXDELAY = 5  # seconds: a page that reloads itself later is a page, not a redirect

# Evidence: certificates are checked, and every answer reaches the spider with its status.
DOWNLOAD_VERIFY_CERTIFICATES = True
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8",
    "Accept-Language": "en",
}

# Of what Scrapy brings along, this is used; the rest is not even loaded. Nothing listens, nothing is left behind.
DOWNLOADER_MIDDLEWARES_BASE = {  # none for proxies, which would resolve names past the address gate
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": 550,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": 580,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": 700,
}
SPIDER_MIDDLEWARES_BASE = dict[str, int]()
EXTENSIONS_BASE = {  # for `scrapy crawl`
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.feedexport.FeedExporter": 0,
    "scrapy.extensions.logstats.LogStats": 0,
}
LOG_LEVEL = "INFO"
