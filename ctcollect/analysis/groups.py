"""The groups that figures are given for. A group's text is ``kind:value``; a lineage is in several."""

from functools import lru_cache

from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.rules import Rules
from ctcollect.domains import is_idn, is_local_government, registry_class

ALL = "all"
LOCAL_GOVERNMENT = "organisation:local_gov"
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
    newest = result.events[-1]
    owner = " + ".join(sorted(newest.owners))
    return (
        ALL,
        *organisation_groups(result.registered_domain),
        f"ca:{owner}",
        f"validation:{validation(result.certificates[-1].issuance.policy_oids)}",
        f"validity:{rules.validity_class(newest.validity_days)}",
    )


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
