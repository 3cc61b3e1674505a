from django.urls import path

from recommender.api.quiz import QuizView
from recommender.api.views import RecommendView, SimilarView

urlpatterns = [
    path("quiz", QuizView.as_view(), name="api-quiz"),
    path("recommend", RecommendView.as_view(), name="api-recommend"),
    path("similar", SimilarView.as_view(), name="api-similar"),
]
