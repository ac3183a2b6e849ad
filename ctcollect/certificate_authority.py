"""A certificate authority of one's own for the broker's TLS: its certificate, and one for the server, into a folder."""

import ipaddress
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ctcollect.errors import ConfigurationError

CA_FILE, CA_KEY_FILE = "ca.pem", "ca-key.pem"
SERVER_FILE, SERVER_KEY_FILE = "redis.pem", "redis-key.pem"
CA_DAYS = 3650
SERVER_DAYS = 825  # the most that some TLS libraries take of a certificate for a server
PRIVATE, PUBLIC = 0o600, 0o644
CLOCK_SKEW = timedelta(days=1)


def make_authority(directory: Path, hosts: Sequence[str], days: int = SERVER_DAYS) -> None:
    """Four PEM files for a broker that is reached under ``hosts`` (names, addresses). Nothing is ever overwritten.

    The keys are EC P-256, readable for their owner alone. ConfigurationError for a host that is none and for a folder
    that can't be written.
    """
    names = [_host_name(host) for host in hosts]
    ca_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _authority(ca_key)
    server = _server(server_key.public_key(), names, authority, ca_key, days)
    files = {
        CA_FILE: (authority.public_bytes(serialization.Encoding.PEM), PUBLIC),
        CA_KEY_FILE: (_pem(ca_key), PRIVATE),
        SERVER_FILE: (server.public_bytes(serialization.Encoding.PEM), PUBLIC),
        SERVER_KEY_FILE: (_pem(server_key), PRIVATE),
    }
    _write_new(directory, files)


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host.encode("idna").decode("ascii"))
    except (UnicodeError, ValueError):
        raise ConfigurationError(f"{host!r} is neither the name of a host nor an address") from None


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ctcollect broker CA")])
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    builder = _builder(name, name, key.public_key(), CA_DAYS)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(usage, critical=True)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return builder.add_extension(identifier, critical=False).sign(key, hashes.SHA256())


def _server(
    key: ec.EllipticCurvePublicKey,
    names: Sequence[x509.GeneralName],
    authority: x509.Certificate,
    ca_key: ec.EllipticCurvePrivateKey,
    days: int,
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ctcollect broker")])
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    builder = _builder(name, authority.subject, key, days)
    for extension, is_critical in (
        (x509.SubjectAlternativeName(names), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage, True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), False),
    ):
        builder = builder.add_extension(extension, critical=is_critical)
    return builder.sign(ca_key, hashes.SHA256())


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    # Friends' clocks may be a little slow. A number of days below 0 is for those who need an expired one.
    return builder.not_valid_before(now - CLOCK_SKEW).not_valid_after(now + timedelta(days=days))


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _write_new(directory: Path, files: dict[str, tuple[bytes, int]]) -> None:
    present = [name for name in files if (directory / name).exists()]
    if present:
        raise ConfigurationError(f"{directory} holds {', '.join(present)} already: nothing is overwritten")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, (content, mode) in files.items():
            descriptor = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
    except OSError as error:
        raise ConfigurationError(f"{directory} can't be written: {error.strerror}") from None
