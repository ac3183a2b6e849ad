"""Flower below /flower of the page: a small proxy in front of its own port, for who has the password.

Flower may be looked at, and told to slow a worker down or to take a queue from it. All else that its buttons would
do is refused here, as the workers refuse it: what a friend lent is not for others to change.
"""

import hashlib
import hmac
import re
from base64 import b64encode
from importlib.resources import files
from urllib.parse import quote

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Timeout, connection_from_url
from urllib3.exceptions import EmptyPoolError, HTTPError
from werkzeug.wrappers import Response as WerkzeugResponse

from ctcollect.errors import ConfigurationError
from ctcollect.flower_login import flower_login
from ctcollect.settings import Settings
from webapp.language import gettext as _
from webapp.security import POLICY, policy_text

flower = Blueprint("flower", __name__, url_prefix="/flower")

UPSTREAM, LOGIN = "ctcollect_flower", "ctcollect_flower_login"
# However slow Flower is, no more threads of this process wait for it: who comes then is asked to come again.
AT_A_TIME = 2
CONNECT_SECONDS, ANSWER_SECONDS = 1, 5
RETRY_SECONDS = 5
BODY_BYTES = 64 * 2**10

# "tasks/datatable" only reads. What the coordinator records must not be stopped.
MAY_POST = re.compile(r"tasks/datatable|api/(task/rate-limit|worker/queue/cancel-consumer)/(?!coordinator@)[^/]+")
# Answers to these go into Flower's own pages, or to programs.
FOR_PROGRAMS = ("api/", "metrics", "tasks/datatable")
REQUEST_HEADERS = ("Accept", "Content-Type", "If-None-Match", "If-Modified-Since", "Origin", "Sec-Fetch-Site")
ANSWER_HEADERS = ("Content-Type", "ETag", "Last-Modified", "Cache-Control", "Expires", "Location", "Allow")

# Out of the package: a page of Flower asks for nine of these at once.
STATIC, STATIC_SECONDS = "static/", 86400
STATIC_FOLDER = str(files("flower") / "static")

# The only script that Flower writes into its pages. Its tables set styles of single elements.
INLINE_SCRIPT = "\nvar autorefresh = 1;\n"
SCRIPT_HASH = b64encode(hashlib.sha256(INLINE_SCRIPT.encode()).digest()).decode()
FLOWER_POLICY = policy_text(
    POLICY | {"script-src": f"'self' 'sha256-{SCRIPT_HASH}'", "style-src-attr": "'unsafe-inline'"}
)


def connect_flower(app: Flask, settings: Settings) -> None:
    """Where Flower is and who may see it; ConfigurationError for settings that do not fit."""
    app.extensions[LOGIN] = flower_login(settings)
    timeout = Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
    try:
        if not settings.flower_url.startswith(("http://", "https://")):
            raise ValueError
        pool = connection_from_url(settings.flower_url, maxsize=AT_A_TIME, block=True, timeout=timeout, retries=False)
    except (HTTPError, ValueError):
        raise ConfigurationError("CTCOLLECT_FLOWER_URL is not a url such as http://127.0.0.1:5555") from None
    app.extensions[UPSTREAM] = pool
    app.jinja_env.globals |= {"flower_worker_url": flower_worker_url, "flower_is_shown": bool(app.extensions[LOGIN])}


def flower_worker_url(worker_name: str) -> str:
    """The page of Flower about the worker alice@host, as a path of this site; "" when Flower is not shown."""
    if not current_app.extensions[LOGIN]:
        return ""
    return url_for("flower.show") + "worker/" + quote(worker_name, safe="@")


@flower.get("")
def enter() -> WerkzeugResponse:
    """To the folder, by a path alone: a server with TLS may stand in front."""
    return redirect(url_for("flower.show"))


@flower.route("/", defaults={"path": ""}, methods=["GET", "POST"], endpoint="show")
@flower.route("/<path:path>", methods=["GET", "POST"])
def forward(path: str) -> Response:
    """What Flower answers.

    401 without the password, 403 for what it may not do, 404 when it is not shown, 503 when it is away or busy.
    """
    login = current_app.extensions[LOGIN]
    if not login:
        return _say(
            404, _("Flower is not shown"), _("Set CTCOLLECT_FLOWER_PASSWORD and start the page and Flower again.")
        )
    if not _is_admitted(login):
        return _say(
            401, _("A password, please"), _("Flower is for the coordinator. CTCOLLECT_FLOWER_USER is who may log in.")
        )
    if request.method == "POST" and not MAY_POST.fullmatch(path):
        return _say(
            403, _("Not from here"), _("Flower may slow a worker down or take a queue from it, and look at the rest.")
        )
    if path.startswith(STATIC):
        return send_from_directory(STATIC_FOLDER, path.removeprefix(STATIC), max_age=STATIC_SECONDS)
    request.max_content_length = BODY_BYTES
    try:
        return _passed_on(_ask(path, login))
    except EmptyPoolError:
        return _say(503, _("Flower is busy"), _("Others are being answered: try again soon."))
    except (HTTPError, OSError) as error:
        current_app.logger.warning("Flower does not answer: %s", error)
        return _say(503, _("Flower does not answer"), _("It is not running, or not ready yet. The collection goes on."))


def _is_admitted(login: str) -> bool:
    given = request.authorization
    if given is None or given.type != "basic":
        return False
    return hmac.compare_digest(f"{given.username}:{given.password}".encode(), login.encode())


def _ask(path: str, login: str) -> BaseHTTPResponse:
    """Flower's answer with its body; HTTPError when there is none in time."""
    pool: HTTPConnectionPool = current_app.extensions[UPSTREAM]
    # Of what the browser sends only what Flower needs: no cookies of anybody, nothing that binds the connection.
    headers = {name: request.headers[name] for name in REQUEST_HEADERS if name in request.headers}
    # Flower compares the host with the origin, so that no other site can fill in its forms.
    headers |= {"Host": request.host, "Authorization": "Basic " + b64encode(login.encode()).decode()}
    query = request.query_string.decode("ascii", "ignore")
    return pool.urlopen(
        "POST" if request.method == "POST" else "GET",
        quote(f"/flower/{path}", safe="/@:") + (f"?{query}" if query else ""),
        body=request.get_data() or None,
        headers=headers,
        redirect=False,
        pool_timeout=0,
    )


def _passed_on(answer: BaseHTTPResponse) -> Response:
    if answer.status >= 500:
        # Flower's own page of it is a traceback.
        return _say(502, _("Flower has failed"), _("What it was asked for went wrong there; its log says why."))
    response = Response(answer.data, answer.status)
    response.headers.clear()
    for name in ANSWER_HEADERS:
        if name in answer.headers:
            response.headers[name] = answer.headers[name]
    response.headers["Content-Security-Policy"] = FLOWER_POLICY
    return response


def _say(status: int, title: str, sentence: str) -> Response:
    """A page of our own, or a line where Flower's scripts or programs ask."""
    retry_seconds = RETRY_SECONDS if status == 503 else None
    path = request.path.removeprefix(flower.url_prefix or "").lstrip("/")
    if path.startswith(FOR_PROGRAMS):
        response = Response(f"{title}: {sentence}\n", status, mimetype="text/plain")
    else:
        page = render_template("message.html", title=title, sentence=sentence, retry_seconds=retry_seconds)
        response = Response(page, status)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Flower", charset="UTF-8"'
    if retry_seconds:
        response.headers["Retry-After"] = str(retry_seconds)
    return response
