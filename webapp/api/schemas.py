"""JSON Schemas of what the API answers. The columns of a list's CSV are the fields of its rows here."""

from typing import Any, get_args

from ctcollect.catalogue.log import Kind
from ctcollect.store.trust import SUSPECT, TRUSTED, UNTRUSTED

Schema = dict[str, Any]


def record(description: str, **fields: Schema) -> Schema:
    """An object that has all of ``fields``, and more with later versions."""
    return {"type": "object", "description": description, "properties": fields, "required": list(fields)}


def value(kind: str, description: str, **more: Any) -> Schema:
    return {"type": kind, "description": description, **more}


def optional(schema: Schema) -> Schema:
    """The same, or null."""
    return schema | {"type": [schema["type"], "null"]}


def text(description: str) -> Schema:
    return value("string", description)


def count(description: str) -> Schema:
    return value("integer", description, minimum=0)


def amount(description: str) -> Schema:
    return value("number", description, minimum=0)


def truth(description: str) -> Schema:
    return value("boolean", description)


def moment(description: str) -> Schema:
    return value("string", f"{description} (UTC)", format="date-time")


AS_OF = moment("when these figures were told")
SPEED = amount("entries per second over the last minute")
LEFT = optional(amount("seconds that the rest takes at this speed; null: cannot be told"))
PROGRESS = {
    "wanted": count("entries that are wanted"),
    "out": count("entries that workers are asked for now"),
    "done": count("entries that were read"),
    "verified": count("entries of ranges proven complete against the log's signature"),
    "malformed": count("entries that nobody can read"),
}

OPEN_RANGES = count("ranges of which not all was read")

TOTALS = record(
    "All logs together; counts are of entries unless named otherwise.",
    **PROGRESS,
    sightings=count("places in logs where .jp certificates were seen"),
    open_ranges=OPEN_RANGES,
    certificates=count("different .jp certificates"),
    refused_harvests=count("deliveries that were set aside"),
    workers_running=count("workers that run"),
    entries_per_second=SPEED,
    eta_seconds=LEFT,
)
DATED_TOTALS = TOTALS | {"properties": {"as_of": AS_OF} | TOTALS["properties"]}

