"""Words for codes of the ledger: states of ranges, kinds of faults."""

from webapp.language import gettext as _


def range_states() -> dict[str, str]:
    """Each state of a range in the page's language, the finished one first."""
    return {
        "verified": _("verified"),
        "full": _("to be verified"),
        "out": _("out"),
        "open": _("to do"),
        "unwanted": _("not planned"),
    }


def range_state(state: str) -> str:
    """A state of a range in the page's language."""
    return range_states()[state]


def fault_kind(kind: str) -> str:
    """How a log failed, one of ctcollect.store.faults.KINDS, in the page's language; another word as it is."""
    return {
        "BadAnswer": _("answer not as agreed"),
        "BadSignature": _("signature wrong"),
        "LogUnavailable": _("no answer"),
        "MalformedEntry": _("entry not readable"),
        "Moved": _("moved"),
        "NotThere": _("not there"),
        "NotYet": _("not there yet"),
        "Throttled": _("asked to slow down"),
        "TreeMismatch": _("not what was signed"),
        "OddHead": _("tree head odd"),
        "Other": _("other"),
    }.get(kind, kind)
