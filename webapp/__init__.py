"""The dashboard and its API: read-only pages on the ledger, for ``gunicorn 'webapp:create_app()'``."""

from flask import Flask

from ctcollect import settings as environment
from ctcollect.settings import Settings
from ctcollect.store import Store
from webapp.api import api
from webapp.database import DATA_DIR, STORE
from webapp.encoding import IsoJsonProvider
from webapp.faults import answer_faults
from webapp.figures import share_figures
from webapp.flower import connect_flower, flower
from webapp.formats import add_filters
from webapp.language import speak_languages
from webapp.listeners import add_listeners
from webapp.metrics import metrics
from webapp.navigation import add_navigation
from webapp.pages import PAGES
from webapp.pages.reports import connect_reports
from webapp.reverse_proxies import trust_reverse_proxies
from webapp.security import add_headers
from webapp.transfer import prepare_transfer


def create_app(settings: Settings | None = None) -> Flask:
    """The application on ``settings.database_url`` (the environment's when None); it connects with the first request.

    ConfigurationError when the settings name no usable database.
    """
    settings = environment.load() if settings is None else settings
    app = Flask(__name__)
    app.json = IsoJsonProvider(app)
    app.extensions[STORE] = store = Store(settings.database_url)
    share_figures(app, store)
    add_listeners(app)
    app.config[DATA_DIR] = settings.data_dir
    speak_languages(app)
    add_filters(app)
    add_navigation(app)
    app.after_request(add_headers)
    app.after_request(prepare_transfer)
    for blueprint in (*PAGES, api, flower, metrics):
        app.register_blueprint(blueprint)
    connect_flower(app, settings)
    connect_reports(app, settings)
    trust_reverse_proxies(app, settings)
    answer_faults(app)
    return app
