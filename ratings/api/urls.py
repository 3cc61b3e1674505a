from django.urls import path

from ratings.api.views import RateView

urlpatterns = [path("rate", RateView.as_view(), name="api-rate")]
