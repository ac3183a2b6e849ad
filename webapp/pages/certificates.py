"""Certificates: searching them, one of them with all that is known."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.exceptions import NotFound

from ctcollect.domains import ORGANISATION_TYPES, is_jp
from ctcollect.search import MATCHES
from ctcollect.store.certificate_documents import certificate_rows
from webapp.asked import check_parameters
from webapp.certificate_lookup import certificate_numbered
from webapp.certificate_queries import NEXT, asked, filters, next_address
from webapp.database import ask
from webapp.language import gettext as _

ROWS_A_PAGE = 50
NAMES_SHOWN = 50

certificates = Blueprint("certificates", __name__, url_prefix="/certificates")
# Of others' names only those have a page; one that is no DNS name is shown and leads nowhere.
certificates.app_template_test("domain")(is_jp)


@certificates.get("")
def search() -> str:
    """The form with all filters, and the certificates that meet them, the newest first."""
    found, more = ask(certificate_rows, *asked(longest=ROWS_A_PAGE))
    return render_template(
        "certificates.html",
        filters=filters(),
        matches=MATCHES,
        types=ORGANISATION_TYPES,
        found=found,
        first=url_for(".search", **filters()) if NEXT in request.args else None,
        next=next_address(more) if more else None,
    )


@certificates.get("/<int:number>")
def page(number: int) -> str:
    """All fields of a certificate, its names and where it was seen."""
    check_parameters()
    if (certificate := certificate_numbered(number)) is None:
        raise NotFound(_("There is no certificate of this number."))
    return render_template("certificate.html", certificate=certificate, names_shown=NAMES_SHOWN)
