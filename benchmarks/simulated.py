"""Members for measurements: simulated, public, with lists drawn by a seed; taken away afterwards.

Needs a configured Django.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from django.db import connection

from catalog.models import Anime
from ratings.models import AccessToken, Origin, User, UserAnimeRating

# Ratings are of the most watched titles, as members' are.
POOL, CHUNK = 3000, 200


@contextmanager
def members(prefix: str, number: int, ratings: int, seed: int) -> Iterator[list[User]]:
    """Nobody can sign in as they; names begin with `prefix`."""
    rng = np.random.default_rng(seed)
    titles = Anime.objects.recommendable().most_watched_first().values_list("pk", flat=True)[:POOL]
    pool = np.array(list(titles))
    forget(prefix)
    made = User.objects.bulk_create(
        User(username=f"{prefix}{n}", origin=Origin.SIMULATED, is_public=True, password="!")  # noqa: S106
        for n in range(number)
    )
    for start in range(0, number, CHUNK):
        UserAnimeRating.objects.bulk_create(
            UserAnimeRating(user=member, anime_id=int(pk), score=int(score))
            for member in made[start : start + CHUNK]
            for pk, score in zip(
                rng.choice(pool, ratings, replace=False), rng.integers(4, 11, ratings), strict=True
            )
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    try:
        yield made
    finally:
        forget(prefix)


def forget(prefix: str) -> None:
    ours = User.objects.filter(username__startswith=prefix)
    UserAnimeRating.objects.filter(user__in=ours).delete()
    ours.delete()


def keys_of(members: list[User], scope: str) -> list[str]:
    """A new token for each."""
    made = [AccessToken.named("benchmark", scope=scope) for _ in members]
    for member, (token, _) in zip(members, made, strict=True):
        token.member = member
    AccessToken.objects.bulk_create(token for token, _ in made)
    return [key for _, key in made]
