"""The WSGI entry point (gunicorn animerec.wsgi)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")
application = get_wsgi_application()

from recommender.heap import settle  # noqa: E402  # needs the settings

settle()
