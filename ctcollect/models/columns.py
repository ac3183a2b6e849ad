"""What every table is made of: the base class and the types of columns."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Integer, LargeBinary, MetaData, String, Text, types
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase

MAX_NAME_OCTETS = 253


def ascii_text(length: int) -> types.TypeEngine[str]:
    """Text of ASCII compared byte by byte (MySQL's default collation would call a name and its capitals equal)."""
    return String(length).with_variant(
        mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql", "mariadb"
    )


def long_text() -> types.TypeEngine[str]:
    """Text of any length: MySQL's TEXT would refuse what is longer than 65,535 bytes, as some certificates are."""
    return Text().with_variant(mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")


def moment() -> types.TypeEngine[datetime]:
    """A UTC time to the millisecond."""
    return DateTime().with_variant(mysql.DATETIME(fsp=3), "mysql", "mariadb")


HEX32 = ascii_text(64)
BIG_ID = BigInteger().with_variant(Integer, "sqlite")
INDEX = BigInteger()
BLOB = LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
