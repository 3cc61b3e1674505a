"""Time zones to choose from."""

from functools import lru_cache
from itertools import groupby
from zoneinfo import available_timezones

Choice = tuple[str, str]
OWN = ("", "The site's own")
# What else there is are former names and whole hours by number.
REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
)  # fmt: skip


def choices(kept: str = "") -> list[Choice | tuple[str, list[Choice]]]:
    """By region; with the one that is `kept`, if it is another."""
    known = {name for _, group in _by_region() for name, _ in group}
    own = [OWN, ("UTC", "UTC")]
    if kept and kept != "UTC" and kept not in known:
        own.append((kept, kept))
    return [*own, *_by_region()]


@lru_cache(maxsize=1)
def _by_region() -> list[tuple[str, list[Choice]]]:
    names = sorted(name for name in available_timezones() if name.partition("/")[0] in REGIONS)
    groups = groupby(names, key=lambda name: name.partition("/")[0])
    return [(region, [(name, _city(name)) for name in group]) for region, group in groups]


def _city(name: str) -> str:
    """'Buenos Aires, Argentina' of America/Argentina/Buenos_Aires."""
    _, *rest = name.replace("_", " ").split("/")
    return ", ".join(reversed(rest)) or name
