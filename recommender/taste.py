"""A member's taste: kept up with their list, corrected by them, added to the ranking."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from catalog.models import Genre, GenreKind
from ratings.models import User
from recommender import datasets, extras
from recommender.belonging import Belonging, belonging
from recommender.engine.atlas import Atlas
from recommender.engine.base import Ranked
from recommender.engine.clustering import Clusters, Group
from recommender.engine.interactions import FloatArray, MemberList
from recommender.engine.taste import TasteModel, TasteStatistics
from recommender.engine.taste_reading import Claim, Taste
from recommender.engine.traits import Trait
from recommender.models import TasteCorrection, TrainedModel

Change = Literal["less", "more", "undo"]
STEPS: dict[str, int] = {"less": -1, "more": 1}
CACHED_SECONDS = 7 * 24 * 3600


class UnknownTrait(LookupError):
    """Nothing of that name was learned of any title."""


@dataclass(frozen=True)
class Profile:
    """What a page shows of one member; `taste` is None where no taste model is trained."""

    taste: Taste | None
    belonging: Belonging | None
    hidden: frozenset[Trait]
    # Whether groups are served at all; a list may be too empty to belong to one.
    has_groups: bool
    atlas: Atlas | None

    @property
    def group(self) -> Group | None:
        return self.belonging.own if self.belonging else None


def profile_of(member: User) -> Profile:
    """Taste, group and map of `member`, from their list as it is now, which is read once."""
    rows = extras.active_rows((TasteModel, Clusters, Atlas))
    own = datasets.read_own(member)
    clusters = extras.opened(Clusters, rows.get(Clusters.kind))
    return Profile(
        taste=_taste(member, rows.get(TasteModel.kind), own.list),
        belonging=belonging(clusters, own.list, set(own.settled.tolist())),
        hidden=_explicit_genres(),
        has_groups=clusters is not None,
        atlas=extras.opened(Atlas, rows.get(Atlas.kind)),
    )


def taste_of(member: User) -> Taste | None:
    return _taste(member, extras.active_rows([TasteModel]).get(TasteModel.kind))


def claims_about(member: User, anime_id: int, row: TrainedModel | None) -> list[Claim]:
    """What the list makes certain of the title's own traits, the surest first. `row`: the taste model."""
    model, taste = extras.opened(TasteModel, row), _taste(member, row)
    if model is None or taste is None:
        return []
    own = {model.traits.names[place] for place in model.traits_matrix([anime_id]).indices.tolist()}
    own -= _explicit_genres()
    return [claim for claim in taste.claims() if (claim.kind, claim.name) in own]


def _taste(member: User, row: TrainedModel | None, own: MemberList | None = None) -> Taste | None:
    model = extras.opened(TasteModel, row)
    if model is None or row is None:
        return None
    return model.taste(_statistics(member, model, row, own), corrections_of(member))


def _statistics(
    member: User, model: TasteModel, row: TrainedModel, own: MemberList | None = None
) -> TasteStatistics:
    """The sums over the list, kept from the last time: only lines changed since are counted.

    With the cache gone they are counted anew, which comes to the same.
    """
    key = f"taste:{member.pk}:{row.edition}"
    held: tuple[int, TasteStatistics] | None = cache.get(key)
    if held is not None and held[0] == member.list_version:
        return held[1]
    version = member.list_version
    before = TasteStatistics.empty(len(model.traits)) if held is None else held[1]
    statistics = model.follow(before, datasets.read_list(member) if own is None else own)
    cache.set(key, (version, statistics), CACHED_SECONDS)
    return statistics


def _explicit_genres() -> frozenset[Trait]:
    """Never shown: their titles are never recommended either."""
    names = Genre.objects.filter(kind=GenreKind.EXPLICIT).values_list("name", flat=True)
    return frozenset(("genre", name) for name in names)


# --- corrections


def corrections_of(member: User) -> dict[Trait, int]:
    rows = TasteCorrection.objects.filter(member=member)
    return {(row.kind, row.name): row.value for row in rows}


@transaction.atomic
def correct(member: User, *, kind: str, name: str, change: Change) -> int:
    """One step less or more of a trait than the list says, or the list's word again; the new value.

    UnknownTrait where nothing of the name was learned, unless an old correction of it is undone.
    """
    # Two presses at once count as two: the member's row is the lock.
    User.objects.select_for_update().get(pk=member.pk)
    own = TasteCorrection.objects.filter(member=member, kind=kind, name=name)
    now = own.values_list("value", flat=True).first() or 0
    if change == "undo":
        value = 0
    else:
        _need_trait((kind, name))
        value = now + STEPS[change]
        value = max(TasteCorrection.LEAST, min(TasteCorrection.MOST, value))
    if value == now:
        return value
    if value == 0:
        own.delete()
    else:
        TasteCorrection.objects.update_or_create(
            member=member,
            kind=kind,
            name=name,
            defaults={"value": value, "changed_at": timezone.now()},
        )
    # What was recommended before is known to be old by this.
    member.touch_list()
    return value


def _need_trait(trait: Trait) -> None:
    model = extras.opened(TasteModel, extras.active_rows([TasteModel]).get(TasteModel.kind))
    if model is None or trait not in model.traits.names:
        raise UnknownTrait(f"nothing is known of the {trait[0]} {trait[1]}")


# --- in the ranking


def ranking_terms(member: User, candidates: Ranked) -> tuple[FloatArray, Sequence[str]]:
    """What the member's corrections add to each candidate's score, and the names of the terms.

    Values float32, shape (k, names), in the units of the scores. No names without corrections,
    and then nothing but the corrections is read.
    """
    corrections = corrections_of(member)
    row = extras.active_rows([TasteModel]).get(TasteModel.kind) if corrections else None
    model = extras.opened(TasteModel, row)
    if model is None or row is None:
        return np.zeros((len(candidates), 0), np.float32), ()
    taste = model.taste(_statistics(member, model, row), corrections)
    terms = taste.ranking_terms(model.traits_matrix(candidates.ids), candidates.scores)
    if not terms:
        return np.zeros((len(candidates), 0), np.float32), ()
    return np.stack(list(terms.values()), axis=1), [term_name(trait) for trait in terms]


def term_name(trait: Trait) -> str:
    return f"your correction: {trait[1]}"
