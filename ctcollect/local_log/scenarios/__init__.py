"""Sixteen ways in which certificates are renewed, with what an analysis must find in each."""

from ctcollect.local_log.scenarios.expected import ExpectedLineage, Scenario
from ctcollect.local_log.scenarios.placing import LOGS, Content, entry_counts, log_contents
from ctcollect.local_log.scenarios.scenarios import scenarios

__all__ = ["LOGS", "Content", "ExpectedLineage", "Scenario", "entry_counts", "log_contents", "scenarios"]
