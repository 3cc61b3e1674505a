"""Tokens of before were kept as they are: now only what they are known by."""

from datetime import UTC
from hashlib import sha256

from django.db import migrations
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

BEFORE = "authtoken_token"


def _in_utc(made):
    """SQLite hands out text, without the zone in which it was written."""
    moment = parse_datetime(made) if isinstance(made, str) else made
    return moment if is_aware(moment) else moment.replace(tzinfo=UTC)


def take_over(apps, schema_editor):
    connection = schema_editor.connection
    if BEFORE not in connection.introspection.table_names():
        return
    token = apps.get_model("ratings", "AccessToken")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT user_id, key, created FROM {BEFORE}")  # noqa: S608  # a constant
        rows = cursor.fetchall()
        token.objects.bulk_create(
            token(
                member_id=member,
                name="API token",
                scope="write",
                digest=sha256(key.encode()).hexdigest(),
                made_at=_in_utc(made),
            )
            for member, key, made in rows
        )
        cursor.execute(f"DROP TABLE {BEFORE}")


class Migration(migrations.Migration):
    dependencies = [("ratings", "0007_access_tokens")]
    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
