from django.apps import AppConfig
from django.db.backends.signals import connection_created

from animerec.tracing import watch_queries


class AnimerecConfig(AppConfig):
    name = "animerec"

    def ready(self) -> None:
        # The only moment at which Django shows a connection before it is used.
        connection_created.connect(watch_queries, dispatch_uid="animerec.watch-queries")
