"""Names of the algorithms in certificates, by object identifier."""

from ctcollect.certificate.tlv import OBJECT_IDENTIFIER, SEQUENCE, dotted, first

# RFC 3279, RFC 4055, RFC 5758, RFC 8410; RSA's sha1 also under the identifier of OIW.
SIGNATURE_ALGORITHMS = {
    "1.2.840.113549.1.1.2": "md2WithRSAEncryption",
    "1.2.840.113549.1.1.4": "md5WithRSAEncryption",
    "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
    "1.3.14.3.2.29": "sha1WithRSAEncryption",
    "1.2.840.113549.1.1.10": "RSASSA-PSS",
    "1.2.840.113549.1.1.11": "sha256WithRSAEncryption",
    "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
    "1.2.840.113549.1.1.13": "sha512WithRSAEncryption",
    "1.2.840.113549.1.1.14": "sha224WithRSAEncryption",
    "1.2.840.10040.4.3": "dsa-with-sha1",
    "2.16.840.1.101.3.4.3.1": "dsa-with-sha224",
    "2.16.840.1.101.3.4.3.2": "dsa-with-sha256",
    "1.2.840.10045.4.1": "ecdsa-with-SHA1",
    "1.2.840.10045.4.3.1": "ecdsa-with-SHA224",
    "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
    "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
    "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
}

# RFC 3279, section 2.3; RFC 4055, section 1.2; RFC 8410, section 3.
KEY_TYPES = {
    "1.2.840.113549.1.1.1": "RSA",
    "1.2.840.113549.1.1.10": "RSA",
    "1.2.840.10040.4.1": "DSA",
    "1.2.840.10045.2.1": "EC",
    "1.3.101.112": "Ed25519",
    "1.3.101.113": "Ed448",
}

# Bits of a key whose size follows from its type or curve (RFC 5480, section 2.1.1.1; RFC 8032, section 5).
BITS_OF_TYPE = {"Ed25519": 256, "Ed448": 456}
BITS_OF_CURVE = {
    "1.2.840.10045.3.1.1": 192,
    "1.3.132.0.33": 224,
    "1.2.840.10045.3.1.7": 256,
    "1.3.132.0.10": 256,
    "1.3.132.0.34": 384,
    "1.3.132.0.35": 521,
}


# AlgorithmIdentifier  ::=  SEQUENCE  {                           (RFC 5280, section 4.1.1.2)
#      algorithm   OBJECT IDENTIFIER,
#      parameters  ANY DEFINED BY algorithm OPTIONAL }
def algorithm_oid(algorithm_identifier: bytes) -> str:
    """The dotted identifier in the DER of an AlgorithmIdentifier; MalformedEntry when there is none."""
    contents = first(algorithm_identifier, SEQUENCE, "AlgorithmIdentifier")
    return dotted(first(contents, OBJECT_IDENTIFIER, "algorithm"))
