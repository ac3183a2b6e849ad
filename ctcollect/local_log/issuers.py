"""The issuing CAs of the local log: two roots, three CAs, one precertificate signing authority."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import ec

from ctcollect.local_log import certificates, der, extensions, keys
from ctcollect.local_log.certificates import Authority
from ctcollect.protocol.rfc6962 import ExtraData


@dataclass(frozen=True)
class Issuer:
    """An issuing CA, the lifetime of its certificates, and its precertificate signing authority, if any."""

    authority: Authority
    lifetime: timedelta
    extensions: tuple[bytes, ...]
    signing: Authority | None = None

    @cached_property
    def chain(self) -> bytes:
        return ExtraData(None, self.authority.chain).encode()

    @cached_property
    def signing_chain(self) -> bytes:
        return ExtraData(None, self.signing.chain if self.signing else ()).encode()


def issuers(seed: int) -> tuple[Issuer, ...]:
    """Three issuing CAs under two roots; the second has a precertificate signing certificate."""
    first, second = (certificates.root(*_identity(seed, name)) for name in ("Root X1", "Root X2"))
    server = (extensions.SERVER_AUTH, extensions.CLIENT_AUTH)
    free = first.certify(*_identity(seed, "CA R1"), *server)
    paid = second.certify(*_identity(seed, "CA R2"), *server)
    short = first.certify(*_identity(seed, "CA E1"), *server)
    signing = paid.certify(*_identity(seed, "Precertificate Signing P1"), extensions.PRECERTIFICATE_SIGNING)
    by_domain, by_organization = extensions.DOMAIN_VALIDATED, extensions.ORGANIZATION_VALIDATED
    return (
        Issuer(free, timedelta(days=90), fixed_extensions("r1", by_domain)),
        Issuer(paid, timedelta(days=397), fixed_extensions("r2", by_organization), signing),
        Issuer(short, timedelta(days=47), fixed_extensions("e1", by_domain)),
    )


def _identity(seed: int, name: str) -> tuple[tuple[bytes, ...], ec.EllipticCurvePrivateKey]:
    """Name and key of an authority."""
    rdns = (
        certificates.attribute(certificates.COUNTRY, der.printable("JP")),
        certificates.attribute(certificates.ORGANIZATION, der.utf8("ctcollect Local Trust")),
        certificates.attribute(certificates.COMMON_NAME, der.utf8(f"ctcollect Local {name}")),
    )
    return rdns, keys.private_key(seed, name)


def fixed_extensions(label: str, policy: str) -> tuple[bytes, ...]:
    """The extensions that all certificates of a CA share."""
    return (
        extensions.basic_constraints(is_ca=False),
        extensions.key_usage(extensions.DIGITAL_SIGNATURE),
        extensions.extended_key_usage(extensions.SERVER_AUTH, extensions.CLIENT_AUTH),
        extensions.policies(f"https://{label}.local-ca.example/practice-statement", policy),
        extensions.authority_information(
            f"http://ocsp.{label}.local-ca.example",
            f"http://certificates.{label}.local-ca.example/{label}.der",
        ),
        extensions.crl_distribution_point(f"http://crl.{label}.local-ca.example/{label}/current.crl"),
    )
