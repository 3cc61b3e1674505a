"""All settings, read from the environment. With nothing set, a clone runs on SQLite."""

import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from animerec import faults

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# Where the site keeps what it makes: database, models, task queue, secret key.
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)


def secret_key() -> str:
    """The operator's key, or one made at the first start and kept in DATA_DIR."""
    if given := str(env.str("SECRET_KEY", default="")):
        return given
    file = DATA_DIR / "secret_key"
    try:
        with file.open("x") as fresh:
            file.chmod(0o600)
            fresh.write(secrets.token_urlsafe(50))
    except FileExistsError:
        # Made by an earlier start.
        return file.read_text()
    return file.read_text()


def http_address(name: str, default: str) -> str:
    value = str(env.str(name, default=default)).rstrip("/")
    if not value.startswith(("http://", "https://")):
        raise ImproperlyConfigured(f"{name} must begin with http:// or https://, not {value!r}")
    return value


def rate(name: str, default: str) -> str | None:
    """So many requests a second, minute, hour or day; empty takes the limit away."""
    value = env.str(name, default=default)
    if value and not re.fullmatch(r"[1-9]\d*/(s|sec|m|min|h|hour|d|day)", value):
        raise ImproperlyConfigured(f"{name} must look like 600/min, not {value!r}")
    return value or None


def address_or_none(name: str) -> str:
    return http_address(name, "") if env.str(name, default="") else ""


def per_second(name: str, default: float) -> float:
    """So many requests a second; less than one is fine, none is not."""
    try:
        value = float(env.str(name, default=str(default)))
    except ValueError:
        value = 0
    if not 0 < value <= 1000:
        raise ImproperlyConfigured(
            f"{name} must be a number over 0, up to 1000 (requests a second)"
        )
    return value


def whole_number(name: str, default: int, lowest: int, highest: int) -> int:
    text = str(env.str(name, default=str(default)))
    if not text.isdecimal() or not lowest <= int(text) <= highest:
        raise ImproperlyConfigured(f"{name} must be a whole number from {lowest} to {highest}")
    return int(text)


def one_of(name: str, choices: tuple[str, ...]) -> str:
    """The first is the default."""
    value = str(env.str(name, default=choices[0]))
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be {' or '.join(choices)}, not {value!r}")
    return value


# Core
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = secret_key()
SITE_URL = http_address("SITE_URL", "http://127.0.0.1:8000")
# This machine itself always: it asks how the site is.
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", default=[]), "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if SECURE:
    # Browsers that came once by TLS come by nothing else for so long. Not said for other names under
    # the same domain, which may not be this site's to speak for.
    SECURE_HSTS_SECONDS = whole_number("HSTS_SECONDS", 365 * 24 * 3600, 0, 10 * 365 * 24 * 3600)
    # Only a proxy's word tells that a request came without.
    SECURE_SSL_REDIRECT = BEHIND_PROXY
    # Who watches over the machine asks it directly.
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "catalog",
    "ratings",
    "recommender",
    "animerec",
]

MIDDLEWARE = [
    "animerec.tracing.TracingMiddleware",
    # Kept answers of the API: they have passed all that follows when they were made.
    "recommender.api.finished.FinishedMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ratings.middleware.ViewerMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "animerec.urls"
WSGI_APPLICATION = "animerec.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Database: SQLite in DATA_DIR unless DATABASE_URL says otherwise.
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'animerec.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        # Readers go on while the worker writes; IMMEDIATE avoids mid-transaction lock errors.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        "transaction_mode": "IMMEDIATE",
    }
else:
    if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        # The same, with a cheaper look at whether a kept connection still lives.
        DATABASES["default"]["ENGINE"] = "animerec.postgresql"
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
    # At the default of 0.6 one wrong letter in a short name is already too many.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault(
        "options", "-c pg_trgm.word_similarity_threshold=0.45"
    )
    # Of what is asked all day the server keeps the plan, from the second time on a connection.
    DATABASES["default"]["OPTIONS"].setdefault(
        "prepare_threshold", 1 if env.bool("DATABASE_PREPARES", default=True) else None
    )
# The covering part of a unique index is PostgreSQL's alone; `CoveringUnique` makes the plain one elsewhere.
# Of `check --deploy`: that HSTS speaks for names under the domain too, and that it is sent to be preloaded.
SILENCED_SYSTEM_CHECKS = ["models.W039", "security.W005", "security.W021"]

# Cache: Redis where REDIS_URL is set, else this process's memory.
REDIS_URL = env.str("REDIS_URL", default="")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "animerec",
        "OPTIONS": {
            # With Redis gone the site computes instead of failing.
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": 0.5,
            "SOCKET_TIMEOUT": 1,
        },
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 2000},
    }
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True

