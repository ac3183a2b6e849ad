"""One certificate, by its number here: all that is known of it, and its bytes."""

import ssl
from typing import Any

from flask import Response, current_app
from werkzeug.exceptions import NotFound

from ctcollect.coordinator.certificate_der import certificate_der
from webapp.api.endpoints import PREFIX, STEADY, document, endpoint
from webapp.api.schemas import CERTIFICATE, count, moment, optional, record, text
from webapp.certificate_lookup import certificate_numbered
from webapp.database import DATA_DIR, ask

PEM = "application/x-pem-file"

SCT = record(
    "An SCT that the certificate holds.",
    log_id=text("the id of the log that gave it, 64 hex digits"),
    log=optional(text("that log's name; null: it is not known here")),
    timestamp_ms=count("its time in milliseconds since 1970"),
    timestamp=optional(moment("the same; null: beyond the calendar's end")),
)
SCTS = {"type": "array", "items": SCT, "description": "the embedded SCTs with their logs"}
FIELDS = CERTIFICATE["properties"]
WHOLE_CERTIFICATE = record(
    CERTIFICATE["description"],
    **{name: schema for name, schema in FIELDS.items() if name != "sightings"},
    scts=SCTS,
    sightings=FIELDS["sightings"],
)


@document(f"{PREFIX}/certificates/{{number}}", WHOLE_CERTIFICATE, STEADY, may_miss=True)
def certificate(number: int) -> dict[str, Any]:
    """One certificate: all of its fields, all places where it was seen."""
    if (found := certificate_numbered(number)) is None:
        raise NotFound("there is no certificate of this number")
    return found


@endpoint(f"{PREFIX}/certificates/{{number}}.pem", {"type": "string"}, PEM, may_miss=True)
def certificate_pem(number: int) -> Response:
    """The certificate itself, from the leaf files, as PEM.

    Where only the precertificate was seen it is that, as the file's name says. 404 also where the leaf files are not.
    """
    certificate(number)
    stored = ask(certificate_der, current_app.config[DATA_DIR], number)
    if stored is None:
        raise NotFound("the file with the bytes of this certificate is not on this machine")
    answer = Response(ssl.DER_cert_to_PEM_cert(stored.der), mimetype=PEM)
    kind = "certificate" if stored.is_final else "precertificate"
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}-{number}.pem"'
    answer.headers["Cache-Control"] = STEADY
    return answer
