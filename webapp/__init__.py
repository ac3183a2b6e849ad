"""The dashboard and its API: read-only pages on the ledger, for ``gunicorn 'webapp:create_app()'``."""

from flask import Flask

from ctcollect import settings as environment
from ctcollect.settings import Settings
from ctcollect.store import Store
from webapp.api import api
from webapp.database import DATA_DIR, STORE
from webapp.encoding import IsoJsonProvider
from webapp.faults import answer_faults
from webapp.formats import add_filters
from webapp.language import speak_languages
from webapp.navigation import add_navigation
from webapp.pages import PAGES
from webapp.security import add_headers


def create_app(settings: Settings | None = None) -> Flask:
    """The application on ``settings.database_url`` (the environment's when None); it connects with the first request.

    ConfigurationError when the settings name no usable database.
    """
    settings = environment.load() if settings is None else settings
    app = Flask(__name__)
    app.json = IsoJsonProvider(app)
    app.extensions[STORE] = Store(settings.database_url)
    app.config[DATA_DIR] = settings.data_dir
    speak_languages(app)
    add_filters(app)
    add_navigation(app)
    app.after_request(add_headers)
    for blueprint in (*PAGES, api):
        app.register_blueprint(blueprint)
    answer_faults(app)
    return app
