"""Where a member's taste meets one title, in words and shares."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache

from catalog import viewing
from catalog.models import Anime
from ratings.models import User
from recommender import serving, taste, taste_rows
from recommender.engine.taste import TasteModel
from recommender.favourites import LIKE_MINDED
from recommender.impressions import PASSED_OVER
from recommender.serving import Breakdown, Cause
from recommender.taste_rows import Sentence

UP_SHOWN, DOWN_SHOWN, SAID = 5, 4, 4
# Beside a share no judgement: a model may count it against a title that everybody knows it.
FEATURES = {
    "popularity": "How many members know it",
    "quality": "How members rate it",
    "era": "The years it is from",
    "series": "Its place in a series",
    "content": "Its story and genres",
    "length": "Its length",
    "kind": "Its kind",
    "list": "How it suits a list like yours",
    "taste": "Your list as a whole",
    PASSED_OVER: "That you passed it over",
    LIKE_MINDED: "What members who like your genres watch",
}
CACHED_SECONDS = 3600


@dataclass(frozen=True)
class Share:
    """One thing that moves the title up or down among the member's recommendations."""

    words: str
    percent: int


@dataclass(frozen=True)
class Meeting:
    """`up` and `down` add up to 100 together. `scored`: how many scores the rest of the list has."""

    predicted: float | None
    up: list[Share]
    down: list[Share]
    scored: int
    # Whether the title itself is on the list, and the score it has there.
    is_listed: bool
    given: int | None
    taste: list[Sentence]


def meeting(member: User, anime: Anime, version: int) -> Meeting | None:
    """What the rest of the list says of the title; None where no model knows it.

    Kept until the list, the models or the catalogue, of which this is the `version`, change, for each
    language of names.
    """
    models = serving.active_models()
    language = viewing.current().language
    edition = serving.edition_of(models)
    key = f"fit:{member.pk}:{member.list_version}:{edition}:{version}:{language}:{anime.pk}"
    kept: tuple[Meeting | None] | None = cache.get(key)
    if kept is None:
        kept = (_meeting(member, anime, models),)
        cache.set(key, kept, CACHED_SECONDS)
    return kept[0]


def _meeting(member: User, anime: Anime, models: serving.ActiveModels) -> Meeting | None:
    fit = serving.fit(member, anime.pk, models=models)
    if fit is None:
        return None
    claims = taste.claims_about(member, anime.pk, models.get(TasteModel.kind))[:SAID]
    said = [taste_rows.sentence(claim) for claim in claims]
    up, down = shares(fit.breakdown)
    return Meeting(fit.predicted, up, down, fit.scored, fit.is_listed, fit.given, said)


def shares(breakdown: Breakdown) -> tuple[list[Share], list[Share]]:
    """What moves the title up and what moves it down, the strongest first; all adds up to 100."""
    causes = breakdown.causes
    up = _shown([cause for cause in causes if cause.value > 0], UP_SHOWN)
    down = _shown([cause for cause in reversed(causes) if cause.value < 0], DOWN_SHOWN)
    percents = _to_a_hundred([abs(value) for _, value in (*up, *down)])
    found = [
        Share(words, percent) for (words, _), percent in zip((*up, *down), percents, strict=True)
    ]
    return found[: len(up)], found[len(up) :]


def _shown(causes: Sequence[Cause], most: int) -> list[tuple[str, float]]:
    """The first `most`, and the rest as one."""
    found = [(_words(cause), cause.value) for cause in causes[:most]]
    rest = causes[most:]
    if len(rest) == 1:
        return [*found, (_words(rest[0]), rest[0].value)]
    return [*found, (f"{len(rest)} more", sum(cause.value for cause in rest))] if rest else found


def _words(cause: Cause) -> str:
    return FEATURES.get(cause.feature, cause.sentence)


def _to_a_hundred(sizes: Sequence[float]) -> list[int]:
    """Whole percents by largest remainders, so that they add up."""
    total = sum(sizes)
    exact = [100 * size / total for size in sizes] if total else []
    floors = [int(share) for share in exact]
    order = sorted(range(len(exact)), key=lambda place: floors[place] - exact[place])
    for place in order[: 100 - sum(floors)]:
        floors[place] += 1
    return floors
