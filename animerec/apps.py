from django.apps import AppConfig
from django.db.backends.signals import connection_created

from animerec.counters import kept_or_made, sockets
from animerec.tracing import watch_queries
from recommender import counting


class AnimerecConfig(AppConfig):
    name = "animerec"

    def ready(self) -> None:
        # The only moment at which Django shows a connection before it is used.
        connection_created.connect(watch_queries, dispatch_uid="animerec.watch-queries")
        counting.listen(kept_or_made)
        counting.listen_to_sockets(sockets)
