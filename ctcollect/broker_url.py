"""What CTCOLLECT_BROKER_URL and CTCOLLECT_BROKER_CA say: checked before Celery reads them, TLS always verified."""

import base64
import binascii
import re
import ssl
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ctcollect.errors import ConfigurationError
from ctcollect.settings import Settings

PLAIN, TLS = "redis", "rediss"
DATABASE = re.compile(r"/?[0-9]{0,4}")
PEM_BEGIN, PEM_END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def check_broker_url(url: str, setting: str = "CTCOLLECT_BROKER_URL") -> None:
    """ConfigurationError, which never repeats the password, unless it is a url of Redis that leaves TLS to us."""
    try:
        parts = urlsplit(url)
        is_place = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise ConfigurationError(f"{setting} can't be read: {error}") from None
    if parts.scheme not in (PLAIN, TLS) or not is_place:
        raise ConfigurationError(f"{setting} must be redis://HOST:PORT/0, or rediss://HOST:PORT/0 with TLS")
    if not DATABASE.fullmatch(parts.path):
        raise ConfigurationError(f"{setting} must end with the number of a database, as in redis://HOST:6379/0")
    if any(name.startswith("ssl") for name, _ in parse_qsl(parts.query)):
        raise ConfigurationError(f"{setting} holds options of TLS: name the CA in CTCOLLECT_BROKER_CA instead")


def tls_options(settings: Settings) -> dict[str, Any] | None:
    """Celery's broker_use_ssl: Celery itself would take any certificate. None for a url without TLS."""
    if urlsplit(settings.broker_url).scheme != TLS:
        return None
    options = {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
    return options | ({"ssl_ca_data": _ca_certificates(settings.broker_ca)} if settings.broker_ca else {})


def _ca_certificates(given: str) -> str:
    """PEM, out of a file or out of the setting itself, where an invitation puts it: DER in base64, on one line."""
    certificates = _from_base64(given) or _from_file(given)
    try:
        ssl.create_default_context().load_verify_locations(cadata=certificates)
    except ssl.SSLError:
        raise ConfigurationError("CTCOLLECT_BROKER_CA holds no certificate of a CA that can be read") from None
    return certificates


def _from_base64(given: str) -> str | None:
    try:
        der = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return None
    return ssl.DER_cert_to_PEM_cert(der) if der.startswith(b"\x30\x82") else None


def _from_file(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            text = file.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ConfigurationError(f"CTCOLLECT_BROKER_CA names a file that can't be read: {reason}: {path:.80}") from None
    if PEM_BEGIN not in text:
        raise ConfigurationError(f"CTCOLLECT_BROKER_CA names a file that holds no certificate: {path:.80}")
    return text


def ca_on_one_line(given: str) -> str:
    """CTCOLLECT_BROKER_CA in the form that fits into a command; only the first certificate of a file."""
    certificates = _ca_certificates(given)
    end = certificates.index(PEM_END) + len(PEM_END)
    return base64.b64encode(ssl.PEM_cert_to_DER_cert(certificates[certificates.index(PEM_BEGIN) : end])).decode()
