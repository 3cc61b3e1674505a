"""Importing lists of 1,700 and of 30,000 titles. `DATABASE_URL=... python benchmarks/list_import.py DIR`

DIR holds a published catalogue; it is loaded into a database of the benchmark's own: a file of SQLite
where DATABASE_URL is not set, else one made and dropped on that PostgreSQL server. A list in the
shape of MyAnimeList's export is written from the catalogue's titles (what the catalogue lacks is
unknown), then for each of a few new members: the file becomes a preview, the preview a list, the
same file changes nothing, another file changes every score, and both are undone. A table of names
without ids is previewed too, half of them misspelt. Prints a table and adds the figures under the
database's name to results/list_import.json.
"""

import argparse
import gzip
import io
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.scratch import keep_figures, own_database

RESULT = Path(__file__).parent / "results" / "list_import.json"
SCRATCH = "animerec_bench_lists"
# The part of a step in which this process was at work; the rest it waited, for the database or for
# the other programs of a busy machine.
OF_WHICH = ", at work"
SIZES = {"1,700 titles": 1_700, "30,000 titles": 30_000}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="holds a published catalogue")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with own_database(os.environ.get("DATABASE_URL", ""), SCRATCH) as address:
        os.environ["DATABASE_URL"] = address
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")
        figures = measured(options.directory, options.rounds)
    report(figures, "postgresql" if address.startswith("postgres") else "sqlite")


def measured(directory: Path, rounds: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    quiet = io.StringIO()
    call_command("migrate", verbosity=0)
    call_command("load_dataset", str(directory), no_ratings=True, stdout=quiet, stderr=quiet)
    from catalog.models import Anime

    titles = list(Anime.objects.described().filter(is_adult=False).values_list("pk", "title"))
    figures: dict[str, Any] = {"catalogue": Anime.objects.count()}
    for name, size in SIZES.items():
        runs = [one_round(titles, size, f"{size}-{number}") for number in range(rounds)]
        figures[name] = {
            step: round(statistics.median(run[step] for run in runs), 2) for step in runs[0]
        }
    return figures


def one_round(titles: list[tuple[int, str]], size: int, who: str) -> dict[str, float]:
    from ratings.importing.lists import applying, previewing, undoing
    from ratings.models import Conflict, User

    member = User.objects.create(username=f"bench-{who}")

    def preview(file: bytes) -> Any:
        return previewing.preview_file(member, io.BytesIO(file), "list.xml")

    def go(run: Any) -> None:
        applying.start(run, Conflict.THEIRS)
        applying.apply(run.pk)

    first, other = as_xml(titles, size, 1), as_xml(titles, size, 2)
    took: dict[str, float] = {}
    run = timed(took, "preview", lambda: preview(first))
    timed(took, "import", lambda: go(run))
    assert member.list_entries.count() == min(size, len(titles))
    again = timed(took, "preview of the same file", lambda: preview(first))
    timed(took, "import of the same file", lambda: go(again))
    changed = timed(took, "preview where every score differs", lambda: preview(other))
    timed(took, "import where every score differs", lambda: go(changed))
    timed(took, "undo of the changes", lambda: undoing.undo(changed.pk))
    timed(took, "undo of everything", lambda: undoing.undo(run.pk))
    assert not member.list_entries.exists()
    names = as_names(titles, size)
    timed(took, "preview of names alone", lambda: preview(names))
    return took


def timed(took: dict[str, float], step: str, work: Callable[[], Any]) -> Any:
    began, busy = time.perf_counter(), time.process_time()
    answer = work()
    took[step] = time.perf_counter() - began
    took[f"{step}{OF_WHICH}"] = time.process_time() - busy
    return answer


def as_xml(titles: list[tuple[int, str]], size: int, shift: int) -> bytes:
    known = titles[:size]
    lacking = [(2_000_000 + number, f"Lacking {number}") for number in range(size - len(known))]
    entries = "\n".join(
        f"<anime><series_animedb_id>{pk}</series_animedb_id>"
        f"<series_title><![CDATA[{title}]]></series_title><series_type>TV</series_type>"
        "<series_episodes>12</series_episodes><my_id>0</my_id><my_watched_episodes>12</my_watched_episodes>"
        "<my_start_date>2021-03-00</my_start_date><my_finish_date>2021-04-02</my_finish_date>"
        f"<my_rated></my_rated><my_score>{(place + shift) % 10 + 1}</my_score><my_storage></my_storage>"
        "<my_status>Completed</my_status><my_comments><![CDATA[]]></my_comments>"
        "<my_times_watched>0</my_times_watched><my_tags><![CDATA[]]></my_tags></anime>"
        for place, (pk, title) in enumerate([*known, *lacking])
    )
    return gzip.compress(f'<?xml version="1.0"?><myanimelist>{entries}</myanimelist>'.encode())


def as_names(titles: list[tuple[int, str]], size: int) -> bytes:
    """As somebody types them: every second with two letters swapped."""
    rows = []
    for place, (_, title) in enumerate((titles * 2)[:size]):
        name = title.replace('"', "'")
        if place % 2 and len(name) > 6:
            name = name[:3] + name[4] + name[3] + name[5:]
        rows.append(f'"{name}",{place % 10 + 1}')
    return "\n".join(["title,score", *rows]).encode()


def report(figures: dict[str, Any], database: str) -> None:
    for name, part in figures.items():
        if isinstance(part, dict):
            print(name)
            for step, seconds in part.items():
                print(f"  {step:<48}{seconds:>8.2f} s")
    keep_figures(RESULT, database, figures)


if __name__ == "__main__":
    main()
