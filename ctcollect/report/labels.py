"""Names of groups, seasons, classes and flags for people."""

from ctcollect.analysis.coverage import Flag
from ctcollect.analysis.groups import ALL
from ctcollect.report.language import Language


def group_label(group: str, say: Language) -> str:
    """``organisation:go`` is "government (go.jp)"; a CA is named as it is."""
    kind, _, value = group.partition(":")
    if group == ALL:
        return say("all")
    if group == "validation:unknown":
        return say("validation not known")
    return organisations(say).get(value, value) if kind in ("organisation", "overlay") else value


def organisations(say: Language) -> dict[str, str]:
    """By the id of an organisation type."""
    return {
        "go": say("government (go.jp)"),
        "lg": say("local authorities (lg.jp)"),
        "local_gov": say("local authorities, all of their names"),
        "ac": say("universities (ac.jp)"),
        "ed": say("schools (ed.jp)"),
        "co": say("companies (co.jp)"),
        "or": say("corporations that are no companies (or.jp)"),
        "ne": say("network services (ne.jp)"),
        "gr": say("groups (gr.jp)"),
        "ad": say("JPNIC members (ad.jp)"),
        "geographic": say("geographic names (city.pref.jp)"),
        "prefecture": say("prefecture names (pref.jp)"),
        "general": say("general use (.jp)"),
        "idn": say("names in Japanese script"),
    }


def season_label(season: str, say: Language) -> str:
    """``2023-12/2024-01``; all times for ""."""
    return f"{season}-12/{int(season) + 1}-01" if season else say("all times")


def class_label(name: str, say: Language) -> str:
    """Of an automation class."""
    return {
        "automated": say("automated"),
        "manual": say("manual"),
        "mixed": say("mixed"),
        "insufficient": say("too few renewals to tell"),
        "fleet": say("a fleet, not classified"),
    }[name]


def validity_label(name: str, say: Language) -> str:
    """Of a validity class: ``up-to-47``."""
    kind, _, days = name.rpartition("-")
    return say("over {days} d", days=days) if kind == "over" else say("up to {days} d", days=days)


def flag_label(flag: Flag, say: Language) -> str:
    """What a coverage flag means, in few words."""
    return {
        "none": say("nothing verified"),
        "seasons": say("seasons only"),
        "partial": say("some validities in part of the time"),
        "continuous": say("continuous"),
    }[flag]


def unit_label(unit: str, say: Language) -> str:
    """What n counts."""
    return {
        "certificates": say("certificates"),
        "domains": say("registered domains"),
        "entries": say("entries"),
        "events": say("events"),
        "expiries": say("expiries at risk"),
        "gaps": say("gaps"),
        "lineages": say("name sets"),
        "pairs": say("pairs"),
        "renewals": say("renewals"),
        "days": say("days"),
        "switches": say("changes of the CA"),
    }[unit]
