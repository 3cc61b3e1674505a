"""Who wants to know that titles changed: what the settings name, in their order."""

import logging

from django.conf import settings
from django.utils.module_loading import import_string

from catalog.models import CatalogueVersion

log = logging.getLogger(__name__)


def catalogue_changed() -> None:
    """Call after a load that changed something. What one listener fails at does not stop the next."""
    for name in settings.AFTER_CATALOGUE_CHANGE:
        try:
            import_string(name)()
        except Exception:
            log.exception("%s failed after a change of the catalogue", name)
    # Last: what was worked out by now counts as new.
    CatalogueVersion.advance()
