from django.contrib import admin
from django.urls import include, path

from animerec import views
from animerec.manifest import manifest

admin.site.site_header = "animerec curators"
admin.site.site_title = "animerec"
admin.site.index_title = "Catalogue, members, models"

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("catalog.urls")),
    path("", include("ratings.urls")),
    path("", include("recommender.urls")),
    # /api/v1/
    path("api/v1/", include("animerec.api_urls")),
    # For whoever watches over the site
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("admin/", admin.site.urls),
]

handler400 = "animerec.views.bad_request"
handler403 = "animerec.views.forbidden"
handler404 = "animerec.views.not_found"
handler500 = "animerec.views.server_error"
