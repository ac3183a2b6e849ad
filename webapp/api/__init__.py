"""The API, read-only: each module declares addresses, openapi.py describes them all."""

from webapp.api import certificate, certificates, daily, domains, events, health, openapi, status
from webapp.api.endpoints import ENDPOINTS, api

__all__ = [
    "ENDPOINTS",
    "api",
    "certificate",
    "certificates",
    "daily",
    "domains",
    "events",
    "health",
    "openapi",
    "status",
]
