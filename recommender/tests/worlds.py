"""Two tastes in the database: robots and tea, invented."""

import numpy as np

from catalog.models import Anime, AnimeGenre, AnimeRelation, Genre
from ratings.models import Origin, User, UserAnimeRating
from recommender.models import TrainedModel, TrainingRun
from recommender.training import train

FIRST_ID = 9_000_000
TITLES = 30


def add_titles() -> list[Anime]:
    """Even titles are about robots, odd ones about tea; members are many for the first ones."""
    titles = Anime.objects.bulk_create(
        Anime(
            mal_id=FIRST_ID + n,
            title=f"{'Robot' if n % 2 == 0 else 'Tea'} {n}",
            synopsis="pilots in robots at war" if n % 2 == 0 else "a quiet garden with tea",
            type="tv",
            status="finished",
            members=1000 - n,
            search_text=f"{'robot' if n % 2 == 0 else 'tea'} {n}",
        )
        for n in range(TITLES)
    )
    genres = [Genre.objects.get_or_create(name=name)[0] for name in ("Mecha", "Slice of Life")]
    AnimeGenre.objects.bulk_create(
        AnimeGenre(anime=title, genre=genres[n % 2]) for n, title in enumerate(titles)
    )
    return titles


def add_members(number: int = 60, origin: str = Origin.COOPERUNION) -> list[User]:
    """Each member watches 9 of the 15 titles of one taste."""
    rng = np.random.default_rng(5)
    members = User.objects.bulk_create(
        User(username=f"{origin}-{n}", origin=origin, external_id=n, is_public=True, password="!")
        for n in range(number)
    )
    UserAnimeRating.objects.bulk_create(
        UserAnimeRating(user=member, anime_id=FIRST_ID + int(n), score=int(rng.integers(6, 11)))
        for place, member in enumerate(members)
        for n in rng.choice(np.arange(place % 2, TITLES, 2), 9, replace=False)
    )
    return members


def train_all(*kinds: str) -> list[TrainedModel]:
    kinds = kinds or ("popularity", "content", "ease", "score_blend")
    return train(TrainingRun.objects.create(kinds=list(kinds)), fewest_members=20, evaluate=False)


def make_sequel(first: int, second: int) -> None:
    AnimeRelation.objects.create(anime_id=first, to_mal_id=second, kind="sequel")


def is_robot(mal_id: int) -> bool:
    return (mal_id - FIRST_ID) % 2 == 0
