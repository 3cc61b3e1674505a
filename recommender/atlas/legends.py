"""By what the map can be coloured, and by what map and table can be narrowed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.http import QueryDict

from recommender.atlas import shades
from recommender.atlas.shades import Shade
from recommender.engine.clustering import Clusters

MINE = {"own": "On my list", "unseen": "Not on my list"}
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Legend:
    """`key`: its name in addresses."""

    key: str
    label: str
    shades: tuple[Shade, ...]

    def place(self, key: str) -> int:
        """Position of a shade, -1 for an unknown one."""
        return next((n for n, shade in enumerate(self.shades) if shade.key == key), -1)


def legends(clusters: Clusters | None, *, member: bool) -> list[Legend]:
    groups = clusters.groups if clusters else []
    found = [
        Legend("genre", "Genre", tuple(shades.genre_shades())),
        Legend("era", "Era", tuple(shades.era_shades())),
        Legend("type", "Type", tuple(shades.kind_shades())),
        Legend("group", "Who watches it", tuple(shades.group_shades(groups))),
    ]
    if member:
        found.append(Legend("score", "Predicted score", tuple(shades.score_shades())))
    return [legend for legend in found if legend.shades]


@dataclass(frozen=True)
class Wishes:
    """What an address asks for, as far as it makes sense; `refused` says what does not.

    `kept`: by legend, the shades that are to be seen; a legend that is not named narrows nothing.
    """

    color: str
    kept: Mapping[str, tuple[str, ...]]
    mine: str
    q: str
    refused: tuple[str, ...]

    @classmethod
    def of(cls, asked: QueryDict, found: list[Legend]) -> "Wishes":
        refused: list[str] = []
        color = _clean(asked.get("color", ""))
        if color and color not in {legend.key for legend in found}:
            refused.append(f"There is no colouring by “{_short(color)}”.")
            color = ""
        kept = {legend.key: tuple(_known(asked, legend, refused)) for legend in found}
        mine = _clean(asked.get("mine", ""))
        if mine and mine not in MINE:
            refused.append(f"“{_short(mine)}” is neither own nor unseen.")
            mine = ""
        q = _clean(asked.get("q", ""))[:LONGEST_SEARCH].strip()
        kept = {key: values for key, values in kept.items() if values}
        return cls(color or found[0].key, kept, mine, q, tuple(refused))

    @property
    def narrows(self) -> bool:
        return bool(self.kept or self.mine or self.q)


def _known(asked: QueryDict, legend: Legend, refused: list[str]) -> Iterator[str]:
    for value in dict.fromkeys(_clean(one) for one in asked.getlist(legend.key)[:50]):
        if legend.place(value) >= 0:
            yield value
        elif value:
            refused.append(f"{legend.label}: there is no “{_short(value)}”.")


def _clean(text: str) -> str:
    # A NUL is in no name and no database takes it.
    return text.replace("\x00", "")


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:30]}…"
