"""The reports that were made, each as it was written."""

from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, send_from_directory, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as WerkzeugResponse

from ctcollect.settings import Settings
from webapp.asked import check_parameters
from webapp.reports import FOLDER, INDEX, reports_in
from webapp.security import POLICY, policy_text

reports = Blueprint("reports", __name__, url_prefix="/reports")

REPORTS = "ctcollect_reports"
PICTURES_SHOWN, FILES_SHOWN = 9, 8
# A report stands alone: its styles and pictures are in it, and it needs no script.
REPORT_POLICY = policy_text(
    POLICY | {"script-src": "'none'", "connect-src": "'none'", "form-action": "'none'", "style-src": "'unsafe-inline'"}
)


def connect_reports(app: Flask, settings: Settings) -> None:
    """Where the reports are; the folder need not exist yet."""
    app.extensions[REPORTS] = settings.data_dir.absolute() / FOLDER


@reports.get("")
def page() -> str:
    """The newest report and the earlier ones, with the dates of their data."""
    check_parameters()
    found = reports_in(_folder())
    return render_template("reports.html", reports=found, pictures_shown=PICTURES_SHOWN, files_shown=FILES_SHOWN)


@reports.get("/<name>")
def enter(name: str) -> WerkzeugResponse:
    """To the folder, so that what a report links to is found beside it."""
    return redirect(url_for("reports.file", name=name))


@reports.get("/<name>/", defaults={"path": INDEX})
@reports.get("/<name>/<path:path>")
def file(name: str, path: str) -> Response:
    """A file of a report; NotFound for what is none, or is hidden."""
    if any(part.startswith(".") for part in (name, *path.split("/"))):
        raise NotFound
    response = send_from_directory(_folder(), f"{name}/{path}")
    response.headers["Content-Security-Policy"] = REPORT_POLICY
    return response


def _folder() -> Path:
    folder: Path = current_app.extensions[REPORTS]
    return folder
