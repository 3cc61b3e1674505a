"""How names of titles are compared: one spelling for every way to write them."""

import re
import unicodedata
from collections.abc import Iterable

_NOT_A_WORD = re.compile(r"[\W_]+")
# What no XML document may hold, escaped or not: control characters and halves of letters.
_UNWRITABLE = re.compile(
    "[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)


def normalise_title(text: str) -> str:
    """Fold case, width, accents and punctuation: 'Kaguya-sama: Love  is War?' -> 'kaguya sama love is war'."""
    if text.isascii():
        return _NOT_A_WORD.sub(" ", text.lower()).strip()
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    # Japanese voiced marks are combining too; recompose what is left so か and が stay apart.
    if plain != decomposed and any("\u3040" <= char <= "\u30ff" for char in decomposed):
        plain = unicodedata.normalize("NFKC", text).casefold()
    return _NOT_A_WORD.sub(" ", plain).strip()


def search_text(names: Iterable[str]) -> str:
    """All names of one title as one searchable text, a line each, none twice."""
    return "\n".join(dict.fromkeys(filter(None, map(normalise_title, names))))


def writable(text: str) -> str:
    """Without what other programs choke on: control characters, and halves of letters."""
    return _UNWRITABLE.sub("", text)
