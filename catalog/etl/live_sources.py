"""Every live source that the catalogue may be read from, by name."""

from catalog.etl.sources import jikan, mal
from catalog.etl.sources.live import LiveSource

LIVE_SOURCES: dict[str, LiveSource] = {one.name: one for one in (jikan.SOURCE, mal.SOURCE)}
