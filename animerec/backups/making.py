"""From the database and the models to one file."""

import json
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from django.utils import timezone

from animerec.backups.manifest import (
    MANIFEST,
    MODELS,
    TABLES,
    Hashed,
    Manifest,
    Table,
    hash_of,
    kept_models,
)

CHUNK = 2000
Say = Callable[[str], object]


def back_up(target: Path, say: Say = print) -> Manifest:
    """Write the file aside and rename it: under its name there is a whole backup or none."""
    aside = target.with_name(f"{target.name}.part")
    try:
        with tarfile.open(aside, "w:gz", compresslevel=5) as archive, _still():
            manifest = _fill(archive, say)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
    return manifest


def _fill(archive: tarfile.TarFile, say: Say) -> Manifest:
    tables = []
    for model in kept_models():
        tables.append(_add_table(archive, model))
        say(f"{tables[-1].rows:>12,}  {model._meta.label_lower}")
    manifest = Manifest(
        made_at=timezone.now().isoformat(timespec="seconds"),
        site=settings.VERSION,
        migrations=_last_migrations(),
        tables=tables,
        files=_add_models(archive),
    )
    say(f"{len(manifest.files):>12,}  files of models")
    _add_bytes(archive, MANIFEST, json.dumps(manifest.as_json(), indent=1).encode())
    return manifest


@contextmanager
def _still() -> Iterator[None]:
    """All tables as they are at one moment, while everybody goes on reading and writing."""
    if connection.vendor == "sqlite":
        # Plainly begun it only reads; as Django begins here, it would keep all writers out.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _add_table(archive: tarfile.TarFile, model: type[Model]) -> Table:
    columns = [field.attname for field in model._meta.concrete_fields]
    rows = 0
    with tempfile.TemporaryFile() as file:
        hashed = Hashed(file)
        hashed.write(_line(columns))
        found = model._base_manager.order_by("pk").values_list(*columns)
        for row in found.iterator(chunk_size=CHUNK):
            hashed.write(_line(row))
            rows += 1
        info = tarfile.TarInfo(f"{TABLES}/{model._meta.label_lower}.jsonl")
        info.size = file.tell()
        file.seek(0)
        archive.addfile(info, file)
    return Table(model._meta.label_lower, rows, hashed.digest.hexdigest())


class _Encoder(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        # Django's own leaves the microseconds out, and days and moments would not come back the same.
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def _line(values: Any) -> bytes:
    text = json.dumps(values, cls=_Encoder, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass") + b"\n"


def _last_migrations() -> dict[str, str]:
    applied = sorted(MigrationRecorder(connection).applied_migrations())
    return dict(applied)


def _add_models(archive: tarfile.TarFile) -> dict[str, str]:
    found: dict[str, str] = {}
    root: Path = settings.ARTIFACTS_DIR
    for file in sorted(root.rglob("*")) if root.is_dir() else []:
        # What begins with a dot is being written just now.
        if file.is_file() and not any(p.startswith(".") for p in file.relative_to(root).parts):
            name = file.relative_to(root).as_posix()
            archive.add(file, f"{MODELS}/{name}", recursive=False)
            found[name] = hash_of(file)
    return found


def _add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, BytesIO(data))
