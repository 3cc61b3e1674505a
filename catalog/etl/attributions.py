"""The line of thanks that each source asks for."""

from collections.abc import Iterable
from typing import NamedTuple


class Attribution(NamedTuple):
    text: str
    address: str = ""


_MYANIMELIST = "https://myanimelist.net"
ATTRIBUTIONS = {
    "mal": Attribution("Data from MyAnimeList", _MYANIMELIST),
    "jikan": Attribution(
        "Data from MyAnimeList, by a server of the Jikan API", "https://jikan.moe"
    ),
    "cooperunion": Attribution(
        "Data from MyAnimeList, by the Anime Recommendations Database of CooperUnion",
        "https://www.kaggle.com/datasets/CooperUnion/anime-recommendations-database",
    ),
    "mal2020": Attribution(
        "Data from MyAnimeList, by the Anime Recommendation Database 2020",
        "https://github.com/Hernan4444/MyAnimeList-Database",
    ),
    "mal2023": Attribution("Data from MyAnimeList, by the Anime Dataset 2023", _MYANIMELIST),
    "demo": Attribution("Synopsis written for this project"),
}
# A second table of the same set.
_SAME = {"mal2020-synopses": "mal2020"}


def attributions(sources: Iterable[str]) -> list[Attribution]:
    """What is to be said where something of these sources is shown, each once."""
    names = sorted({_SAME.get(source, source) for source in sources})
    return [ATTRIBUTIONS.get(name, Attribution(f"Data from {name}")) for name in names]
