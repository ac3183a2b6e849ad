"""The pages for people, a blueprint each. All figures are in the HTML; static/live.js only keeps them fresh."""

from webapp.pages.overview import overview

PAGES = (overview,)
