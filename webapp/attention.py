"""What needs attention, in sentences: a wording for each code of ctcollect.store.attention_rules.RULES."""

from collections.abc import Mapping
from typing import Any

from webapp.formats import count, size, span_of_time, text
from webapp.language import gettext as _
from webapp.language import ngettext


def sentence(code: str, parameters: Mapping[str, Any]) -> str:
    """One calm sentence in the page's language; others' words in it can't hide anything."""
    return _wordings()[code] % _shown(parameters)


def _wordings() -> dict[str, str]:
    return _of_machines() | _of_logs() | _of_friends()


def _of_machines() -> dict[str, str]:
    return {
        "nothing_sampled": _(
            "The coordinator gives no sign: beat or its worker is away, or the database takes no writes. "
            "Work goes on when they are back."
        ),
        "database_almost_full": _("The database’s disk is almost full: %(used)s of %(whole)s are taken."),
        "disk_almost_full": _("The disk with the leaf files is almost full: %(used)s of %(whole)s are taken."),
        "broker_almost_full": _("The broker’s memory is almost full: %(used)s of %(whole)s are taken."),
        "write_failed": _(
            "Writing to the %(part)s has failed %(times)s in the last day. What was to be written waits."
        ),
        "harvests_undelivered": _(
            "%(harvests)s harvests wait to be recorded. Nothing new is issued until the recorder has caught up."
        ),
        "queue_unserved": _("Nobody reads the queue %(queue)s: %(left)s entries wait for a friend."),
    }


def _of_logs() -> dict[str, str]:
    return {
        "audit_failed": _("Parts of %(log)s were not what the log has signed (%(times)s) and are fetched again."),
        "head_refused": _("%(log)s gave a tree head that can’t be trusted (%(times)s). The last good one is kept."),
        "head_stepped_back": _("%(log)s gave a tree head behind an earlier one (%(times)s). The larger one is kept."),
        "log_silent": _("%(log)s does not answer (%(fault)s): %(left)s entries wait."),
        "log_unobtainable": _("%(log)s can’t be had any more: %(left)s entries are missing."),
    }


def _of_friends() -> dict[str, str]:
    return {
        "friend_untrusted": _(
            "%(friend)s is not trusted any more: what came from there was false. Others do its work again."
        ),
        "friend_suspect": _("Some of what %(friend)s brought was false; more of it is checked by others."),
        "harvests_refused": _("%(harvests)s harvests of %(friend)s were refused in the last day."),
        "clock_wrong": _("The clock of %(worker)s is wrong by %(off)s. Its work counts all the same."),
        "no_second_opinions": _("Only %(friend)s runs: what is delivered can’t be checked by a second friend."),
    }


def _shown(parameters: Mapping[str, Any]) -> dict[str, str]:
    """The parameters as text, with those that a wording needs made from them."""
    shown = {name: count(value) if isinstance(value, int) else text(value) for name, value in parameters.items()}
    if "times" in parameters:
        times = parameters["times"]
        shown["times"] = ngettext("once", "%(count)s times", times) % {"count": count(times)}
    if "used_bytes" in parameters:
        shown |= {"used": size(parameters["used_bytes"]), "whole": size(parameters["bytes"])}
    if "ahead_seconds" in parameters:
        shown["off"] = span_of_time(abs(parameters["ahead_seconds"]))
    if "part" in parameters:
        shown["part"] = {"database": _("database"), "disk": _("disk")}[parameters["part"]]
    return shown
