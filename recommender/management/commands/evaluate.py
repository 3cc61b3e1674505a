import json
import os
import platform
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from recommender import datasets
from recommender.engine import registry
from recommender.engine.interactions import EngineError
from recommender.engine.leaderboard import SECTIONS, Settings, leaderboard
from recommender.engine.leaderboard_page import page, printed
from recommender.training import DEFAULT_SEED

FORMAT = 1


class Command(BaseCommand):
    help = (
        "Print a leaderboard: every model fitted on one part of the lists and asked about another. "
        "Nothing that is served changes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--model",
            action="append",
            metavar="NAME",
            choices=list(registry.MODELS),
            help=f"one of {', '.join(registry.MODELS)}; repeat for several (default: all)",
        )
        parser.add_argument(
            "--sections",
            default=",".join(SECTIONS),
            metavar="NAMES",
            help="what to measure, separated by commas (default: %(default)s)",
        )
        parser.add_argument(
            "--members", type=int, default=500, help="test members (default: %(default)s)"
        )
        parser.add_argument(
            "--hidden",
            type=float,
            default=0.2,
            help="share of each test list hidden (default: %(default)s)",
        )
        parser.add_argument(
            "--seed", type=int, default=DEFAULT_SEED, help="of the splits (default: %(default)s)"
        )
        parser.add_argument("--json", metavar="FILE", help="write the figures there too")
        parser.add_argument("--page", metavar="FILE.md", help="write a page of them there too")
        parser.add_argument(
            "--from",
            dest="sources",
            action="append",
            metavar="FILE.json",
            help="fit nothing: print, and make the page, from what --json wrote before; repeat to "
            "join sections that were measured one by one",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 0 < options["hidden"] < 1 or options["members"] < 1:
            raise CommandError(
                "--hidden lies between 0 and 1, --members is at least 1", returncode=2
            )
        try:
            figures = (
                self._read(options["sources"]) if options["sources"] else self._measure(options)
            )
            self.stdout.write(printed(figures))
            self._write(figures, options)
        except (EngineError, OSError, DatabaseError, MemoryError) as problem:
            raise CommandError(str(problem) or type(problem).__name__, returncode=2) from None

    def _measure(self, options: dict[str, Any]) -> dict[str, Any]:
        sections = [name.strip() for name in options["sections"].split(",") if name.strip()]
        unknown = sorted(set(sections) - set(SECTIONS))
        if unknown or not sections:
            raise EngineError(
                f"no section {', '.join(unknown) or 'given'}; there are {', '.join(SECTIONS)}"
            )
        for name in ("json", "page"):  # before hours of work, not after
            if options[name] and not Path(options[name]).resolve().parent.is_dir():
                raise EngineError(f"--{name}: there is no folder {Path(options[name]).parent}")
        load_before = _load()
        found = leaderboard(
            datasets.read_interactions(),
            datasets.read_features(),
            list(dict.fromkeys(options["model"] or registry.MODELS)),
            Settings(options["seed"], options["members"], options["hidden"]),
            sections=sections,
            report=self.stderr.write,
        )
        found["data"]["origins"] = datasets.count_members_by_origin()
        # Times are by the clock: how busy the machine was says how far they can be trusted.
        machine = {"cores": os.cpu_count(), "load_before": load_before, "load_after": _load()}
        told = {"command": _command(options), "versions": versions(), "machine": machine}
        return {"format": FORMAT, **told, **found}

    def _read(self, sources: Sequence[str]) -> dict[str, Any]:
        first, *others = [self._read_one(Path(source)) for source in sources]
        for other in others:
            first = joined(first, other)
        return first

    def _read_one(self, file: Path) -> dict[str, Any]:
        try:
            figures = json.loads(file.read_text())
        except ValueError as problem:
            raise EngineError(f"{file.name} is no JSON: {problem}") from None
        if not isinstance(figures, dict) or figures.get("format") != FORMAT:
            raise EngineError(f"{file.name} was not written by this version of the command")
        return figures

    def _write(self, figures: dict[str, Any], options: dict[str, Any]) -> None:
        if options["json"]:
            text = json.dumps(figures, indent=1, allow_nan=False)
            Path(options["json"]).write_text(f"{text}\n")
        if options["page"]:
            file = Path(options["page"])
            source = options["json"] or (options["sources"] or [""])[0]
            link = Path(os.path.relpath(source, file.parent)).as_posix() if source else ""
            file.write_text(page(figures, link))


def joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """The sections of both, those of `other` where both have one; EngineError unless the data, the
    settings and the versions are the same."""
    for part in ("data", "settings", "versions"):
        if one[part] != other[part]:
            raise EngineError(f"the files cannot be joined: their {part} differ")
    sections = {**one["sections"], **other["sections"]}
    commands = "\n".join([one["command"], other["command"]])
    ordered = {name: sections[name] for name in SECTIONS if name in sections}
    return {**one, "command": commands, "sections": ordered}


def _load() -> float:
    """Processes that ran or waited to run, on average over the last minute."""
    return round(os.getloadavg()[0], 1)


def versions() -> dict[str, str]:
    return {
        "Python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
    }


def _command(options: dict[str, Any]) -> str:
    """What to type for the same figures; only what differs from the defaults is told."""
    told: list[str] = []
    for kind in options["model"] or ():
        told += ["--model", kind]
    defaults: Sequence[tuple[str, Any]] = (
        ("sections", ",".join(SECTIONS)),
        ("members", 500),
        ("hidden", 0.2),
        ("seed", DEFAULT_SEED),
        ("json", None),
        ("page", None),
    )
    for name, default in defaults:
        if options[name] != default:
            told += [f"--{name}", str(options[name])]
    return shlex.join([".venv/bin/python", "manage.py", "evaluate", *told])
