"""The demonstration: a small real catalogue, a model of real taste, members who are simulated."""

import json
import shutil
from collections.abc import Collection, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction

from catalog.etl.changes import catalogue_changed
from catalog.etl.loading import load_records
from catalog.etl.sources.demo import records
from catalog.models import Anime, AnimeSnapshot, FamilyPart
from ratings.models import Origin, User, UserAnimeRating, WatchStatus
from recommender import datasets, families, serving
from recommender.engine import registry
from recommender.engine.artifacts import read_manifest
from recommender.engine.atlas import Atlas
from recommender.engine.base import Fitted
from recommender.engine.clustering import Clusters
from recommender.engine.content import Content, ContentConfig
from recommender.engine.hybrid import Hybrid
from recommender.engine.linear import Ease
from recommender.engine.popularity import Popularity
from recommender.engine.quiz import QuizModel
from recommender.engine.score_model import ScoreModel
from recommender.engine.simulation import SimulatedList, simulate_lists
from recommender.engine.taste import TasteModel
from recommender.models import TrainedModel

CATALOGUE = settings.BASE_DIR / "fixtures" / "demo_catalogue.json"
MODELS = settings.BASE_DIR / "fixtures" / "demo_models"
DEMO_USERNAME = "demo"
DEMO_PASSWORD = "demo"  # noqa: S105  # printed on the screen for everybody
SIMULATED_MEMBERS = 60
# Most of the lists behind the shipped models are of this time; any catalogue's own figures are newer.
LISTS_OF = date(2016, 12, 1)
SEED = 7


def load(*, members: bool = True) -> None:
    """Bring the demonstration into the database; what is there already is left alone."""
    report = load_records(records(CATALOGUE), source="demo")
    if report.loaded or report.updated:
        catalogue_changed()
    install_models()
    if members and not User.objects.filter(username=DEMO_USERNAME).exists():
        add_members()
    # A site that is older than families has titles that did not change just now.
    if not FamilyPart.objects.exists():
        families.rebuild()


# --- models


@transaction.atomic
def install_models() -> None:
    """Put the shipped models in the roles that no model fills."""
    filled = set(serving.active_models())
    for folder in sorted(MODELS.iterdir()):
        manifest = read_manifest(folder)
        if manifest["kind"] not in filled:
            _install(folder, manifest)


def _install(folder: Path, manifest: dict[str, Any]) -> None:
    name = f"demo-{folder.name}"
    settings.ARTIFACTS_DIR.mkdir(parents=True, exist_ok=True)
    shutil.copytree(folder, settings.ARTIFACTS_DIR / name, dirs_exist_ok=True)
    row, _ = TrainedModel.objects.update_or_create(
        artifact=name,
        defaults={
            "kind": manifest["kind"],
            "role": manifest["kind"],
            "config": manifest["config"],
            "metrics": manifest.get("metrics", {}),
            "data_fingerprint": manifest["data_fingerprint"],
            "provenance": manifest["provenance"],
            "trained_at": datetime.fromisoformat(manifest["trained_at"]),
        },
    )
    row.activate()
    if row.kind == Popularity.kind:
        _remember_popularity(Popularity.load(row.path), LISTS_OF)


def _remember_popularity(model: Popularity, day: date) -> None:
    """How many of the training members watched each title, and their damped mean score."""
    snapshots = [
        AnimeSnapshot(anime_id=pk, taken_on=day, members=int(count), score=round(float(mean), 2))
        for pk, count, mean in zip(
            model.vocabulary.ids.tolist(), model.counts, model.mean_scores, strict=True
        )
    ]
    known = set(Anime.objects.described().values_list("pk", flat=True))
    kept = [snapshot for snapshot in snapshots if snapshot.anime_id in known]
    AnimeSnapshot.objects.bulk_create(kept, ignore_conflicts=True)
    Anime.objects.bulk_update(
        [Anime(mal_id=s.anime_id, members=s.members, mean_score=s.score) for s in kept],
        ["members", "mean_score"],
        batch_size=500,
    )


# --- members


