"""What a socket is opened for."""

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

LONGEST = 1000


class Unheard(ValueError):
    """Not understood; in words for who asked."""


@dataclass(frozen=True)
class Wish:
    """`since`: the version of the list they know, -1 for none. `query`: as of GET /api/v1/recommend."""

    lists: bool = True
    since: int = -1
    query: str = ""

    @classmethod
    def of(cls, raw: bytes) -> "Wish":
        if len(raw) > LONGEST:
            raise Unheard(f"The address may have {LONGEST} letters after its question mark.")
        pairs = parse_qsl(raw.decode("latin-1"), keep_blank_values=True)
        said = dict(pairs)
        if len(said) < len(pairs):
            raise Unheard("A name is there more than once.")
        lists, since = said.pop("lists", "yes"), said.pop("since", "")
        if lists not in ("yes", "no"):
            raise Unheard("lists: Must be yes or no.")
        if since and not (since.isascii() and since.isdigit() and len(since) < 19):
            raise Unheard("since: Must be a list_version.")
        if "user_id" in said:
            raise Unheard("user_id: A socket tells of your own list alone.")
        if said and lists == "no":
            raise Unheard(f"{next(iter(said))[:60]}: Belongs to lists, which are not asked for.")
        return cls(lists == "yes", int(since) if since else -1, urlencode(said))
