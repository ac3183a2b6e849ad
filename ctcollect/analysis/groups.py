"""The groups that figures are given for. A group's text is ``kind:value``; a lineage is in several.

Beside those of the tables: ``ca_organisation:co:DigiCert`` for rates that are standardised, ``known:lets-encrypt`` and
``known:machine`` for the check of the index, ``sharing:many`` for certificates of many registered domains.
"""

from collections.abc import Iterator
from functools import lru_cache

from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.rules import Rules
from ctcollect.domains import is_idn, is_local_government, registry_class

ALL = "all"
LOCAL_GOVERNMENT = "organisation:local_gov"
SHARED = "sharing:many"
WITHOUT = "without:"
KNOWN_MACHINE, KNOWN_PERSON = "known:machine", "known:person"
# The rows of the tables by organisation, in JPRS's order; local_gov lies over lg, geographic and prefecture.
ORGANISATION_TYPES = (
    "go", "lg", "local_gov", "ac", "ed", "co", "or", "ne", "gr", "ad", "geographic", "prefecture", "general"
)  # fmt: skip

# CA/Browser Forum's reserved policy identifiers (Baseline Requirements 7.1.6.1; EV Guidelines 9.3.2).
VALIDATIONS = {
    "2.23.140.1.1": "EV",
    "2.23.140.1.2.2": "OV",
    "2.23.140.1.2.3": "IV",
    "2.23.140.1.2.1": "DV",
}


def groups_of(result: LineageResult, rules: Rules) -> tuple[str, ...]:
    """All, its organisation type and overlays, the newest CA's owner, the newest validation and validity class."""
    newest, domain = result.events[-1], result.registered_domain
    owner = " + ".join(sorted(newest.owners))
    validated = validation(result.certificates[-1].issuance.policy_oids)
    validity = rules.validity_class(newest.validity_days)
    is_shared = len(result.certificates[0].issuance.registered_domains) >= rules.provider.shared_from
    return (
        ALL,
        *organisation_groups(domain),
        f"ca:{owner}",
        f"ca_organisation:{registry_class(domain)}:{owner}",
        f"validation:{validated}",
        f"validity:{validity}",
        *known_groups(owner, validated, validity, newest.issued_s, rules),
        *((SHARED,) if is_shared else ()),
    )


def known_groups(owner: str, validated: str, validity: str, issued_s: float, rules: Rules) -> Iterator[str]:
    """The groups of which it is known that machines, or people, renew; and "known:machine" or "known:person".

    By the newest certificate's CA, validation, validity class and time of issue: the index looks at none of them but
    the validity, which ``behaviour_index`` leaves out.
    """
    for machine in rules.machine_groups:
        if machine.owner == owner:
            yield from (f"known:{machine.id}", KNOWN_MACHINE)
    for person in rules.person_groups:
        is_one = (person.owner, person.validity_class) == (owner, validity) and validated in person.validations
        if is_one and issued_s < person.issued_before_s:
            yield from (f"known:{person.id}", KNOWN_PERSON)


def is_provider(group: str) -> bool:
    """Whether headlines are told without it too."""
    return group.startswith("ca:") or group == SHARED


def has(provider: str) -> str:
    """The mark of all lineages of a domain of which some are in the group ``provider``."""
    return f"has:{provider}"


def without(provider: str) -> str:
    """The group of those lineages of such a domain that are not."""
    return f"{WITHOUT}{provider}"


@lru_cache(maxsize=1024)
def organisation_groups(domain: str) -> tuple[str, ...]:
    """The organisation type of a registered domain, and the overlays that it lies in."""
    groups = [f"organisation:{registry_class(domain)}"]
    if is_local_government(domain):
        groups.append(LOCAL_GOVERNMENT)
    if is_idn(domain):
        groups.append("overlay:idn")
    return tuple(groups)


def validation(policy_oids: tuple[str, ...]) -> str:
    """DV, OV, IV or EV by the reserved identifiers; "unknown" without one."""
    return next((name for oid, name in VALIDATIONS.items() if oid in policy_oids), "unknown")
