"""The catalogue: which logs there are, on which queue, with which keys, and how fast to ask them at first.

Bundled facts stand in operators.json and logs.json; published log lists add to them (read_log_list).
"""

from ctcollect.catalogue.addresses import is_local_url, is_log_url, is_public_address
from ctcollect.catalogue.bundled import bundled
from ctcollect.catalogue.hosts import HostPolicy, host_policy, matches_host
from ctcollect.catalogue.log import Kind, Log, subrange_entries_for
from ctcollect.catalogue.log_list import LogList, Skipped, read_log_list
from ctcollect.catalogue.operators import Operator, operator_named, operator_of, operators, queues

__all__ = [
    "HostPolicy",
    "Kind",
    "Log",
    "LogList",
    "Operator",
    "Skipped",
    "bundled",
    "host_policy",
    "is_local_url",
    "is_log_url",
    "is_public_address",
    "matches_host",
    "operator_named",
    "operator_of",
    "operators",
    "queues",
    "read_log_list",
    "subrange_entries_for",
]
