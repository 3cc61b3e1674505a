"""Families by names alone against families by edges. `python benchmarks/families.py [--bodies PATH ...] [--catalogue FILE]`

The demonstration's catalogue is a world of its own: all of its relations are known. `--bodies`: recorded
answers with relations, of the Jikan shape (`/anime/{id}/full`) or AniList's; `--catalogue`: the names,
types, genres and studios of the whole catalogue (anime-dataset-2023.csv, may be gzipped), among which
the recorded titles have to be found. Compared are pairs of titles in one series and in one franchise.
Only titles that an edge touches are compared, so what names join beyond them counts neither way; a body
tells only its own edges, so a pair that names join rightly through a title without a body counts as
wrong: that precision is a lower bound. Prints a table and writes results/families.json.
"""

import argparse
import csv
import gzip
import html
import json
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from recommender.engine.base import ItemFeatures
from recommender.engine.families import families
from recommender.engine.family_edges import SEQUEL, TURNED, WEAKER, Edge, Told
from recommender.engine.family_order import Facts
from recommender.engine.rules import seasons

DEMO = ROOT / "fixtures" / "demo_catalogue.json"
RESULT = Path(__file__).parent / "results" / "families.json"
JOINING = {SEQUEL, *TURNED, *WEAKER}
Titles = dict[int, dict[str, Any]]
World = tuple[Titles, list[Edge]]
SPELT = {"alternative": "alternative_version", "parent": "parent_story"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bodies", type=Path, nargs="*", default=[], metavar="PATH")
    parser.add_argument("--catalogue", type=Path, metavar="FILE")
    options = parser.parse_args()
    bodies = [body for path in options.bodies for body in read_bodies(path)]
    worlds = {"demo": read_demo()}
    jikan = [body for body in bodies if "mal_id" in body]
    if jikan:
        worlds["jikan bodies"] = jikan_world(jikan, read_catalogue(options.catalogue))
    anilist = [body for body in bodies if "mal_id" not in body]
    if anilist:
        worlds["anilist bodies"] = anilist_world(anilist)
    figures = {name: compare(*world) for name, world in worlds.items()}
    figures["demo"]["seasons_by_name"] = seasons_told(*worlds["demo"])
    if options.catalogue:
        figures["catalogue without edges"] = size_of(read_catalogue(options.catalogue))
    RESULT.write_text(f"{json.dumps(figures, indent=1)}\n")
    report(figures)


# --- worlds


def read_demo() -> World:
    titles = {title["mal_id"]: title for title in json.loads(DEMO.read_text())}
    edges = [
        (pk, edge["relation"], edge["to"])
        for pk, title in titles.items()
        for edge in title["relations"]
    ]
    return {
        pk: facts(title["title"], title["type"], title["year"], **_links(title))
        for pk, title in titles.items()
    }, edges


def _links(title: dict[str, Any]) -> dict[str, Any]:
    return {"genres": title["genres"], "studios": title["studios"]}


def facts(title: str, kind: str = "", year: Any = None, **more: Any) -> dict[str, Any]:
    kept = {"genres": more.get("genres") or [], "studios": more.get("studios") or []}
    return {"title": title, "type": kind, "year": year or np.nan, **kept}


def read_bodies(path: Path) -> Iterator[dict[str, Any]]:
    """Every answer with relations in a file, or in the files of a folder."""
    for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
        yield from _with_relations(json.loads(file.read_text()))


def _with_relations(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, list):
        for part in found:
            yield from _with_relations(part)
    elif isinstance(found, dict):
        if "relations" in found and ({"mal_id", "id"} & found.keys()):
            yield found
        else:
            yield from _with_relations(list(found.values()))


def read_catalogue(file: Path | None) -> Titles:
    if file is None:
        return {}
    packed = file.suffix == ".gz"
    with (gzip.open if packed else open)(file, "rt", encoding="utf-8-sig") as rows:
        return {int(row["anime_id"]): _of_row(row) for row in csv.DictReader(rows)}


def _of_row(row: dict[str, str]) -> dict[str, Any]:
    def names(column: str) -> list[str]:
        return [name.strip() for name in row[column].split(",") if name.strip() != "UNKNOWN"]

    kind = row["Type"].lower().replace("unknown", "")
    return facts(html.unescape(row["Name"]), kind, genres=names("Genres"), studios=names("Studios"))


def jikan_world(bodies: list[dict[str, Any]], catalogue: Titles) -> World:
    titles, edges = dict(catalogue), []
    for body in bodies:
        genres = [genre["name"] for genre in body["genres"]]
        studios = [studio["name"] for studio in body["studios"]]
        kind = (body["type"] or "").lower().replace(" ", "_")
        titles[body["mal_id"]] = facts(body["title"], kind, genres=genres, studios=studios)
        for relation in body["relations"]:
            for other in relation["entry"]:
                if other["type"] == "anime":
                    titles.setdefault(other["mal_id"], facts(other["name"]))
                    edges.append((body["mal_id"], spelt(relation["relation"]), other["mal_id"]))
    return titles, sorted(set(edges))


def anilist_world(bodies: list[dict[str, Any]]) -> World:
    titles: Titles = {}
    edges = []
    for body in bodies:
        titles[body["id"]] = _of_media(body)
        for edge in body["relations"]["edges"]:
            if edge["node"].get("type") == "ANIME":
                titles.setdefault(edge["node"]["id"], _of_media(edge["node"]))
                edges.append((body["id"], spelt(edge["relationType"]), edge["node"]["id"]))
    return titles, sorted(set(edges))


def _of_media(media: dict[str, Any]) -> dict[str, Any]:
    title = media["title"].get("romaji") or media["title"].get("userPreferred") or ""
    return facts(title, (media.get("format") or "").lower(), genres=media.get("genres"))


def spelt(label: str) -> str:
    plain = label.lower().replace(" ", "_").replace("-", "_")
    return SPELT.get(plain, plain)


# --- figures


def compare(titles: Titles, edges: list[Edge]) -> dict[str, Any]:
    told = families(as_facts(titles), edges, by_name=False)
    named = families(as_facts(titles), [])
    compared = {pk for edge in edges for pk in (edge[0], edge[2])} & titles.keys()
    if len(titles) < 5_000 and all(edge[2] in titles for edge in edges):
        compared = set(titles)
    return {
        "titles": len(titles),
        "compared": len(compared),
        "edges": len(edges),
        "joining_edges": sum(kind in JOINING for _, kind, _ in edges),
        "series": agreement(told.parts, named.parts, compared, "series"),
        "franchise": agreement(told.parts, named.parts, compared, "franchise"),
        "wrong_series_right_franchise": len(
            (pairs(named.parts, compared, "series") - pairs(told.parts, compared, "series"))
            & pairs(told.parts, compared, "franchise")
        ),
    }


def seasons_told(titles: Titles, edges: list[Edge]) -> dict[str, int]:
    """Of the seasons that names alone would have wait for another, how many are its sequels."""
    parts = sorted(families(as_facts(titles), []).parts, key=lambda part: (part.series, part.place))
    main = (part.id for part in parts if part.from_names and not part.is_extra)
    found = seasons((pk, titles[pk]["type"], titles[pk]["title"]) for pk in main)
    told = Told.by(edges).sequels
    return {"pairs": len(found), "sequels": sum((one, pk) in told for pk, one in found.tolist())}


def agreement(told: Iterable[Any], named: Iterable[Any], compared: set[int], level: str) -> Any:
    true, found = pairs(told, compared, level), pairs(named, compared, level)
    both = len(true & found)
    return {
        "pairs_by_edges": len(true),
        "pairs_by_names": len(found),
        "precision": round(both / len(found), 3) if found else None,
        "recall": round(both / len(true), 3) if true else None,
    }


def pairs(parts: Iterable[Any], compared: set[int], level: str) -> set[tuple[int, int]]:
    groups: dict[int, list[int]] = {}
    for part in parts:
        if part.id in compared:
            groups.setdefault(getattr(part, level), []).append(part.id)
    return {pair for group in groups.values() for pair in combinations(sorted(group), 2)}


def size_of(titles: Titles) -> dict[str, Any]:
    began = time.perf_counter()
    found = families(as_facts(titles), [])
    seconds = time.perf_counter() - began
    return {
        "titles": len(titles),
        "series": len({part.series for part in found.parts}),
        "franchises": len({part.franchise for part in found.parts}),
        "from_names": sum(part.from_names for part in found.parts),
        "joins_left_out": found.refused,
        "seconds": round(seconds, 2),
    }


def as_facts(titles: Titles) -> Facts:
    ordered = [(pk, titles[pk]) for pk in sorted(titles)]
    return Facts.of(
        ItemFeatures(
            ids=np.array([pk for pk, _ in ordered]),
            titles=[title["title"] for _, title in ordered],
            genres=[title["genres"] for _, title in ordered],
            studios=[title["studios"] for _, title in ordered],
            kinds=[title["type"] for _, title in ordered],
            years=np.array([title["year"] for _, title in ordered], np.float32),
        )
    )


def report(figures: dict[str, Any]) -> None:
    print(f"{'world':<16}{'compared':>9}{'edges':>7}{'joining':>8}  {'level':<10}{'pairs':>6}{'by name':>8}{'precision':>10}{'recall':>8}")  # fmt: skip
    for name, world in figures.items():
        for level in ("series", "franchise"):
            if isinstance(found := world.get(level), dict):
                print(f"{name:<16}{world['compared']:>9}{world['edges']:>7}{world['joining_edges']:>8}  {level:<10}{found['pairs_by_edges']:>6}{found['pairs_by_names']:>8}{found['precision']!s:>10}{found['recall']!s:>8}")  # fmt: skip
    counted = figures["demo"]["seasons_by_name"]
    print(
        f"seasons of the demo found by name: {counted['pairs']}, of them sequels {counted['sequels']}"
    )
    if whole := figures.get("catalogue without edges"):
        print(", ".join(f"{label.replace('_', ' ')} {number:,}" for label, number in whole.items()))


if __name__ == "__main__":
    main()
