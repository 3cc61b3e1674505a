from django.urls import path

from catalog import views

app_name = "catalog"
urlpatterns = [
    path("anime/", views.browse, name="browse"),
    path("anime/<int:mal_id>/", views.anime, name="anime"),
    path("covers/<int:mal_id>.svg", views.cover, name="cover"),
]
