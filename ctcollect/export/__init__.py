"""The collection as files: Parquet or CSV, as BigQuery loads them and as ctcollect.analysis_data reads them.

Needs the extra ``ctcollect[analysis]``. docs/export.md says what is in the files.
"""

from ctcollect.export.formats import FORMATS
from ctcollect.export.manifest import Manifest, disagreements, read_manifest
from ctcollect.export.run import Progress, export
from ctcollect.export.tables import TABLES

__all__ = ["FORMATS", "TABLES", "Manifest", "Progress", "disagreements", "export", "read_manifest"]
