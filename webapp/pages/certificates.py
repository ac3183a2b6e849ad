"""Certificates: searching them, one of them with all that is known, its bytes."""

import ssl
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request, url_for
from werkzeug.exceptions import NotFound

from ctcollect.coordinator.certificate_der import certificate_der
from ctcollect.domains import ORGANISATION_TYPES, is_jp
from ctcollect.search import MATCHES
from ctcollect.store.certificate_documents import certificate_document, certificate_rows
from webapp.certificate_queries import NEXT, asked, filters, next_address
from webapp.database import DATA_DIR, ask
from webapp.language import gettext as _

ROWS_A_PAGE = 50
NAMES_SHOWN = 50
LARGEST_ID = 2**63 - 1

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
    return render_template("certificate.html", certificate=_document(number), names_shown=NAMES_SHOWN)


@certificates.get("/<int:number>.json")
def as_json(number: int) -> Response:
    """The same as a document."""
    return jsonify(_document(number))


@certificates.get("/<int:number>.pem")
def as_pem(number: int) -> Response:
    """The certificate itself, from the leaf files, or the precertificate, as the file's name says, if all that is."""
    _document(number)
    stored = ask(certificate_der, current_app.config[DATA_DIR], number)
    if stored is None:
        raise NotFound(_("The file with the bytes of this certificate is not on this machine."))
    answer = Response(ssl.DER_cert_to_PEM_cert(stored.der), mimetype="application/x-pem-file")
    kind = "certificate" if stored.is_final else "precertificate"
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}-{number}.pem"'
    return answer


def _document(number: int) -> dict[str, Any]:
    document = ask(certificate_document, number) if number <= LARGEST_ID else None
    if document is None:
        raise NotFound(_("There is no certificate of this number."))
    return document
