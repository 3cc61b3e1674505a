from django.contrib import admin
from django.urls import include, path

from animerec import views
from animerec.manifest import favicon, manifest
from animerec.staff import experiments
from animerec.staff import views as staff
from ratings.doors import AdminKnocking

admin.site.site_header = "animerec curators"
admin.site.site_title = "animerec"
admin.site.login_form = AdminKnocking
admin.site.index_title = "Catalogue, members, models"

urlpatterns = [
    # /api/v1/, before the hundred addresses of pages: programs ask oftener.
    path("api/v1/", include("animerec.api_urls")),
    path("", views.home, name="home"),
    path("", include("catalog.urls")),
    path("", include("ratings.urls")),
    path("", include("recommender.urls")),
    # For those who look after the site
    path("staff/", staff.overview, name="staff"),
    path("staff/data/", staff.data, name="staff-data"),
    path("staff/training/", staff.trainings, name="staff-training"),
    path("staff/training/start/", staff.train, name="staff-train"),
    path("staff/experiments/", experiments.experiments, name="staff-experiments"),
    path("staff/experiments/<slug:name>/", experiments.experiment, name="staff-experiment"),
    path(
        "staff/experiments/<slug:name>/<slug:verb>/", experiments.move, name="staff-experiment-move"
    ),
    path("staff/imports/", staff.imports, name="staff-imports"),
    path("staff/system/", staff.machine, name="staff-system"),
    path("staff/system/workers/", staff.workers, name="staff-workers"),
    # For whoever watches over the site
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("favicon.ico", favicon, name="favicon"),
    path("admin/login/", views.admin_sign_in, name="admin-sign-in"),
    path("admin/", admin.site.urls),
]

handler400 = "animerec.views.bad_request"
handler403 = "animerec.views.forbidden"
handler404 = "animerec.views.not_found"
handler500 = "animerec.views.server_error"
