from django.urls import path

from catalog.api.views import AnimeView

# The id is any text here, so that a malformed one is answered by name and not by "no such page".
urlpatterns = [path("anime/<str:id>", AnimeView.as_view(), name="api-anime")]
