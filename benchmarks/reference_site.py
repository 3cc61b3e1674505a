"""The site with two views more, to measure the API against: `gunicorn benchmarks.reference_site`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "animerec.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.ROOT_URLCONF = "benchmarks.reference_urls"
application = get_wsgi_application()
"""What gunicorn runs."""