LOG = record(
    "A log; counts are of entries unless named otherwise.",
    name=text("its name here"),
    log_id=text("its id, 64 hex digits"),
    operator=text("who runs it"),
    queue=text("the queue of its operator"),
    kind=value("string", "how it is read", enum=list(get_args(Kind))),
    enabled=truth("whether it may be planned"),
    paused=truth("whether nobody is asked to read it now"),
    fault=optional(text("why it rests; null: it does not")),
    tree_size=count("entries in its newest verified head"),
    window=value(
        "array",
        "what is wanted of it: half-open spans [start, end) of indices",
        items={"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 2, "maxItems": 2},
    ),
    **PROGRESS,
    open_ranges=OPEN_RANGES,
    certificates=optional(count("different .jp certificates; null: nobody can read the log")),
    sightings=optional(count("places where .jp certificates were seen; null: nobody can read the log")),
    jp_share=optional(amount("the share of .jp entries in what was read, from 0 to 1; null: nothing was read")),
    entries_per_second=SPEED,
    eta_seconds=LEFT,
    state=optional(text("its state in the published lists")),
    state_since=optional(moment("since when")),
    derived_state=optional(text("its state, told from its dates when no list has one")),
    interval_start=optional(moment("it takes certificates that expire from then")),
    interval_end=optional(moment("and before then")),
    final_tree_size=optional(count("its size when it was closed")),
    vanished_since=optional(moment("since when no list holds it")),
    reachable=optional(truth("whether it answered when it was last asked; null: not asked yet")),
    reachable_since=optional(moment("since when that is so")),
    probed_at=optional(moment("when it was last asked")),
    unobtainable=truth("whether it has failed to answer for so long that it counts as lost"),
    available_from=optional(text("where else its entries can be had; nowhere: known to be lost")),
    follows=value("array", "windows that grow with it, as they were typed", items={"type": "string"}),
    waiting_for=optional(text("what nobody who runs has and it can't be read without; null: nothing")),
)

COLLECTED = {
    "entries": count("entries that were brought"),
    "certificates": count(".jp entries among them"),
    "entries_per_second": SPEED,
}
WORKER = record(
    "A worker: a friend's running program.",
    name=text("friend@host"),
    friend=text("whose it is"),
    running=truth("whether it gave a sign of life in the last 45 seconds"),
    first_seen=moment("its first sign of life"),
    last_seen=moment("its newest sign of life"),
    version=text("its version; empty: not known yet"),
    trust=value("string", "untrusted: what it brings is refused", enum=[TRUSTED, SUSPECT, UNTRUSTED]),
    entries=COLLECTED["entries"],
    certificates=COLLECTED["certificates"],
    clock_ahead_seconds=optional(value("number", "by how much its clock is ahead; null: not known")),
    entries_per_second=SPEED,
)
FRIEND = record(
    "A friend: all of their workers together.",
    name=text("the friend's name"),
    workers=count("workers that were ever seen"),
    running=count("workers that run"),
    first_seen=moment("the first sign of life of any"),
    last_seen=moment("the newest sign of life of any"),
    **COLLECTED,
)

DAY = record(
    "What was collected of a log on a day.",
    day=value("string", "the day in Asia/Tokyo", format="date"),
    log_name=text("the log"),
    entries=count("entries that were read"),
    uploaded=count(".jp entries among them"),
    registered=count("certificates among these that were new to the collection"),
)

SECOND_OPINIONS = value("object", "spans that a second friend reads for comparison, counted by state")
STATUS = record(
    "Everything at a glance.",
    as_of=AS_OF,
    totals=TOTALS,
    logs={"type": "array", "items": LOG},
    workers={"type": "array", "items": WORKER},
    second_opinions=SECOND_OPINIONS,
)
HEALTH = record("The database answers and is prepared.", ok={"const": True})
FAULT = record("What is wrong.", error=text("one sentence")) | {
    "properties": {
        "error": text("one sentence"),
        "as_of": moment("with status 503: when this server last had figures"),
    }
}

SIGHTING = record(
    "A place where the certificate was seen.",
    log=text("the log"),
    index=count("the entry's index in it"),
    entry_type=value("string", "in which form", enum=["precert", "x509"]),
    timestamp=optional(moment("when the log took it")),
    friend=text("who brought it"),
)
NAMES = {"type": "array", "items": {"type": "string"}}
CERTIFICATE = record(
    "A certificate, however many logs and forms it was seen in. A field that it does not hold, or that cannot be read,"
    " is null.",
    id=count("its number here"),
    identity=text("SHA-256 over the fields that decide sameness"),
    serial=optional(text("hex digits")),
    issuer_dn=optional(text("RFC 4514")),
    issuer_cn=optional(text("common name")),
    issuer_o=optional(text("organization")),
    issuer_key_hash=optional(text("SHA-256 of the issuer's key")),
    authority_key_id=optional(text("hex digits")),
    subject_dn=optional(text("RFC 4514")),
    common_name=optional(text("of the subject")),
    organization=optional(text("of the subject")),
    not_before=optional(moment("valid from")),
    not_after=optional(moment("valid until")),
    key_type=optional(text("RSA, EC ...")),
    key_bits=optional(count("the key's length")),
    spki_hash=optional(text("SHA-256 of the key")),
    tbs_hash=text("SHA-256 without poison and SCT list"),
    signature_algorithm=optional(text("its name or OID")),
    policy_oids=NAMES | {"description": "certificate policies"},
    sct_list=optional(value("array", "the embedded SCTs; null: only the precertificate was seen")),
    san_names=NAMES | {"description": "all names of the extension subjectAltName"},
    faults=NAMES | {"description": "what of it could not be read, and why"},
    is_precert_seen=truth("whether the precertificate was seen"),
    is_final_seen=truth("whether the final certificate was seen"),
    first_log_id=text("the log that first brought it here"),
    first_leaf_index=count("and where in it"),
    first_seen_at=moment("and when"),
    sightings={"type": "array", "items": SIGHTING, "description": "all places where it was seen"},
)
