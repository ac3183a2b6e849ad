"""The list of signed certificate timestamps that a certificate carries."""

from ctcollect.certificate.tbs import SCT_LIST, TbsCertificate
from ctcollect.certificate.tlv import OCTET_STRING, first
from ctcollect.errors import MalformedEntry
from ctcollect.protocol.codec import Reader

Sct = tuple[str, int]  # log_id in hexadecimal, milliseconds since 1970 UTC


# opaque SerializedSCT<1..2^16-1>;                                (RFC 6962, section 3.3)
# struct {
#     SerializedSCT sct_list <1..2^16-1>;
# } SignedCertificateTimestampList;      /* in an OCTET STRING in the extension's value */
def parse_sct_list(tbs: TbsCertificate) -> tuple[Sct, ...]:
    """Log and time of each SCT in the certificate, in order; MalformedEntry when the list is damaged."""
    value = tbs.extension(SCT_LIST)
    if value is None:
        return ()
    sct_list = Reader(first(value, OCTET_STRING, "sct_list"), "sct_list")
    serialized = Reader(sct_list.opaque16(), "sct_list")
    sct_list.end()
    scts = []
    while serialized.remaining:
        scts.append(_parse_sct(serialized.opaque16()))
    return tuple(scts)


# struct {
#     Version sct_version;               /* v1(0) */
#     LogID id;                          /* opaque key_id[32] */
#     uint64 timestamp;
#     CtExtensions extensions;
#     digitally-signed struct { ... };   /* not read here */
# } SignedCertificateTimestamp;                                   (section 3.2)
def _parse_sct(serialized: bytes) -> Sct:
    reader = Reader(serialized, "SignedCertificateTimestamp")
    if version := reader.u8():
        raise MalformedEntry(f"SignedCertificateTimestamp: sct_version {version} is not v1 (0)")
    return reader.take(32).hex(), reader.u64()
