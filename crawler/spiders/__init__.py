"""The spiders of the project, as Scrapy looks for them."""
