"""New titles: shown in the last twelve months that the catalogue knows, and rated by hardly anybody."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max
from django.utils import timezone

from catalog.models import Anime
from ratings.models import User
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
    young = begun.filter(aired_from__gt=first).annotate(lists=Count("list_entries"))
    among = Anime.objects.filter(pk__in=young.filter(lists__lt=A_FEW).order_by().values("pk"))
    found = serving.recommend(member, top_n=top_n, among=among, models=models)
    return Newest(first, last, found) if found else None
