"""What a page is asked for with parameters: ?state=paused. Whatever is wrong is told in a sentence."""

import re
from collections.abc import Collection

from flask import request
from werkzeug.exceptions import BadRequest

from webapp.api.parameters import shown
from webapp.language import PARAMETER as LANGUAGE
from webapp.language import gettext as _

# What others hang on an address when somebody shares it. It does not make a page wrong.
ADDED_BY_OTHERS = re.compile(r"utm_\w+|(fb|g|tw|ms|ig|line)?clid|igsh(id)?|ref|s|t")
INDEX_AT_MOST = 2**62
TEXT_CHARACTERS = 100


def check_parameters(*known: str) -> None:
    """BadRequest for a parameter that this page does not have, or that is given more than once."""
    names = (*known, LANGUAGE)
    if strange := sorted(name for name in request.args if name not in names and not ADDED_BY_OTHERS.fullmatch(name)):
        raise BadRequest(_("This page has no parameter %(name)s.") % {"name": shown(strange[0])})
    if twice := [name for name in known if len(request.args.getlist(name)) > 1]:
        raise BadRequest(_("The parameter %(name)s is given more than once.") % {"name": twice[0]})


def asked_choice(name: str, choices: Collection[str], usual: str = "") -> str:
    """One of ``choices``; ``usual`` when nothing is asked for, as an empty field of a form does."""
    value = request.args.get(name) or usual
    if value != usual and value not in choices:
        message = _("The parameter %(name)s can’t be %(value)s: choose one of %(choices)s.")
        raise BadRequest(message % {"name": name, "value": shown(value), "choices": ", ".join(choices)})
    return value


def asked_index(name: str) -> int | None:
    """The index of an entry, 0 or more; None when none is asked for."""
    value = request.args.get(name)
    if value is None:
        return None
    if not re.fullmatch("[0-9]{1,19}", value) or int(value) > INDEX_AT_MOST:
        message = _("The parameter %(name)s can’t be %(value)s: write a whole number, 0 or more.")
        raise BadRequest(message % {"name": name, "value": shown(value)})
    return int(value)


def asked_text(name: str) -> str:
    """Words to look for, not more than somebody would write."""
    value = request.args.get(name, "").strip()
    if len(value) > TEXT_CHARACTERS:
        message = _("The parameter %(name)s is too long: write at most %(count)d signs.")
        raise BadRequest(message % {"name": name, "count": TEXT_CHARACTERS})
    return value
