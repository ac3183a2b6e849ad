"""The rules and parameters of the analysis: data in rules.toml, here as frozen values.

A parameter's id is ``section.field``, and both names are those of the dataclasses below; a study that refits one
changes the file and nothing else. ``Rules.sha256`` names the very file that a report was made by.
"""

import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from ctcollect.errors import ConfigurationError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plausible:
    not_before_from: datetime
    not_after_until: datetime
    not_before_ahead_h: float


@dataclass(frozen=True, slots=True)
class Bundling:
    window_h: float
    validity_d: float


@dataclass(frozen=True, slots=True)
class Parallel:
    max_degree: int
    min_events: int
    min_elapsed: float
    max_elapsed: float
    dispersion_factor: float
    dispersion_slack_d: float


@dataclass(frozen=True, slots=True)
class Early:
    elapsed: float
    of_median: float
    min_intervals: int
    revocation_elapsed: float


@dataclass(frozen=True, slots=True)
class Elapsed:
    early: float
    two_thirds_from: float
    two_thirds_until: float
    last_tenth: float


@dataclass(frozen=True, slots=True)
class GapLimits:
    noise_h: float
    first_days_d: float
    late_d: float
    long_late_d: float


@dataclass(frozen=True, slots=True)
class MissingRecord:
    min_intervals: int
    max_multiple: int
    tolerance: float


@dataclass(frozen=True, slots=True)
class Regularity:
    min_leads: int
    robust_from: int


@dataclass(frozen=True, slots=True)
class Index:
    machine_median_d: float
    machine_sigma: float
    human_median_d: float
    human_sigma: float
    min_dispersion_d: float
    clip: float
    machine_outside_office: float
    human_outside_office: float
    human_non_business: float
    short_validity_d: float
    long_validity_d: float
    automated_from: float
    manual_until: float


@dataclass(frozen=True, slots=True)
class Population:
    human_shares: tuple[float, ...]
    min_events: int


@dataclass(frozen=True, slots=True)
class Office:
    first_hour: int
    end_hour: int


@dataclass(frozen=True, slots=True)
class Nenmatsu:
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class CoverageRules:
    join_h: float
    interval_d: float
    complete: float


@dataclass(frozen=True, slots=True)
class Statistics:
    confidence: float
    bootstrap_samples: int
    seed: int
    min_domains: int


@dataclass(frozen=True, slots=True)
class Standard:
    min_share: float


@dataclass(frozen=True, slots=True)
class Provider:
    largest: int
    shared_from: int


@dataclass(frozen=True, slots=True)
class ValidityClass:
    """Certificates of at most ``max_days`` days and more than the class before allows."""

    id: str
    max_days: int
    source: str


@dataclass(frozen=True, slots=True)
class Phase:
    """What the Baseline Requirements allow those issued from a day on (M13)."""

    id: str
    issued_from: date
    max_days: int
    recommended_days: int
    domain_reuse_days: int
    identity_reuse_days: int
    usual_elapsed: float
    source: str


@dataclass(frozen=True, slots=True)
class Milestone:
    """A change that a CA announced; ``issuer`` is the issuer's organizationName."""

    id: str
    on: date
    issuer: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class MassRevocation:
    """Days in UTC, both ends included; ``owner`` operates the CA, as ca_owners.json has it."""

    id: str
    owner: str
    issued_from: date
    issued_until: date
    notice: date
    replaced_until: date
    source: str


@dataclass(frozen=True, slots=True)
class MachineGroup:
    """Whoever has the newest certificate from this owner (ca_owners.json) has a machine renew it."""

    id: str
    owner: str
    source: str


@dataclass(frozen=True, slots=True)
class PersonGroup:
    """Whose newest certificate is of this owner, validation and validity class, issued up to a day (UTC, included)."""

    id: str
    owner: str
    validations: Sequence[str]
    validity_class: str
    issued_until: date
    source: str

    @property
    def issued_before_s(self) -> float:
        """Seconds since 1970 UTC."""
        return datetime.combine(self.issued_until, time.max, UTC).timestamp()


