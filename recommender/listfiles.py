"""Lists in a file, in no database: in `user_id,anime_id,rating`, out `user_id,rank,anime_id,score`."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from catalog.models import Anime
from recommender import datasets
from recommender.engine import rules
from recommender.engine.base import Ranked, Recommender
from recommender.engine.interactions import EngineError, IntArray, Interactions, MemberList

COLUMNS = ("user_id", "anime_id", "rating")
LARGEST_ID = 2**31 - 1


class BadListFile(EngineError):
    """The file cannot be read as lists; the message names file, line and field."""


def read_lists(file: Path) -> dict[int, MemberList]:
    """Members' lists by user id; a rating of -1 is watched without a score."""
    rows = list(_rows(file))
    if not rows:
        raise BadListFile(f"{file.name}: there are no lists after the header")
    who, what, rating = (np.array(column) for column in zip(*rows, strict=True))
    scores = np.where(rating == -1, np.nan, rating.astype(np.float32))
    return Interactions.of(who, what, scores).lists()


def _rows(file: Path) -> Iterator[tuple[int, int, int]]:
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            yield from _checked(csv.reader(stream), file.name)
    except UnicodeDecodeError:
        raise BadListFile(f"{file.name}: this is not a text file in UTF-8") from None


def _checked(reader: "Iterable[list[str]]", name: str) -> Iterator[tuple[int, int, int]]:
    lines = iter(reader)
    try:
        places = _places(next(lines, []), name)
        for number, row in enumerate(lines, start=2):
            if row:
                yield _row(row, places, f"{name} line {number}")
    except csv.Error as problem:
        raise BadListFile(f"{name}: {problem}") from None


def _places(header: list[str], name: str) -> list[int]:
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise BadListFile(f"{name} line 1: the header lacks {', '.join(missing)}")
    return [header.index(column) for column in COLUMNS]


def _row(row: list[str], places: list[int], where: str) -> tuple[int, int, int]:
    if len(row) <= max(places):
        raise BadListFile(f"{where}: a field is missing")
    numbers = []
    for column, place in zip(COLUMNS, places, strict=True):
        try:
            numbers.append(int(row[place]))
        except ValueError:
            raise BadListFile(
                f"{where}: {column}: {row[place][:40]!r} is not a whole number"
            ) from None
    user, anime, rating = numbers
    if not (rating == -1 or 1 <= rating <= 10):
        raise BadListFile(f"{where}: rating: {rating} is not -1 or 1 to 10")
    if not (0 <= user <= LARGEST_ID and 0 <= anime <= LARGEST_ID):
        raise BadListFile(f"{where}: ids lie between 0 and {LARGEST_ID}")
    return user, anime, rating


class BatchRecommender:
    """One model for many lists. Plain leaves out every rule but one: seen titles are never listed."""

    def __init__(self, model: Recommender, *, top_n: int, plain: bool) -> None:
        self.model, self.top_n, self.plain = model, top_n, plain
        if not plain:
            shown = Anime.objects.recommendable().order_by("pk").values_list("pk", flat=True)
            self.shown: IntArray = np.fromiter(shown, np.int64)
            self.before = datasets.read_before()

    def recommend(self, member: MemberList) -> Ranked:
        if self.plain:
            return self.model.recommend(member, self.top_n)
        watched = member.items[member.weights > 0]
        allowed = rules.in_series_order(self.shown, self.before, watched)
        mask = np.isin(self.model.vocabulary.ids, allowed)
        return self.model.recommend(member, self.top_n, mask)


def write_recommendations(file: Path, answers: Iterable[tuple[int, Ranked]]) -> int:
    """Write beside `file` and rename, so that a reader never meets half an answer."""
    aside = file.with_name(f".{file.name}.part")
    written = 0
    try:
        with aside.open("w", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(("user_id", "rank", "anime_id", "score"))
            for user, ranked in answers:
                for rank, (pk, score) in enumerate(zip(ranked.ids, ranked.scores, strict=True), 1):
                    writer.writerow((user, rank, int(pk), f"{score:.6g}"))
                    written += 1
        aside.replace(file)
    finally:
        aside.unlink(missing_ok=True)
    return written
