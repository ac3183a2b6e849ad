"""The pages for people, a blueprint each. All figures are in the HTML; static/live.js only keeps them fresh."""

from webapp.pages.certificates import certificates
from webapp.pages.domains import domains
from webapp.pages.overview import overview

PAGES = (overview, certificates, domains)