# What processes announce to each other: over Redis, else within this one alone.
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "socket_connect_timeout": 1}],
            # Announcements know no numbers of databases: two sites at one Redis would hear each other.
            "prefix": f"animerec{urlsplit(REDIS_URL).path}",
        },
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}

# Tasks: a real queue on disk unless CELERY_BROKER_URL names a broker.
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://")
if CELERY_BROKER_URL.startswith("filesystem:"):
    QUEUE_DIR = DATA_DIR / "queue"
    for folder in ("messages", "processed", "control"):
        (QUEUE_DIR / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "processed_folder": str(QUEUE_DIR / "processed"),
        "control_folder": str(QUEUE_DIR / "control"),
        "store_processed": False,
    }
# A task's progress is a row that a page reads, so Celery keeps no results of its own.
CELERY_TASK_IGNORE_RESULT = True
# A process takes the next task when it is free, never one to lay by behind a long one.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ALWAYS_EAGER = env.bool("CELERY_TASK_ALWAYS_EAGER", default=False)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = env.str("TIME_ZONE", default="UTC")
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "train-every-night": {
        "task": "recommender.tasks.train_nightly",
        "schedule": crontab(hour=env.int("TRAIN_HOUR", default=3), minute=30),
    },
    "look-after-experiments": {
        "task": "recommender.tasks.look_after_experiments",
        "schedule": crontab(minute=17),
    },
    "delete-idle-guests": {
        "task": "ratings.tasks.delete_idle_guests",
        "schedule": crontab(hour=env.int("TRAIN_HOUR", default=3), minute=10),
    },
    "forget-answers": {
        "task": "ratings.tasks.forget_answers",
        "schedule": crontab(hour=env.int("TRAIN_HOUR", default=3), minute=25),
    },
    "clear-sessions": {
        "task": "ratings.tasks.clear_sessions",
        "schedule": crontab(hour=env.int("TRAIN_HOUR", default=3), minute=20),
    },
}

# Live sources: each is off until its own setting is there.
VERSION = "0.1.0"
# Sources see who asks and where to complain.
USER_AGENT = f"animerec/{VERSION} (+{SITE_URL})"
# A server that speaks the Jikan v4 shape, as in http://127.0.0.1:8080/v4.
JIKAN_BASE_URL = address_or_none("JIKAN_BASE_URL")
JIKAN_RATE = per_second("JIKAN_RATE", 1)
JIKAN_PAGE_SIZE = whole_number("JIKAN_PAGE_SIZE", 25, 1, 500)
MAL_CLIENT_ID = env.str("MAL_CLIENT_ID", default="")
MAL_BASE_URL = http_address("MAL_BASE_URL", "https://api.myanimelist.net/v2")
MAL_RATE = per_second("MAL_RATE", 1)
# AniList, for members who bring their own list: https://graphql.anilist.co
ANILIST_URL = address_or_none("ANILIST_URL")
ANILIST_RATE = per_second("ANILIST_RATE", 0.4)
# Which of them keeps the catalogue fresh, unasked.
REFRESH_SOURCE = "jikan" if JIKAN_BASE_URL else "mal" if MAL_CLIENT_ID else ""
if REFRESH_SOURCE:
    REFRESH_HOUR = whole_number("REFRESH_HOUR", 5, 0, 23)
    CELERY_BEAT_SCHEDULE |= {
        f"refresh-{what}": {
            "task": "catalog.tasks.refresh",
            "args": (what,),
            "schedule": crontab(hour=REFRESH_HOUR, minute=minute),
        }
        for minute, what in ((0, "season"), (5, "airing"), (10, "recent"), (15, "old"))
    } | {
        # What is announced for the coming season, once a week.
        "refresh-next": {
            "task": "catalog.tasks.refresh",
            "args": ("next",),
            "schedule": crontab(hour=REFRESH_HOUR, minute=20, day_of_week=1),
        }
    }
# What was shown in experiments goes to the database so many seconds after the first of it; 0: when the worker's
# clock says so.
EXPOSURES_DIR = DATA_DIR / "exposures"
EXPOSURES_EVERY = whole_number("EXPOSURES_EVERY", 2, 0, 600)
# And is forgotten after so many days.
EXPOSURES_DAYS = whole_number("EXPOSURES_DAYS", 180, 1, 3650)
# Called, in this order, after a load that changed titles: dotted names of functions without arguments.
AFTER_CATALOGUE_CHANGE = [
    "ratings.importing.lists.waiting.fill_in",
    "recommender.families.rebuild",
]

