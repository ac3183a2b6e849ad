"""The latest finds of benchmarks/made_season.py."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ctcollect.models import SightingRow
from ctcollect.store import Found, Session, utc_now
from ctcollect.store.certificates import put_certificates
from ctcollect.store.reading import Seen
from tests.webapp.certificates import made_fields, valid

FINDS = (
    ("www.city.example.lg.jp", "SECOM Trust Systems CO.,LTD.", "sakura"),
    ("mail.example.co.jp", "Let's Encrypt", "kenta"),
    ("*.example.ac.jp", "National Institute of Informatics", "mei"),
    ("shop.example.jp", "Let's Encrypt", "sakura"),
    ("xn--wgv71a119e.jp", "Google Trust Services", "haruto"),
    ("api.example.ne.jp", "Let's Encrypt", "yui"),
    ("login.example.go.jp", "GlobalSign nv-sa", "kenta"),
    ("blog.example.or.jp", "Let's Encrypt", "bob"),
    ("vpn.example.co.jp", "Cybertrust Japan Co., Ltd.", "sakura"),
    ("static.example.jp", "Amazon", "mei"),
    ("www.example.gr.jp", "Let's Encrypt", "haruto"),
    ("dev.example.co.jp", "Sectigo Limited", "kenta"),
)
BEGUN, VALID_DAYS = datetime(2025, 12, 1), 90


def add_finds(session: Session, logs: Sequence[tuple[str, str]]) -> None:
    """One a second until now, in ``logs``, (name, log_id), by turns."""
    for number, (name, authority, friend) in enumerate(FINDS):
        log_name, log_id = logs[number % len(logs)]
        at = utc_now() - timedelta(seconds=len(FINDS) - number)
        issuer = {"common_name": name, "issuer_o": authority, "issuer_cn": authority}
        found = Found(number, at, "x509", made_fields(number, name, **issuer, **valid(BEGUN, VALID_DAYS)))
        ids, _ = put_certificates(session, [Seen(log_id, found)], at)
        seen = {"log_id": log_id, "log_name": log_name, "leaf_index": number, "leaf_timestamp": at}
        who = {"friend": friend, "worker": f"{friend}@host", "leaf_file": "", "collected_at": at}
        certificate_id = ids[found.fields.identity]
        session.add(SightingRow(**seen, **who, entry_type="x509", certificate_id=certificate_id))
