"""One L1 lineage as a row of lineages.csv."""

from ctcollect.analysis.lineage import LineageResult

Value = str | int | float | None


def lineage_row(result: LineageResult) -> dict[str, Value]:
    """The columns in their order; None where nothing can be said. Days to a hundredth, the index to a tenth.

    ``renewals`` and both medians are of the renewals that count; ``late`` to ``censored`` are gaps by kind. Only a
    primary result is a row: the others are the same name set under another of its registered domains.
    """
    return {
        "names": " ".join(result.names),
        "registered_domain": result.registered_domain,
        "organisation_type": result.organisation_type,
        "certificates": len(result.certificates),
        "parallel_degree": result.parallel_degree,
        "renewals": len(result.measured),
        "median_interval_days": _rounded(result.median_interval_days, 2),
        "median_lead_days": _rounded(result.median_lead_days, 2),
        "late": result.gap_count("late"),
        "long_late": result.gap_count("long_late"),
        "lapses": result.gap_count("lapse"),
        "covered_lapses": result.gap_count("covered_lapse"),
        "suspect_missing": result.gap_count("suspect_missing"),
        "censored": result.gap_count("censored"),
        "early_reissues": result.renewal_count("early_reissue"),
        "ca_switches": len(result.switches),
        "automation_index": _rounded(result.automation.index, 1),
        "automation_class": result.automation_class,
    }


def _rounded(value: float | None, places: int) -> float | None:
    return None if value is None else round(value, places)
