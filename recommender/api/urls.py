from django.urls import path

from recommender.api import finished
from recommender.api.experiments import ExperimentsView, ExperimentView
from recommender.api.feedback import FeedbackListView, FeedbackView
from recommender.api.live import LiveView
from recommender.api.quiz import QuizView
from recommender.api.taste import TasteView
from recommender.api.views import ExplainView, RecommendView, SimilarView

urlpatterns = [
    path("recommend", finished.recommendations(RecommendView.as_view()), name="api-recommend"),
    path("live", LiveView.as_view(), name="api-live"),
    path("quiz", QuizView.as_view(), name="api-quiz"),
    path("explain", ExplainView.as_view(), name="api-explain"),
    path("similar", SimilarView.as_view(), name="api-similar"),
    path("feedback", FeedbackListView.as_view(), name="api-feedback"),
    path("feedback/<str:id>", FeedbackView.as_view(), name="api-feedback-title"),
    path("experiments", ExperimentsView.as_view(), name="api-experiments"),
    path("experiments/<str:name>", ExperimentView.as_view(), name="api-experiment"),
    path("taste", TasteView.as_view(), name="api-taste"),
]
