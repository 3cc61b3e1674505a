from typing import Any

from django.db import migrations, models

from ratings.models.rating import CoveringUnique


class _WhereCovered:
    """Only PostgreSQL has the covering part, so elsewhere there is nothing to change."""

    def database_forwards(self, app_label: str, editor: Any, before: Any, after: Any) -> None:
        if editor.connection.features.supports_covering_indexes:
            super().database_forwards(app_label, editor, before, after)  # type: ignore[misc]

    def database_backwards(self, app_label: str, editor: Any, before: Any, after: Any) -> None:
        if editor.connection.features.supports_covering_indexes:
            super().database_backwards(app_label, editor, before, after)  # type: ignore[misc]


class RemoveCovering(_WhereCovered, migrations.RemoveConstraint):
    pass


class AddCovering(_WhereCovered, migrations.AddConstraint):
    pass


class Migration(migrations.Migration):
    # The index that answers for a whole list now carries whether a title counts.

    dependencies = [("ratings", "0003_viewers_and_guests")]

    operations = [
        migrations.AddField(
            model_name="useranimerating",
            name="counts",
            field=models.BooleanField(db_default=True, default=True),
        ),
        RemoveCovering(model_name="useranimerating", name="rating_user_anime"),
        AddCovering(
            model_name="useranimerating",
            constraint=CoveringUnique(
                fields=("user", "anime"),
                include=("score", "status", "counts"),
                name="rating_user_anime",
            ),
        ),
    ]
