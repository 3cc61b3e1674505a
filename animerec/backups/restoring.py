"""From one file back to the database and the models."""

import json
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from animerec.backups.manifest import (
    FORMAT,
    MANIFEST,
    MODELS,
    TABLES,
    VERSION,
    Manifest,
    Table,
    hash_of,
    kept_models,
)
from catalog.models import Anime
from ratings.models import User

BATCH = 1000
Say = Callable[[str], object]


class Unfit(ValueError):
    """The file is no whole backup of this site, or of a newer one."""


class NotEmpty(RuntimeError):
    """The database holds a site already."""


def restore(source: Path, say: Say = print) -> Manifest:
    """Into an empty database: all of it or nothing. Unfit and NotEmpty say why it is not begun."""
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR) as folder:
        place = Path(folder)
        manifest = _unpacked(source, place)
        _need_an_empty_site()
        executor = MigrationExecutor(connection)
        targets = _targets(executor, manifest)
        executor.migrate(targets)
        # The tables as they were when the backup was made.
        apps = executor.loader.project_state(targets).apps
        known = {model._meta.label_lower: model for model in kept_models(apps)}
        with transaction.atomic():
            _empty(list(known.values()))
            for table in manifest.tables:
                _load(known[table.label], place / TABLES / f"{table.label}.jsonl")
                say(f"{table.rows:>12,}  {table.label}")
            _let_keys_go_on(list(known.values()))
        _bring_models(place / MODELS)
    say(f"{len(manifest.files):>12,}  files of models")
    call_command("migrate", verbosity=0, interactive=False)
    return manifest


def _unpacked(source: Path, place: Path) -> Manifest:
    try:
        with tarfile.open(source, "r:*") as archive:
            archive.extractall(place, filter="data")
        told = json.loads((place / MANIFEST).read_text())
    except (tarfile.TarError, OSError, ValueError, EOFError) as problem:
        raise Unfit(f"{source.name} is no backup, or it is damaged: {problem}") from None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise Unfit(f"{source.name} is no backup of animerec.")
    if told.get("version", 0) > VERSION:
        raise Unfit(f"{source.name} was made by a newer animerec. Update this one first.")
    tables = [Table(**table) for table in told["tables"]]
    names = ("made_at", "site", "migrations", "files")
    manifest = Manifest(tables=tables, **{name: told[name] for name in names})
    _need_whole(manifest, place)
    return manifest


def _need_whole(manifest: Manifest, place: Path) -> None:
    parts = {place / TABLES / f"{table.label}.jsonl": table.sha256 for table in manifest.tables}
    parts |= {place / MODELS / name: digest for name, digest in manifest.files.items()}
    for file, digest in parts.items():
        if not file.is_file() or hash_of(file) != digest:
            raise Unfit(
                f"The backup is damaged: {file.relative_to(place)} is not what was written."
            )


def _need_an_empty_site() -> None:
    tables = connection.introspection.table_names()
    for model in (User, Anime):
        if model._meta.db_table in tables and model._base_manager.exists():
            raise NotEmpty("This database holds a site already. Restore into an empty one.")


def _targets(executor: MigrationExecutor, manifest: Manifest) -> list[tuple[str, str]]:
    known = executor.loader.graph.nodes
    targets = list(manifest.migrations.items())
    for app, name in targets:
        if (app, name) not in known:
            raise Unfit(f"The backup knows {app} {name}, which is newer than this animerec.")
    return targets


def _empty(models: list[type[Model]]) -> None:
    """Of what the migrations themselves wrote (content types, permissions), which the backup has too."""
    tables = [model._meta.db_table for model in models]
    for line in connection.ops.sql_flush(no_style(), tables, allow_cascade=True):
        with connection.cursor() as cursor:
            cursor.execute(line)


def _load(model: type[Model], file: Path) -> None:
    with file.open(encoding="utf-8", errors="surrogatepass") as opened:
        columns = json.loads(next(opened))
        fields = [model._meta.get_field(_name_of(model, column)) for column in columns]
        for lines in _batches(opened):
            model._base_manager.bulk_create(
                model(**{
                    column: None if value is None else field.to_python(value)  # type: ignore[union-attr]  # a column is a field
                    for column, field, value in zip(columns, fields, json.loads(line), strict=True)
                })
                for line in lines
            )  # fmt: skip


def _name_of(model: type[Model], column: str) -> str:
    return next(one.name for one in model._meta.concrete_fields if one.attname == column)


def _batches(opened: IO[str]) -> Iterator[list[str]]:
    while lines := list(islice(opened, BATCH)):
        yield lines


def _let_keys_go_on(models: list[type[Any]]) -> None:
    """The next row gets a key behind the last one."""
    with connection.cursor() as cursor:
        for line in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(line)


def _bring_models(folder: Path) -> None:
    if not folder.is_dir():
        return
    for part in folder.iterdir():
        target = settings.ARTIFACTS_DIR / part.name
        if not target.exists():
            settings.ARTIFACTS_DIR.mkdir(parents=True, exist_ok=True)
            shutil.move(part, target)
