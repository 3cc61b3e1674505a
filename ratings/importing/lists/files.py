"""What a member uploaded, as text: unpacked, decoded, never more of it than there may be."""

import codecs
import io
import re
import zlib
from collections.abc import Iterator
from typing import Protocol

from catalog.etl.reports import Unreadable

MEGABYTE = 1 << 20
MOST_UPLOADED = 5 * MEGABYTE
MOST_UNPACKED = 50 * MEGABYTE
# Formats that are read whole, not piece by piece, are smaller: thirty thousand titles fit.
MOST_AT_ONCE = 16 * MEGABYTE
PIECE = 64 * 1024
GZIP = b"\x1f\x8b"
TOO_LARGE = (
    f"The file is larger than {MOST_UPLOADED // MEGABYTE} MB, which is the most that can be sent. "
    "Pack it with gzip, or export the list alone."
)
_TOO_MUCH = "The file unpacks to more than {} MB; no list of anime is that long."
_DAMAGED = "The packed file is cut off or damaged. Download it again."
# What people send by mistake, by how it begins.
_OTHER_KINDS = (
    (b"%PDF", "This is a PDF, not a list."),
    (b"PK\x03\x04", "This is a ZIP archive. Unpack it and send the file inside."),
    (b"Rar!", "This is a RAR archive. Unpack it and send the file inside."),
    (b"7z\xbc\xaf", "This is a 7-Zip archive. Unpack it and send the file inside."),
    (b"\x89PNG", "This is a picture, not a list."),
    (b"\xff\xd8\xff", "This is a picture, not a list."),
    (b"SQLite format 3", "This is a database, not a list."),
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# XML and databases take none of these.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_DECLARED = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([\w.\-]+)""")


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class ListUpload:
    """`head` is its beginning, `pieces` all of it as clean text."""

    def __init__(self, raw: Readable) -> None:
        self._raw = raw
        beginning = raw.read(2)
        self._pieces = _unpacked(raw, beginning) if beginning == GZIP else _plain(raw, beginning)
        first = next(self._pieces, b"")
        _refuse_other_kinds(first)
        self._first, self._encoding = _without_bom(first)
        self.head = self._decoder().decode(self._first)

    def pieces(self) -> Iterator[str]:
        """Once, from the beginning."""
        decoder = self._decoder()
        yield _CONTROL.sub("", decoder.decode(self._first))
        for piece in self._pieces:
            yield _CONTROL.sub("", decoder.decode(piece))
        yield _CONTROL.sub("", decoder.decode(b"", final=True))

    def whole(self, until: str = "\0") -> str:
        """All of it at once, for formats that cannot be read piece by piece; up to `until` at most."""
        kept, end = io.StringIO(), ""
        for piece in self.pieces():
            kept.write(piece)
            end = end[-len(until) :] + piece
            if (at := end.find(until)) >= 0:
                return kept.getvalue()[: kept.tell() - len(end) + at + len(until)]
            if kept.tell() > MOST_AT_ONCE:
                raise Unreadable(_TOO_MUCH.format(MOST_AT_ONCE // MEGABYTE))
        return kept.getvalue()

    def _decoder(self) -> codecs.IncrementalDecoder:
        # A letter that is wrong spoils a title at most: ids are what counts.
        return codecs.getincrementaldecoder(self._encoding)(errors="replace")


def _plain(raw: Readable, beginning: bytes) -> Iterator[bytes]:
    size, piece = 0, beginning + raw.read(PIECE)
    while piece:
        size += len(piece)
        if size > MOST_UPLOADED:
            raise Unreadable(TOO_LARGE)
        yield piece
        piece = raw.read(PIECE)


def _unpacked(raw: Readable, beginning: bytes) -> Iterator[bytes]:
    """Never holds more than a piece, however much a small file would become."""
    unpacker, size = zlib.decompressobj(wbits=31), 0
    for packed in _plain(raw, beginning):
        while packed and not unpacker.eof:
            try:
                piece = unpacker.decompress(packed, PIECE)
            except zlib.error:
                raise Unreadable(_DAMAGED) from None
            packed = unpacker.unconsumed_tail
            size += len(piece)
            if size > MOST_UNPACKED:
                raise Unreadable(_TOO_MUCH.format(MOST_UNPACKED // MEGABYTE))
            if piece:
                yield piece
    if not unpacker.eof:
        raise Unreadable(_DAMAGED)


def _refuse_other_kinds(first: bytes) -> None:
    if not first.strip():
        raise Unreadable("The file is empty.")
    for beginning, sentence in _OTHER_KINDS:
        if first.startswith(beginning):
            raise Unreadable(sentence)
    if first.startswith(GZIP):
        raise Unreadable("The file is packed twice. Unpack it once and send it again.")


def _without_bom(first: bytes) -> tuple[bytes, str]:
    for bom, encoding in _BOMS:
        if first.startswith(bom):
            return first[len(bom) :], encoding
    return first, _declared(first) or _guessed(first)


def _declared(first: bytes) -> str:
    found = _DECLARED.match(first.lstrip()[:200])
    try:
        encoding = codecs.lookup(found[1].decode("ascii")) if found else None
    except LookupError:
        return ""
    return encoding.name if encoding and encoding._is_text_encoding else ""


def _guessed(first: bytes) -> str:
    """UTF-8, or what spreadsheets of the West write."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"
