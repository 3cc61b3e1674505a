"""The words that sources use, each in many spellings, and the one that is stored for them."""

import re
from functools import lru_cache

from catalog.models import AnimeType, GenreKind, RelationKind
from catalog.models.anime import AgeRating, AiringStatus

_JOINERS = re.compile(r"[\s\-_]+")


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """One spelling for comparing: 'Light Novel', 'light_novel' -> 'lightnovel'."""
    return _JOINERS.sub("", word).casefold()


def by_fold(words: list[str]) -> dict[str, str]:
    return {fold(word): word for word in words}


TYPES = by_fold(list(AnimeType.values))

STATUSES = {
    **by_fold(list(AiringStatus.values)),
    "finishedairing": AiringStatus.FINISHED.value,
    "currentlyairing": AiringStatus.AIRING.value,
    "notyetaired": AiringStatus.UPCOMING.value,
}

AGE_RATINGS = {
    **by_fold(list(AgeRating.values)),
    "gallages": AgeRating.G.value,
    "pgchildren": AgeRating.PG.value,
    "pg13teens13orolder": AgeRating.PG13.value,
    "r": AgeRating.R17.value,
    "r17+": AgeRating.R17.value,
    "r17+(violence&profanity)": AgeRating.R17.value,
    "r+": AgeRating.R_PLUS.value,
    "r+mildnudity": AgeRating.R_PLUS.value,
    "rxhentai": AgeRating.RX.value,
}

_SOURCES = (
    "Original,Manga,Light novel,Web manga,Web novel,4-koma manga,Digital manga,Visual novel,Novel,"
    "Game,Card game,Book,Picture book,Music,Radio,Mixed media,Other"
)
SOURCES = by_fold(_SOURCES.split(",")) | dict.fromkeys(("4koma", "fourkoma"), "4-koma manga")

RELATIONS = by_fold(list(RelationKind.values))

_EXPLICIT = "Ecchi,Hentai,Erotica"
_DEMOGRAPHICS = "Kids,Shoujo,Shounen,Seinen,Josei"
_GENRES = (
    "Action,Adventure,Avant Garde,Award Winning,Boys Love,Comedy,Drama,Fantasy,Girls Love,Gourmet,"
    "Horror,Mystery,Romance,Sci-Fi,Slice of Life,Sports,Supernatural,Suspense"
)
_THEMES = (
    "Adult Cast,Anthropomorphic,CGDCT,Childcare,Combat Sports,Crossdressing,Delinquents,Detective,"
    "Educational,Gag Humor,Gore,Harem,High Stakes Game,Historical,Idols (Female),Idols (Male),Isekai,"
    "Iyashikei,Love Polygon,Love Status Quo,Magical Sex Shift,Mahou Shoujo,Martial Arts,Mecha,Medical,"
    "Military,Music,Mythology,Organized Crime,Otaku Culture,Parody,Performing Arts,Pets,Psychological,"
    "Racing,Reincarnation,Reverse Harem,Romantic Subtext,Samurai,School,Showbiz,Space,Strategy Game,"
    "Super Power,Survival,Team Sports,Time Travel,Urban Fantasy,Vampire,Video Game,Villainess,"
    "Visual Arts,Workplace"
)
GENRE_KINDS: dict[str, str] = {
    name: kind.value
    for kind, names in (
        (GenreKind.EXPLICIT, _EXPLICIT),
        (GenreKind.DEMOGRAPHIC, _DEMOGRAPHICS),
        (GenreKind.GENRE, _GENRES),
        (GenreKind.THEME, _THEMES),
    )
    for name in names.split(",")
}
# Names that MyAnimeList gave up, and what it calls the same titles now; Magic it dropped.
_RENAMED = {
    "Dementia": "Avant Garde",
    "Thriller": "Suspense",
    "Cars": "Racing",
    "Demons": "Mythology",
    "Game": "Strategy Game",
    "Shoujo Ai": "Girls Love",
    "Yuri": "Girls Love",
    "Shounen Ai": "Boys Love",
    "Yaoi": "Boys Love",
    "Police": "Detective",
    "Magic": "",
}
GENRES = {**by_fold(list(GENRE_KINDS)), **{fold(old): new for old, new in _RENAMED.items()}}

ADULT_GENRES = frozenset({"Hentai", "Erotica"})
SENSITIVE_GENRES = frozenset({"Ecchi"})


def genre_kind(name: str) -> str:
    """An unknown genre is a theme: those are the ones that grow."""
    return GENRE_KINDS.get(name, GenreKind.THEME.value)
