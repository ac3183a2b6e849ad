"""The status document and its parts: all logs together, each log, each worker, each friend."""

from typing import Any

from werkzeug.exceptions import NotFound

from webapp.api.endpoints import PREFIX, document, listing
from webapp.api.friends import friends_of
from webapp.api.pages import Page
from webapp.api.parameters import shown
from webapp.api.schemas import DATED_TOTALS, FRIEND, LOG, STATUS, WORKER
from webapp.figures import current_figures


@document(f"{PREFIX}/status", STATUS)
def status() -> dict[str, Any]:
    """Everything at a glance: totals, logs, workers."""
    return current_figures()


@document(f"{PREFIX}/totals", DATED_TOTALS)
def totals() -> dict[str, Any]:
    """The total over all logs."""
    figures = current_figures()
    return {"as_of": figures["as_of"], **figures["totals"]}


@listing(f"{PREFIX}/logs", LOG)
def logs() -> Page:
    """The total of each log, by name."""
    return Page(current_figures()["logs"])


@document(f"{PREFIX}/logs/{{name}}", LOG, may_miss=True)
def log(name: str) -> dict[str, Any]:
    """The total of one log."""
    return log_named(name)


def log_named(name: str) -> dict[str, Any]:
    """One element of the status document's ``logs``; NotFound when no log has this name."""
    for each in current_figures()["logs"]:
        if each["name"] == name:
            return dict(each)
    raise NotFound(f"there is no log named {shown(name)}: see {PREFIX}/logs")


@listing(f"{PREFIX}/workers", WORKER)
def workers() -> Page:
    """Which worker is which friend's, whether it runs, how much it has collected."""
    return Page(current_figures()["workers"])


@listing(f"{PREFIX}/friends", FRIEND)
def friends() -> Page:
    """How much each friend has collected, with all of their workers; by name."""
    return Page(friends_of(current_figures()["workers"]))
