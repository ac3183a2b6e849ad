"""The CAs of the scenarios. The organization is a real CA's, by which an analysis knows its owner; nothing else is."""

from collections.abc import Mapping
from datetime import timedelta

from ctcollect.local_log import certificates, der, extensions, keys
from ctcollect.local_log.issuers import Issuer, fixed_extensions
from ctcollect.local_log.scenarios.habits import AMAZON, DIGICERT, GOOGLE, LETS_ENCRYPT

# organizationName -> country, label of its addresses, days that its certificates last, policy
CAS: Mapping[str, tuple[str, str, int, str]] = {
    LETS_ENCRYPT: ("US", "like-lets-encrypt", 90, extensions.DOMAIN_VALIDATED),
    DIGICERT: ("US", "like-digicert", 397, extensions.ORGANIZATION_VALIDATED),
    AMAZON: ("US", "like-amazon", 395, extensions.DOMAIN_VALIDATED),
    GOOGLE: ("US", "like-google", 90, extensions.DOMAIN_VALIDATED),
}


def scenario_issuers(seed: int) -> dict[str, Issuer]:
    """By organizationName: each CA under a root of its own."""
    return {organization: _issuer(seed, organization) for organization in CAS}


def _issuer(seed: int, organization: str) -> Issuer:
    country, label, days, policy = CAS[organization]

    def named(common_name: str) -> tuple[bytes, ...]:
        return (
            certificates.attribute(certificates.COUNTRY, der.printable(country)),
            certificates.attribute(certificates.ORGANIZATION, der.utf8(organization)),
            certificates.attribute(certificates.COMMON_NAME, der.utf8(f"ctcollect {common_name} {label}")),
        )

    root = certificates.root(named("Root"), keys.private_key(seed, f"{label} root"))
    usages = (extensions.SERVER_AUTH, extensions.CLIENT_AUTH)
    authority = root.certify(named("CA"), keys.private_key(seed, f"{label} ca"), *usages)
    return Issuer(authority, timedelta(days=days), fixed_extensions(label, policy))
