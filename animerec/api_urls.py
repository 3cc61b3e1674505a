"""Everything under /api/v1/."""

from django.urls import include, path, re_path
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from catalog.api.shared import UnknownAddress

schema = SpectacularAPIView.as_view(
    # JSON first: it is YAML too, so that whoever asks for neither can read it.
    renderer_classes=[
        OpenApiJsonRenderer2,
        OpenApiJsonRenderer,
        OpenApiYamlRenderer,
        OpenApiYamlRenderer2,
    ],
    authentication_classes=[],
)
# The script is an address of its own: the site's Content-Security-Policy runs none inside a page.
docs = SpectacularSwaggerSplitView.as_view(
    url_name="schema", template_name="api/docs.html", authentication_classes=[]
)

urlpatterns = [
    path("", include("recommender.api.urls")),
    path("", include("catalog.api.urls")),
    path("", include("ratings.api.urls")),
    path("schema", schema, name="schema"),
    path("docs", docs, name="docs"),
    # Whatever is left, in the API's own error shape.
    re_path("", UnknownAddress.as_view()),
]