# Members
AUTH_USER_MODEL = "ratings.User"
LOGIN_URL = "ratings:sign-in"
LOGIN_REDIRECT_URL = "recommender:for-you"
# A new member has no list yet: the quiz makes one.
SIGN_UP_REDIRECT_URL = "recommender:quiz"
LOGOUT_REDIRECT_URL = "home"
# Who rates without an account: so many new ones an hour from one address.
GUESTS_PER_HOUR = whole_number("GUESTS_PER_HOUR", 30, 0, 1_000_000)
# Wrong passwords at one account from one address; forms sent to sign up, and for a forgotten
# password, from one address.
SIGN_IN_TRIES_PER_HOUR = whole_number("SIGN_IN_TRIES_PER_HOUR", 10, 1, 1_000_000)
SIGN_UPS_PER_HOUR = whole_number("SIGN_UPS_PER_HOUR", 60, 1, 1_000_000)
RESETS_PER_HOUR = whole_number("RESETS_PER_HOUR", 20, 1, 1_000_000)
# The first keeps new passwords; one kept by another is kept anew at the next sign-in.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Mail: for addresses to be confirmed and passwords forgotten. Unless set, it is printed by the worker.
globals().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="animerec@localhost")

# What is shown
# Titles for adults: to everybody, to nobody, or (by default) to members of age who ask for them.
SHOW_ADULT = env.bool("SHOW_ADULT", default=False)
ADULT_ON_REQUEST = env.bool("ADULT_ON_REQUEST", default=True)
# Hosts that cover images may come from; empty shows the drawn covers alone.
IMAGE_HOSTS = env.list("IMAGE_HOSTS", default=["cdn.myanimelist.net"])
LANGUAGE_CODE = "en"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True

# Models
ARTIFACTS_DIR = DATA_DIR / "models"
# What the published lists taught, for instances with few members of their own.
PRIOR_DIR = BASE_DIR / "fixtures" / "prior"

# Static files: straight from the tree, or hashed and compressed once collected.
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_COLLECTED = env.bool("STATIC_COLLECTED", default=False)
WHITENOISE_USE_FINDERS = not STATIC_COLLECTED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Browsers run only what this site serves; images may also come from IMAGE_HOSTS.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *(f"https://{host}" for host in IMAGE_HOSTS)],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# API
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ratings.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "catalog.api.problems.problem_of",
    # A parameter like any other: unknown, so refused.
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_THROTTLE_CLASSES": ["ratings.api.throttling.Throttle"],
}
# Requests of one visitor without a token or session, and of one member.
API_RATES = {
    "anon": rate("API_RATE_ANON", "600/min"),
    "user": rate("API_RATE_USER", "1200/min"),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "animerec API",
    "DESCRIPTION": "Recommendations, similar titles, facts and ratings. Every id of a title is its MyAnimeList id.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {
        "GenreKindEnum": "catalog.models.GenreKind",
        "CauseKindEnum": ["title", "feature"],
        "TraitKindEnum": "recommender.models.taste.TraitKind",
        "ExperimentKindEnum": "recommender.models.experiments.ExperimentKind",
        "ExperimentStateEnum": "recommender.models.experiments.ExperimentState",
        "ExperimentMoveEnum": ["running", "stopped", "decided"],
        "StateEnum": "catalog.models.RunState",
        "MetricEnum": "recommender.models.experiments.Metric",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

LOG_FORMAT = one_of("LOG_FORMAT", ("line", "json"))
# Queries that take longer are logged; 0 logs none.
SLOW_QUERY_MS = whole_number("SLOW_QUERY_MS", 500, 0, 3_600_000)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "id": {"()": "animerec.tracing.IdFilter"},
        "refusals": {"()": "animerec.tracing.RefusalFilter"},
    },
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} [{request_id}]: {message}", "style": "{"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "{asctime}{levelname}{name}{request_id}{message}",
            "style": "{",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
        },
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["id"]}
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    # It tells each second that Redis is away; who listens says so once.
    "loggers": {
        "channels_redis.pubsub": {"level": "CRITICAL"},
        "uvicorn.error": {"filters": ["refusals"]},
    },
}

# Whoever sends it as a Bearer token may read /metrics; without it this machine alone may.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

# Faults, with the id of their request, to Sentry or what speaks like it; nothing private goes along.
if SENTRY_DSN := address_or_none("SENTRY_DSN"):
    import sentry_sdk

    sentry_sdk.init(
        SENTRY_DSN,
        release=f"animerec@{VERSION}",
        environment=env.str("SENTRY_ENVIRONMENT", default="production"),
        send_default_pii=False,
        # Values of variables and of bodies may be anybody's.
        include_local_variables=False,
        max_request_body_size="never",
        before_send=faults.without_private_parts,
    )