@transaction.atomic
def add_members() -> None:
    """Simulated members, and one of them to sign in as."""
    lists = _simulated_lists(SIMULATED_MEMBERS + 1)
    for number, simulated in enumerate(lists[1:], 1):
        member = User(
            username=f"simulated-{number}",
            origin=Origin.SIMULATED,
            external_id=number,
            is_public=True,
        )
        member.set_unusable_password()
        member.save()
        _fill_list(member, simulated)
    member = User(username=DEMO_USERNAME, origin=Origin.SIMULATED, is_public=True)
    member.set_password(DEMO_PASSWORD)
    member.save()
    _fill_list(member, lists[0])


def _simulated_lists(members: int) -> list[SimulatedList]:
    ranker, scorer = serving.model_of("ease"), serving.model_of(registry.SCORER)
    if not isinstance(ranker, Ease) or not isinstance(scorer, ScoreModel):
        raise TypeError("the shipped models are not of the kinds the simulation draws from")
    titles = Anime.objects.recommendable().order_by("pk").values_list("pk", flat=True)
    return simulate_lists(
        ranker,
        scorer,
        members=members,
        seed=SEED,
        prequels=datasets.read_prequels(),
        allowed=np.fromiter(titles, np.int64),
    )


def _fill_list(member: User, simulated: SimulatedList) -> None:
    """Everything watched, but the last title still being watched."""
    last = len(simulated.items) - 1
    UserAnimeRating.objects.bulk_create(
        UserAnimeRating(
            user=member,
            anime_id=pk,
            score=None if place == last or np.isnan(score) else int(score),
            status=WatchStatus.WATCHING if place == last else WatchStatus.COMPLETED,
        )
        for place, (pk, score) in enumerate(
            zip(simulated.items.tolist(), simulated.scores.tolist(), strict=True)
        )
    )


# --- making the shipped models


# What a fresh clone is served with.
SHIPPED = (
    Popularity.kind,
    Content.kind,
    Ease.kind,
    Hybrid.kind,
    registry.SCORER,
    TasteModel.kind,
)
# Shipped as well where they are served. Without the first the quiz asks about the most watched titles;
# without the others there is no map.
SHIPPED_IF_TRAINED = (QuizModel.kind, Clusters.kind, Atlas.kind)


def export_models(folder: Path, ids: Iterable[int], only: Collection[str] = ()) -> list[str]:
    """Write the served models to `folder`, cut to the titles `ids`, with where they come from.

    `only`: some kinds alone; the others' files stay as they are.

    The content model is fitted anew on those titles, with the weights it had learned, so that it
    holds nothing of other texts.
    """
    wanted = np.array(sorted(ids), dtype=np.int64)
    written = []
    rows = serving.active_models()
    for kind in only or (*SHIPPED, *(kind for kind in SHIPPED_IF_TRAINED if kind in rows)):
        if kind not in rows:
            raise serving.NothingTrained(f"no {kind} is served: train first")
        row = rows[kind]
        model = _cut(registry.KINDS[kind].load(row.path), wanted)
        model.save(
            folder / kind,
            provenance=f"Trained on {row.provenance}; cut to {len(model.vocabulary)} titles",
            data_fingerprint=row.data_fingerprint,
            metrics=row.metrics,
            trained_at=row.trained_at.isoformat(timespec="seconds"),
        )
        written.append(f"{kind}: {len(model.vocabulary)} titles")
    return written


def _cut(model: Fitted, ids: np.ndarray) -> Fitted:
    if isinstance(model, Content):
        features = datasets.read_features().only(ids)
        learned = ContentConfig(weights=model.facts["weights"])
        return Content(config=learned).fit(datasets.no_interactions(), features)
    if isinstance(model, Atlas):
        # Titles newer than the lists that it was learned from are placed by what they are.
        return model.cut_to(ids).with_placed(datasets.read_features().only(ids))
    if isinstance(
        model, Ease | ScoreModel | Popularity | Hybrid | TasteModel | QuizModel | Clusters
    ):
        return model.cut_to(ids)
    raise TypeError(f"a {model.kind} model cannot be cut")


def demo_ids() -> list[int]:
    return [entry["mal_id"] for entry in json.loads(CATALOGUE.read_text())]
