"""How the API writes what JSON has no type for."""

from datetime import date, datetime
from typing import Any

from flask.json.provider import DefaultJSONProvider


class IsoJsonProvider(DefaultJSONProvider):
    """Times and days as ISO 8601, fields in the order of their document, all else as Flask does."""

    sort_keys = False

    @staticmethod
    def default(value: Any) -> Any:
        """A time ends with Z: the tables hold UTC without a zone."""
        if isinstance(value, datetime):
            return f"{value.isoformat()}Z"
        if isinstance(value, date):
            return value.isoformat()
        return DefaultJSONProvider.default(value)
