"""What a card says beside its title."""

from collections.abc import Iterable
from typing import Any

from catalog.models import Anime
from recommender import likeness_words
from recommender.serving import Recommendation, SimilarTitle

# A card has room for two reasons.
CAUSES_NAMED = 2


def with_titles(found: Iterable[Recommendation | SimilarTitle]) -> list[dict[str, Any]]:
    """Put the title beside each answer; one that is no longer shown is left out."""
    answers = {answer.anime_id: answer for answer in found}
    titles = Anime.objects.visible().lean()
    if any(isinstance(answer, SimilarTitle) for answer in answers.values()):
        # What titles share is told as genres and studios apart.
        titles = titles.prefetch_related("genres")
    there = titles.in_bulk(list(answers))
    return [
        {"anime": there[pk], **card_facts(there[pk], answer)}
        for pk, answer in answers.items()
        if pk in there
    ]


def card_facts(anime: Anime, answer: Recommendation | SimilarTitle) -> dict[str, Any]:
    """What a card says beside its title."""
    if isinstance(answer, SimilarTitle):
        return {
            "shared": _shared_words(anime, answer.shared),
            "why": likeness_words.why(answer.watched, answer.alike),
            "watched": round(100 * answer.watched),
        }
    named = answer.causes[:CAUSES_NAMED]
    titles = [cause for cause in named if cause.kind == "title"]
    return {
        "recommendation": answer,
        "gave": [cause for cause in titles if cause.score],
        "watched": [cause for cause in titles if not cause.score],
        "features": [cause for cause in named if cause.kind != "title"],
        "percent": round(100 * sum(cause.share for cause in named)),
    }


def _shared_words(anime: Anime, shared: tuple[str, ...]) -> str:
    """'Mystery, Seinen; studio Lantern House'."""
    genres = {genre.name for genre in anime.genres.all()}
    words = ", ".join(name for name in shared if name in genres)
    studios = ", ".join(name for name in shared if name not in genres)
    return "; ".join(filter(None, [words, studios and f"studio {studios}"]))
