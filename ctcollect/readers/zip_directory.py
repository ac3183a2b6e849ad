"""The directory of a zip file in little memory: for 130,000 members, as a zip file of an archive has, 10 MB, not 75."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from struct import Struct
from typing import Any, cast
from zipfile import ZipFile, ZipInfo

# header_offset, compress_size, file_size, CRC, compress_type, flag_bits, length of the name, which stands behind it
MEMBER = Struct("<qQQIHHI")


class Members:
    """What it takes to read each member, packed, by name; of two with one name the last one counts.

    Filled by zipfile in the place of its dictionary of ZipInfo objects; get() makes such an object anew.
    """

    def __init__(self) -> None:
        self._packed = bytearray()
        self._positions = array("Q")

    def __setitem__(self, name: str, info: ZipInfo) -> None:
        if name != info.orig_filename:
            return  # zipfile has cut it at a NUL: nobody asks for such a name
        encoded = name.encode()
        numbers = (info.header_offset, info.compress_size, info.file_size, info.CRC, info.compress_type, info.flag_bits)
        self._positions.append(len(self._packed))
        self._packed += MEMBER.pack(*numbers, len(encoded)) + encoded

    def sort(self) -> None:
        """By name; before the first get()."""
        self._positions = array("Q", sorted(self._positions, key=self._name_at))

    def get(self, name: str) -> ZipInfo | None:
        encoded = name.encode()
        at = bisect_right(self._positions, encoded, key=self._name_at) - 1
        if at < 0 or self._name_at(self._positions[at]) != encoded:
            return None
        info = ZipInfo(name)
        numbers = MEMBER.unpack_from(self._packed, self._positions[at])
        info.header_offset, info.compress_size, info.file_size, info.CRC, info.compress_type, info.flag_bits, _ = (
            numbers
        )
        return info

    def names(self) -> Iterator[str]:
        return (self._name_at(position).decode() for position in self._positions)

    def _name_at(self, position: int) -> bytes:
        start = position + MEMBER.size
        return bytes(self._packed[start : start + MEMBER.unpack_from(self._packed, position)[-1]])


class Unlisted:
    """In the place of zipfile's list of the same objects."""

    def append(self, info: ZipInfo) -> None:
        """It is in Members."""

    def __iter__(self) -> Iterator[ZipInfo]:
        return iter(())


class SmallZipFile(ZipFile):
    """A zip file to read from. zipfile parses its directory as ever, but no object stays for a member."""

    def _RealGetContents(self) -> None:
        self._members = Members()
        self.NameToInfo, self.filelist = cast(dict[str, ZipInfo], self._members), cast(list[ZipInfo], Unlisted())
        cast(Any, super())._RealGetContents()
        self._members.sort()

    def names(self) -> Iterable[str]:
        """Of all members, in order."""
        return self._members.names()
