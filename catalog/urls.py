from django.urls import path

from catalog import trend_views, views

app_name = "catalog"
urlpatterns = [
    path("anime/", views.browse, name="browse"),
    path("anime/<int:mal_id>/", views.anime, name="anime"),
    path("anime/<int:mal_id>/popularity.csv", views.popularity_csv, name="popularity-csv"),
    path("covers/<int:mal_id>.svg", views.cover, name="cover"),
    path("trends/", trend_views.trends, name="trends"),
    path("trends/<slug:slug>/", trend_views.trend, name="trend"),
    path("trends/<slug:slug>.csv", trend_views.trend_csv, name="trend-csv"),
]
