"""Settings, all from the environment, with defaults that are safe on one's own machine.

`TRACKER_ENV=production` turns the defaults for a laptop off: then a missing or unsafe value stops
the start and says what to do. docs/settings.md lists every variable; a test holds it to this file.
"""

import hashlib
import os
import re
from pathlib import Path
from urllib.parse import urlparse

import dj_database_url
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from tracker.log_lines import LOG_NAMES, without_personal_data

BASE_DIR = Path(__file__).resolve().parent.parent


def setting(name: str, default: str = "") -> str:
    """The variable; an empty one counts as not set."""
    return os.environ.get(name, "").strip() or default


def switched_on(name: str, default: str = "") -> bool:
    value = setting(name, default).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"", "0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is not a switch: use 1 or 0.")


def whole_number(name: str, default: int) -> int:
    value = setting(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number of 0 or more.")
    return int(value)


ENVIRONMENT = setting("TRACKER_ENV", "local")
if ENVIRONMENT not in {"local", "production"}:
    raise ImproperlyConfigured(f"TRACKER_ENV={ENVIRONMENT!r}: use 'local' or 'production'.")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = switched_on("TRACKER_DEBUG")

# Where everything that is not code lives: the SQLite file, past states, the local secret.
VAR_DIR = Path(setting("TRACKER_VAR_DIR", str(BASE_DIR / "var"))).resolve()


def local_secret() -> str:
    """A secret of this machine's own, made once and kept outside the repository."""
    path = VAR_DIR / "secret_key"
    if not path.exists():
        from django.core.management.utils import get_random_secret_key

        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key(), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def digest_of_files() -> str:
    """Stands for the content of all code, templates, styles and fonts: what a working copy has for a version."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in ("tracker", "templates") for path in (BASE_DIR / folder).rglob("*")):
        if "__pycache__" not in path.parts and path.is_file():
            content = path.read_bytes()
            digest.update(f"{path.relative_to(BASE_DIR).as_posix()}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]


SECRET_KEY = setting("SECRET_KEY") or ("" if PRODUCTION else local_secret())
ALLOWED_HOSTS = setting("ALLOWED_HOSTS", "" if PRODUCTION else "localhost 127.0.0.1 [::1]").split()
PUBLIC_URL = setting("PUBLIC_URL").rstrip("/")
DATABASE_URL = setting("DATABASE_URL", "" if PRODUCTION else f"sqlite:///{VAR_DIR / 'tracker.sqlite3'}")
# The broker and the shared cache of a deployment of several hosts; without it one host needs no server for either.
REDIS_URL = setting("REDIS_URL")
# Names the code that drew a page: part of every page's ETag, because a deploy changes pages.
BUILD = setting("TRACKER_BUILD") or ("" if PRODUCTION else digest_of_files())

if PRODUCTION:
    problems = []
    if len(SECRET_KEY) < 50:
        problems.append(
            "SECRET_KEY is missing or shorter than 50 characters. Make one with:\n    python -c "
            "'from django.core.management.utils import get_random_secret_key as k; print(k())'"
        )
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        problems.append("ALLOWED_HOSTS must name the hosts you serve, e.g. ALLOWED_HOSTS='tracker.example.org'.")
    if urlparse(PUBLIC_URL).scheme != "https":
        problems.append("PUBLIC_URL must be the https address readers use, e.g. https://tracker.example.org.")
    if not DATABASE_URL:
        problems.append("DATABASE_URL must name the database, e.g. postgres://user:password@host/tracker.")
    if not re.fullmatch(r"[0-9A-Za-z._+-]+", BUILD):
        problems.append(
            "TRACKER_BUILD must name the code that is deployed, in letters, digits and . _ + -: another name with each "
            "deploy, e.g. TRACKER_BUILD=$(git rev-parse --short HEAD)."
        )
    if DEBUG:
        problems.append("TRACKER_DEBUG shows traces to the public: unset it.")
    if problems:
        raise ImproperlyConfigured("The tracker cannot start:\n- " + "\n- ".join(problems))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_tables2",
    "django_htmx",
    # Before allauth: its pages take our templates.
    "tracker",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "tracker.views.tracing.traced",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tracker.views.access.last_seen",
    "tracker.views.tracing.named",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "tracker.urls"
WSGI_APPLICATION = "tracker.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["tracker.templatetags.publication"],
        },
    },
]

DATABASES = {
    "default": dj_database_url.parse(
        DATABASE_URL, conn_max_age=whole_number("DATABASE_CONN_MAX_AGE", 60), conn_health_checks=True
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers queue instead of failing; readers never wait for a writer.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    if DATABASES["default"]["NAME"] != ":memory:":
        Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
DATABASE_ROUTERS = ["tracker.history.past.PastRouter"]

# Past states of the record, one SQLite file each (docs/adr/0004).
PAST_DIR = Path(setting("TRACKER_PAST_DIR", str(VAR_DIR / "past"))).resolve()
PAST_FILES_KEPT = whole_number("TRACKER_PAST_FILES_KEPT", 24)

# Backups (docs/backups.md): where they go, and of how many days, weeks and months the last one is kept.
BACKUP_DIR = Path(setting("BACKUP_DIR", str(VAR_DIR / "backups"))).resolve()
BACKUPS_KEPT = {
    "days": whole_number("BACKUPS_DAILY", 7),
    "weeks": whole_number("BACKUPS_WEEKLY", 4),
    "months": whole_number("BACKUPS_MONTHLY", 12),
}

# The check of sources' links (docs/links.md): whether it may go out, and seconds between two requests to one host.
CHECK_LINKS = switched_on("TRACKER_CHECK_LINKS")
LINK_PAUSE = whole_number("TRACKER_LINK_PAUSE", 10)

AUTH_USER_MODEL = "tracker.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

# Accounts (docs/accounts.md). Nobody signs up: an editor invites.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
REQUIRE_TWO_FACTOR = switched_on("TRACKER_REQUIRE_TWO_FACTOR", "1" if PRODUCTION else "")
INVITATION_DAYS = whole_number("TRACKER_INVITATION_DAYS", 7)
ACCOUNT_ADAPTER = "tracker.views.account_adapter.AccountAdapter"
MFA_ADAPTER = "tracker.views.account_adapter.TwoFactorAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*", "password1*", "password2*"]
# Whoever holds the link of an invitation was given it: no second mail to confirm the address.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Technology Leadership Tracker: "
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
# How often, in what time, for whom: a network address, a person, or the account that was named ("key"). Counted in
# the default cache below.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "10/10m/ip,3/10m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
    "invite": "20/h/user",
    "accept_invitation": "20/m/ip",
}
ACCOUNT_FORMS = {
    "login": "tracker.forms.accounts.LoginForm",
    "reauthenticate": "tracker.forms.accounts.ReauthenticateForm",
    "change_password": "tracker.forms.accounts.ChangePasswordForm",
    "set_password": "tracker.forms.accounts.SetPasswordForm",
    "reset_password": "tracker.forms.accounts.ResetPasswordForm",
    "reset_password_from_key": "tracker.forms.accounts.ResetPasswordKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Technology Leadership Tracker"
# The risk that this guards against is an account made by a stranger: there are none.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "tracker.forms.accounts.AuthenticateForm",
    "reauthenticate": "tracker.forms.accounts.ReauthenticateByCodeForm",
    "activate_totp": "tracker.forms.accounts.ActivateTOTPForm",
    "add_webauthn": "tracker.forms.accounts.AddPasskeyForm",
    "edit_webauthn": "tracker.forms.accounts.RenamePasskeyForm",
    "login_webauthn": "tracker.forms.accounts.LoginByPasskeyForm",
    "authenticate_webauthn": "tracker.forms.accounts.AuthenticateByPasskeyForm",
    "reauthenticate_webauthn": "tracker.forms.accounts.ReauthenticateByPasskeyForm",
}
# Behind a proxy the reader's address is the last one of X-Forwarded-For; without one that header is not believed.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if PRODUCTION and switched_on("BEHIND_PROXY") else 0

# Mail: to the console until a server is named.
EMAIL_HOST = setting("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = whole_number("EMAIL_PORT", 587)
EMAIL_HOST_USER = setting("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = setting("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = switched_on("EMAIL_USE_TLS", "1")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = setting("EMAIL_FROM", "Technology Leadership Tracker <tracker@localhost>")

LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# Local runs serve files where they lie (no collectstatic); a deployment hashes and compresses them.
WHITENOISE_USE_FINDERS = not PRODUCTION
if not PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# Nothing is loaded from another host, and no script or style stands inside a page.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "script-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
# What was typed into a form of records survives a token that has run out.
CSRF_FAILURE_VIEW = "tracker.views.records.csrf_failure"
# A table of 5 MB can be pasted into an import; files are streamed to the disk, whatever their size.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6_000_000
# The form of a bloc with all its members and their sources.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    SECURE_SSL_REDIRECT = switched_on("SECURE_SSL_REDIRECT", "1")
    # Machines of the same network ask for these without TLS.
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if switched_on("BEHIND_PROXY") else None
    SECURE_HSTS_SECONDS = whole_number("SECURE_HSTS_SECONDS", 31_536_000)
    # Names below the tracker's own host. Where that is a whole domain with other sites below it, its owner switches
    # both off. Preloading happens only where somebody submits the domain.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = switched_on("SECURE_HSTS_INCLUDE_SUBDOMAINS", "1")
    SECURE_HSTS_PRELOAD = switched_on("SECURE_HSTS_PRELOAD", "1")
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# Answers are kept in memory while the record is unchanged: each process asks the database for the record's version,
# so what a process keeps is never older than the last save, at whichever host it was made. Drawn figures outlive a
# restart, and are drawn once for all hosts where there is a Redis.
CACHES = {
    # What is counted: tries to log in, invitations, reports. In the database, because a limit is one limit for all
    # processes, because adding a row there is atomic, and because nobody should be let in, or kept out, by a cache
    # server that was restarted. Never culled below what a flood of addresses makes.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "tracker_counter",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "TIMEOUT": 24 * 3600,
        "OPTIONS": {"MAX_ENTRIES": whole_number("TRACKER_PAGES_KEPT", 300)},
    },
    "figures": {
        "BACKEND": "tracker.views.shared_cache.SharedCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "figures",
        "TIMEOUT": 30 * 24 * 3600,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "figures",
        "TIMEOUT": 30 * 24 * 3600,
        "OPTIONS": {"MAX_ENTRIES": 2000},
    },
}

DJANGO_TABLES2_TEMPLATE = "components/table.html"
DJANGO_TABLES2_TABLE_ATTRS = {"class": "table"}

# Work in the background (docs/jobs.md). Without a server of messages they are files: a folder of this machine.
BROKER_DIR = VAR_DIR / "broker"
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "global_keyprefix": "tracker:",
        # Whoever asks for a job waits no longer than this for a server that is away or says nothing.
        "socket_connect_timeout": 2,
        "socket_timeout": 3,
        "max_retries": 1,
        "interval_start": 0,
        "interval_max": 0,
        # A message whose worker vanished comes back after this; sooner than that the reaper has sent another.
        "visibility_timeout": 300,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
    }
else:
    if not PRODUCTION:
        BROKER_DIR.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "files://localhost/"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": BROKER_DIR,
        "data_folder_out": BROKER_DIR,
        "control_folder": BROKER_DIR / "control",
        "polling_interval": 0.1,
    }
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_IMPORTS = ("tracker.tasks.jobs", "tracker.tasks.schedule")
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
# The reaper and the clock do not stand in line behind jobs.
CELERY_TASK_DEFAULT_QUEUE = "jobs"
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {"jobs": {}, "upkeep": {}}
CELERY_TASK_ROUTES = {name: {"queue": "upkeep"} for name in ("tracker.tasks.jobs.revive", "tracker.tasks.schedule.*")}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# Seconds: the first ends the job, the second its process.
CELERY_TASK_SOFT_TIME_LIMIT = 2 * 3600
CELERY_TASK_TIME_LIMIT = 2 * 3600 + 300
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_CONCURRENCY = whole_number("TRACKER_JOB_PROCESSES", 2)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
# Nobody asks workers through the broker: they tell their supervisor and the database.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")

# Who may read /metrics beside the machine itself, and where several processes of one server count together.
METRICS_TOKEN = setting("METRICS_TOKEN")
PROMETHEUS_MULTIPROC_DIR = setting("PROMETHEUS_MULTIPROC_DIR")

# Lines for people on one's own machine, JSON for a collector in production (docs/deploy.md). Each says which request
# or job it belongs to (`tracker.views.tracing`, `tracker.actions.jobs`).
LOG_FORMAT = setting("LOG_FORMAT", "json" if PRODUCTION else "plain")
if LOG_FORMAT not in {"json", "plain"}:
    raise ImproperlyConfigured(f"LOG_FORMAT={LOG_FORMAT!r}: use 'json' or 'plain'.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.stdlib.ExtraAdder(allow=LOG_NAMES),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
                without_personal_data,
            ],
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
                if LOG_FORMAT == "json"
                else structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0),
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": setting("LOG_LEVEL", "INFO")},
    "loggers": {
        # What Django says of each 4xx, with the address: our own line says it, without the secrets of an address.
        "django.request": {"level": "ERROR"},
        # A line for each message: a job says itself when it begins and ends.
        "celery": {"level": "WARNING"},
    },
}
