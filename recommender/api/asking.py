"""Who asks about whom, and what is served: one question, two where a token asks for another's list."""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import Aggregate, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import timezone

from catalog import viewing
from catalog.models import CatalogueVersion
from catalog.prepared import Prepared
from ratings.models import AccessToken, User
from ratings.models.token import A_WHILE, digest_of
from recommender.models import TrainedModel


class Asker(NamedTuple):
    """Who asks, or whose list is asked for: 0 for nobody in particular.

    `viewer`: how they like titles. `takes_part`: in experiments.
    """

    pk: int
    list_version: int
    viewer: tuple[str, bool]
    takes_part: bool = False


# The catalogue's version, and which models are served.
Served = tuple[Any, ...]
NOTHING: Served = ()
NOBODY = Asker(0, 0, (viewing.NOBODY.language, viewing.NOBODY.adult))


class Known(NamedTuple):
    asker: Asker
    about: Asker
    served: Served


# None where the API has to say what is wrong.
Look = Callable[[HttpRequest], Known | None]


def look_for_list(request: HttpRequest) -> Known | None:
    """Whose list it is about: the asker's own, or that of a member who shows it to everybody."""
    wanted, said = request.GET.get("user_id"), request.headers.get("Authorization")
    if wanted is not None and not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
        return None
    asker, served = _by_token(said) if said is not None else (NOBODY, NOTHING)
    if wanted is None or int(wanted) == asker.pk:
        return Known(asker, asker, served) if asker.pk else None
    if said is not None and not asker.pk:
        return None
    row = _shown.row(int(wanted))
    return Known(asker, _asker_in(row), row[:2]) if row else None


def look_for_nobody(request: HttpRequest) -> Known | None:
    """The same for everybody, whatever token comes along."""
    row = _of_nobody.row(1)
    return Known(NOBODY, NOBODY, row) if row else None


def _by_token(said: str) -> tuple[Asker, Served]:
    keyword, _, key = said.partition(" ")
    if keyword not in ("Bearer", "Token") or not key.isascii():
        return NOBODY, NOTHING
    row = _of_token.row(digest_of(key))
    if row is None:
        return NOBODY, NOTHING
    _note_use(row[7], digest_of(key))
    return _asker_in(row), row[:2]


def _asker_in(row: tuple[Any, ...]) -> Asker:
    _, _, pk, version, language, adult, takes_part, *_ = row
    return Asker(pk, version, (language, bool(adult)), bool(takes_part))


_noted: dict[str, float] = {}


def _note_use(token: int, digest: str) -> None:
    """At most once a minute in each process, and once a minute of all."""
    now = time.monotonic()
    if now - _noted.get(digest, -A_WHILE.total_seconds()) < A_WHILE.total_seconds():
        return
    if len(_noted) > 10_000:
        _noted.clear()
    _noted[digest] = now
    moment = timezone.now()
    old = Q(used_at=None) | Q(used_at__lt=moment - A_WHILE)
    AccessToken.objects.filter(old, pk=token).update(used_at=moment)


class Joined(Aggregate):
    """Texts with commas between them."""

    template = "STRING_AGG(%(expressions)s, ',' ORDER BY %(expressions)s)"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return super().as_sql(
            compiler, connection, template="GROUP_CONCAT(%(expressions)s)", **more
        )


def _versions() -> dict[str, Subquery]:
    served = TrainedModel.objects.active().order_by().values(whole=Value(1))
    together = served.annotate(all_of_them=Joined(Cast("pk", TextField()))).values("all_of_them")
    catalogue = CatalogueVersion.objects.order_by().values("number")[:1]
    return {"catalogue": Subquery(catalogue), "models": Subquery(together)}


def _with_versions(members: "QuerySet[Any, Any]", *names: str) -> "QuerySet[Any, Any]":
    told = members.order_by().annotate(**_versions())
    found: QuerySet[Any, Any] = told.values_list("catalogue", "models", *names)
    return found


WHO = ("list_version", "title_language", "wants_adult", "takes_part")
_of_token = Prepared(
    lambda digest: _with_versions(
        AccessToken.objects.filter(digest=digest, member__is_active=True),
        "member", *(f"member__{name}" for name in WHO), "pk",
    ),
    "-" * 64,
)  # fmt: skip
_shown = Prepared(
    lambda pk: _with_versions(User.objects.shown_to(None).filter(pk=pk), "pk", *WHO), -1
)
_of_nobody = Prepared(lambda pk: _with_versions(CatalogueVersion.objects.filter(pk=pk)), -1)
