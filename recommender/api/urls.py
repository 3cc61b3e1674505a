from django.urls import path

from recommender.api.views import RecommendView, SimilarView

urlpatterns = [
    path("recommend", RecommendView.as_view(), name="api-recommend"),
    path("similar", SimilarView.as_view(), name="api-similar"),
]
