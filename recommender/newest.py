"""New titles: shown in the last twelve months that the catalogue knows, and rated by hardly anybody."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max
from django.utils import timezone

from catalog.models import Anime
from ratings.models import User, UserAnimeRating
from recommender import serving
from recommender.serving import ActiveModels, Recommendation

A_YEAR = timedelta(days=365)
# With so many lists that have a title its watchers say more of it than its content.
A_FEW = 5


@dataclass(frozen=True)
class Newest:
    """`first` and `last`: the days between which they began."""

    first: date
    last: date
    found: list[Recommendation]


def new_titles(member: User, *, top_n: int, models: ActiveModels | None = None) -> Newest | None:
    """The best for `member`; None where nothing in the catalogue has a day, or nothing is new.

    The year ends with the newest title that has begun: a catalogue may be older than today.
    """
    begun = Anime.objects.recommendable().filter(aired_from__lte=timezone.localdate())
    last = begun.aggregate(last=Max("aired_from"))["last"]
    if last is None:
        return None
    first = last - A_YEAR
    young = list(begun.filter(aired_from__gt=first).order_by().values_list("pk", flat=True))
    # Two questions, because the database answers one for both by reading every list.
    entries = UserAnimeRating.objects.filter(anime__in=young).order_by().values("anime")
    known = entries.annotate(lists=Count("pk")).filter(lists__gte=A_FEW)
    among = set(young) - set(known.values_list("anime", flat=True))
    found = serving.recommend(
        member, top_n=top_n, among=among, detail=serving.Detail.REASONS, models=models
    )
    return Newest(first, last, found) if found else None
