from django.urls import path

from catalog import views

app_name = "catalog"
urlpatterns = [
    path("anime/", views.browse, name="browse"),
    path("anime/<int:mal_id>/", views.anime, name="anime"),
    path("anime/<int:mal_id>/popularity.csv", views.popularity_csv, name="popularity-csv"),
    path("covers/<int:mal_id>.svg", views.cover, name="cover"),
]
