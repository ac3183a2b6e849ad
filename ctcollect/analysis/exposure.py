"""What the shorter validities of SC-081v3 mean for one lineage (M13): a scenario, not a forecast."""

from ctcollect.analysis.lineage import LineageResult
from ctcollect.analysis.rules import Phase, Rules

DAYS_OF_A_YEAR = 365.25


def renewals_per_year(result: LineageResult, phase: Phase | None, rules: Rules) -> float:
    """The lineage's load: now (None), or as it will be when a phase rules.

    The newest validity and the lineage's own median of the share used; where a phase shortens the validity, or where
    nothing was measured, the share that is usual in the phase that such a validity belongs to.
    """
    newest = result.events[-1].validity_days
    days = newest if phase is None else min(newest, phase.recommended_days)
    own = result.median_elapsed if days == newest else None
    elapsed = own or usual_elapsed(days, rules)
    return result.parallel_degree * DAYS_OF_A_YEAR / (days * elapsed)


def usual_elapsed(validity_days: float, rules: Rules) -> float:
    """The share of its validity after which a certificate of this length is usually replaced."""
    fitting = [each for each in rules.phases if validity_days <= each.max_days]
    return (fitting[-1] if fitting else rules.phases[0]).usual_elapsed
