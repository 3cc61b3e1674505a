"""Work that must not be done twice at once."""

from django.contrib.contenttypes.models import ContentType
from django.db import models


def one_at_a_time(model: type[models.Model]) -> None:
    """Whoever asks for the same model waits until this transaction ends.

    What has no row yet cannot be locked, so the model's own entry among the content types is.
    """
    entry = ContentType.objects.get_for_model(model)
    ContentType.objects.select_for_update().get(pk=entry.pk)
