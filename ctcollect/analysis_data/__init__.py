"""How an analysis reads the collection: from an export, or from the database by way of one.

Needs the extra ``ctcollect[analysis]``.
"""

from ctcollect.analysis_data.dataset import Dataset, open_database, open_export
from ctcollect.analysis_data.rows import CollectedLog, Lineage

__all__ = ["CollectedLog", "Dataset", "Lineage", "open_database", "open_export"]
