"""The catalogue: which logs there are, on which queue, with which keys, and how fast to ask them at first.

Bundled facts stand in operators.json and logs.json; published log lists (sources.json) add to them
(read_log_list). What a log's state means for collecting it stands in states.json.
"""

from ctcollect.catalogue.addresses import is_local_url, is_log_url, is_public_address
from ctcollect.catalogue.bundled import bundled
from ctcollect.catalogue.changes import Changes, ListedBefore, compare
from ctcollect.catalogue.hosts import HostPolicy, host_policy, matches_host
from ctcollect.catalogue.log import Availability, Kind, Log, subrange_entries_for
from ctcollect.catalogue.log_list import LogList, Skipped, log_list_of, read_log_list
from ctcollect.catalogue.operators import (
    ARCHIVES,
    Operator,
    operator_named,
    operator_of,
    operators,
    queues,
    usual_queues,
)
from ctcollect.catalogue.sources import CHROME, list_sources
from ctcollect.catalogue.states import (
    StateRule,
    derived_state,
    keeps_final_head,
    rule_of,
    state_rules,
    work_order,
)

__all__ = [
    "ARCHIVES",
    "CHROME",
    "Availability",
    "Changes",
    "HostPolicy",
    "Kind",
    "ListedBefore",
    "Log",
    "LogList",
    "Operator",
    "Skipped",
    "StateRule",
    "bundled",
    "compare",
    "derived_state",
    "host_policy",
    "is_local_url",
    "is_log_url",
    "is_public_address",
    "keeps_final_head",
    "list_sources",
    "log_list_of",
    "matches_host",
    "operator_named",
    "operator_of",
    "operators",
    "queues",
    "read_log_list",
    "rule_of",
    "state_rules",
    "subrange_entries_for",
    "usual_queues",
    "work_order",
]