@dataclass(frozen=True, slots=True)
class Parameter:
    """One line of the report's table of parameters."""

    id: str
    value: Any
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Rules:
    """All of rules.toml; ``sha256`` (hex) is that of the file's octets."""

    sha256: str
    parameters: tuple[Parameter, ...]
    plausible: Plausible
    bundling: Bundling
    parallel: Parallel
    early: Early
    elapsed: Elapsed
    gap: GapLimits
    missing: MissingRecord
    regularity: Regularity
    index: Index
    population: Population
    office: Office
    nenmatsu: Nenmatsu
    coverage: CoverageRules
    statistics: Statistics
    standard: Standard
    provider: Provider
    validity_classes: tuple[ValidityClass, ...]
    phases: tuple[Phase, ...]
    milestones: tuple[Milestone, ...]
    mass_revocations: tuple[MassRevocation, ...]
    machine_groups: tuple[MachineGroup, ...]
    person_groups: tuple[PersonGroup, ...]

    def validity_class(self, days: float) -> str:
        """The id of the class of a certificate that lasts ``days`` days."""
        for each in self.validity_classes:
            if days <= each.max_days:
                return each.id
        return self.validity_classes[-1].id


SECTIONS: dict[str, type] = {
    "plausible": Plausible,
    "bundling": Bundling,
    "parallel": Parallel,
    "early": Early,
    "elapsed": Elapsed,
    "gap": GapLimits,
    "missing": MissingRecord,
    "regularity": Regularity,
    "index": Index,
    "population": Population,
    "office": Office,
    "nenmatsu": Nenmatsu,
    "coverage": CoverageRules,
    "statistics": Statistics,
    "standard": Standard,
    "provider": Provider,
}


@cache
def default_rules() -> Rules:
    """The rules that the package brings."""
    return parse_rules(files(__package__).joinpath("rules.toml").read_bytes())


def parse_rules(octets: bytes) -> Rules:
    """The rules of a TOML file; ConfigurationError, which names the place, for one that is not complete."""
    try:
        document = tomllib.loads(octets.decode())
        parameters = tuple(_record(Parameter, each) for each in document.pop("parameter"))
        return Rules(
            sha256=hashlib.sha256(octets).hexdigest(),
            parameters=parameters,
            **_sections(parameters),
            validity_classes=tuple(_record(ValidityClass, each) for each in document.pop("validity_class")),
            phases=tuple(_record(Phase, each) for each in document.pop("phase")),
            milestones=tuple(_record(Milestone, each) for each in document.pop("milestone")),
            mass_revocations=tuple(_record(MassRevocation, each) for each in document.pop("mass_revocation")),
            machine_groups=tuple(_record(MachineGroup, each) for each in document.pop("machine_group")),
            person_groups=tuple(_record(PersonGroup, each) for each in document.pop("person_group")),
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise ConfigurationError(f"the rules are no TOML: {fault}") from None
    except KeyError as missing:
        raise ConfigurationError(f"the rules have no {missing.args[0]!r}") from None


def _sections(parameters: tuple[Parameter, ...]) -> dict[str, Any]:
    """Each section's dataclass from the parameters of its name; none may be missing or left over."""
    values = {each.id: tuple(each.value) if isinstance(each.value, list) else each.value for each in parameters}
    sections = {
        name: section(**{each.name: values.pop(f"{name}.{each.name}") for each in fields(section)})
        for name, section in SECTIONS.items()
    }
    if values:
        raise ConfigurationError(f"the rules name a parameter that the analysis has not: {min(values)}")
    return sections


def _record(kind: type[T], entry: dict[str, Any]) -> T:
    """An entry of the file as a dataclass; KeyError for a field that it lacks."""
    return kind(**{each.name: entry[each.name] for each in fields(kind)})  # type: ignore[arg-type]
