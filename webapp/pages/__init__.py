"""The pages for people, a blueprint each. All figures are in the HTML; static/live.js only keeps them fresh."""

from webapp.pages import log as log  # which adds itself to the pages of logs
from webapp.pages.certificates import certificates
from webapp.pages.domains import domains
from webapp.pages.friends import friends
from webapp.pages.logs import logs
from webapp.pages.overview import overview
from webapp.pages.reports import reports

PAGES = (overview, logs, friends, certificates, domains, reports)
