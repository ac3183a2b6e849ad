"""How an analysis reads the collection: from an export, or from the database by way of one.

Needs the extra ``ctcollect[analysis]``.
"""

from ctcollect.analysis_data.dataset import Dataset, open_database, open_export
from ctcollect.analysis_data.rows import Issuance, Lineage, LogCoverage, TimeSpan

__all__ = ["Dataset", "Issuance", "Lineage", "LogCoverage", "TimeSpan", "open_database", "open_export"]
