"""Certificates and precertificates as logs hold them: their DNS names, and their fields as columns.

Pure. Every function is total: any bytes give a value or MalformedEntry, in time and memory linear in their
size.
"""

from ctcollect.certificate.fields import CertificateFields, from_entry
from ctcollect.certificate.glance import is_plainly_not_jp
from ctcollect.certificate.names import dns_names, entry_jp_names

__all__ = ["CertificateFields", "dns_names", "entry_jp_names", "from_entry", "is_plainly_not_jp"]
