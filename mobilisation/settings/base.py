"""What Django and its libraries need."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from mobilisation.settings.env import address, between, flag, folder, hosts, mailbox, one_of, origins, read, site, text, words

BASE_DIR = Path(__file__).resolve().parent.parent.parent

ENVIRONMENT = read(
    "ENVIRONMENT", one_of("embedded", "production"), "embedded",
    what="`embedded` runs everything in one process on SQLite; `production` refuses unsafe settings.", example="production",
)
PRODUCTION = ENVIRONMENT == "production"
DEBUG = read("DEBUG", flag, False, what="Show technical error pages. Refused in production.", example="no")
VAR_DIR = read("VAR_DIR", folder, BASE_DIR / "var", shown="var/", what="Where the embedded way keeps its database, files, mail and schedule.", example="/srv/mobilisation")
_DEFAULT_KEY = "embedded-only-not-secret-" + "0" * 30
SECRET_KEY = read("SECRET_KEY", text, _DEFAULT_KEY, shown="a fixed key, refused in production", what="Signs sessions and links. At least 50 random characters.", example="(50 random characters)")
ALLOWED_HOSTS = read("ALLOWED_HOSTS", hosts, ["localhost", "127.0.0.1", "[::1]"], shown="localhost,127.0.0.1,[::1]", what="Host names the site answers to.", example="mobilisation.council.example")
CSRF_TRUSTED_ORIGINS = read("CSRF_TRUSTED_ORIGINS", origins, [], shown="(none)", what="Origins with scheme, needed behind a proxy on another name.", example="https://mobilisation.council.example")
DATABASE_URL = read("DATABASE_URL", text, f"sqlite:///{VAR_DIR / 'db.sqlite3'}", shown="SQLite in VAR_DIR", what="The database.", example="postgres://user:password@db:5432/mobilisation", secret=True)
ALLOW_SQLITE = read("ALLOW_SQLITE", flag, False, what="Let production run on SQLite.", example="yes")
REDIS_URL = read("REDIS_URL", address("redis", "rediss"), "", shown="(none: worker inside the process)", what="Broker of the production way.", example="redis://redis:6379/0", secret=True)
ALLOW_DEMO = read("ALLOW_DEMO", flag, not PRODUCTION, shown="yes, no in production", what="Allow the demonstration data. Production refuses it.", example="no")
HTTPS = read("HTTPS", flag, PRODUCTION, shown="yes in production", what="Secure cookies, HSTS and redirect to https.", example="yes")
BEHIND_PROXY = read("BEHIND_PROXY", flag, False, what="Trust the proxy in front: X-Forwarded-Proto, and the last address of X-Forwarded-For as the place of whoever asks.", example="yes")

if PRODUCTION:
    if DEBUG:
        raise ImproperlyConfigured("DEBUG is on, which shows people's data in error pages: production refuses it. Set DEBUG=no.")
    if SECRET_KEY.startswith(_DEFAULT_KEY[:24]) or len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10:
        raise ImproperlyConfigured("SECRET_KEY is missing, the default, shorter than 50 characters or hardly random: anyone could sign sessions. Example: SECRET_KEY=(50 random characters)")
    for _name, _why in (("ALLOWED_HOSTS", "the site would answer to nobody but this machine"), ("SITE_URL", "e-mails would lead nowhere")):
        if not words(os.environ.get(_name, "")):
            raise ImproperlyConfigured(f"{_name} is missing: {_why}. Example: {_name}={'https://' if _name == 'SITE_URL' else ''}mobilisation.council.example")
    if DATABASE_URL.startswith("sqlite") and not ALLOW_SQLITE:
        raise ImproperlyConfigured("DATABASE_URL names SQLite: production wants PostgreSQL. Example: DATABASE_URL=postgres://user:password@db:5432/mobilisation, or say ALLOW_SQLITE=yes.")
    if ALLOW_DEMO:
        raise ImproperlyConfigured("ALLOW_DEMO is on: production refuses demonstration data. Set ALLOW_DEMO=no.")

try:
    VAR_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"VAR_DIR={VAR_DIR} cannot be used as a folder ({error.strerror}). Example: VAR_DIR=/srv/mobilisation") from None

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "django_tables2",
    "django_filters",
    "django_htmx",
    "csp",
    "mobilisation",
    "risks",
    "workstreams",
    "transfers",
    "reporting",
]

MIDDLEWARE = [
    "mobilisation.middleware.PlaceBehindProxy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mobilisation.middleware.Packed",
    "csp.middleware.CSPMiddleware",
    "mobilisation.middleware.Maintenance",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mobilisation.middleware.WholePage",
    "mobilisation.middleware.IdleTimeout",
    "mobilisation.middleware.SessionList",
    "django.contrib.messages.middleware.MessageMiddleware",
    "mobilisation.middleware.SecondFactor",
    "mobilisation.middleware.SentTwice",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "mobilisation.middleware.IssuerAway",
    "mobilisation.middleware.PrivatePages",
    "mobilisation.middleware.Withheld",
]

ROOT_URLCONF = "mobilisation.urls"
WSGI_APPLICATION = "mobilisation.wsgi.application"

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
                "mobilisation.context.site",
            ],
        },
    },
]

try:
    DATABASES = {"default": dict(dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True))}
except ValueError as error:
    raise ImproperlyConfigured(f"DATABASE_URL is not usable: {error}. Example: DATABASE_URL=postgres://user:password@db:5432/mobilisation") from None
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    # Tests with several threads need a file: connections to one database in memory lock each other's tables.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(tempfile.gettempdir()) / f"mobilisation-test-{os.getpid()}.sqlite3")}
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;PRAGMA cache_size=-32000;",
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
    # Compiling a statement takes longer than any of ours runs: guessed dear, the counters of a long list cost a quarter of a second more.
    DATABASES["default"]["OPTIONS"].setdefault("options", "-c jit=off")
    if not DATABASES["default"]["NAME"]:
        raise ImproperlyConfigured("DATABASE_URL names no database. Example: DATABASE_URL=postgres://user:password@db:5432/mobilisation")
else:
    raise ImproperlyConfigured("DATABASE_URL must name PostgreSQL or SQLite. Example: DATABASE_URL=postgres://user:password@db:5432/mobilisation")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits and lockouts live in the cache, so it must be one for all processes and outlive a flushed Redis:
# the database serves both ways to run. What is remembered of forms sent (ten minutes of everybody's saves) must not push a
# lockout out: Django's own limit is 300 entries, beyond which the first by name go.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entries", "OPTIONS": {"MAX_ENTRIES": 10_000}}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.2} if not REDIS_URL else {"visibility_timeout": 3600, "socket_connect_timeout": 3, "socket_timeout": 10}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_CONSUMER = "mobilisation.worker:PatientConsumer"
# Beat only ticks; what falls due is worked out from slots in the database (domain 10.12).
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SYNC_EVERY = 1
"""The file is written with every tick, so that its age tells whether beat is alive."""
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "mobilisation.tick", "schedule": 60.0},
}

AUTH_USER_MODEL = "mobilisation.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "mobilisation.accounts.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "mobilisation.accounts.SocialAccountAdapter"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Five wrong tries for one address, known or not, and ten a minute from one place; the answer is the same either way.
LOCKED_MINUTES = 5
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": f"10/m/ip,5/{LOCKED_MINUTES}m/key"}
PAUSE_SECONDS = 60
"""How long a page of the account stays closed that answers 429: each of allauth's limits on a page, the one above included, counts a minute."""
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Addresses are given by whoever invites; nobody could turn on a second factor if each had to be verified first.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "mobilisation"
MFA_FORMS = {"add_webauthn": "mobilisation.forms.sign_in.AddKeyForm"}
REQUIRE_MFA = read("REQUIRE_MFA", flag, PRODUCTION, shown="yes in production", what="Ask everybody who sees personal data for a second factor before the first page.", example="yes")
USERSESSIONS_TRACK_ACTIVITY = True
OIDC_SERVER_URL = read("OIDC_SERVER_URL", address("https", "http"), "", shown="(none: no single sign-on)", what="OpenID Connect issuer for single sign-on.", example="https://login.council.example/realms/staff")
OIDC_CLIENT_ID = read("OIDC_CLIENT_ID", text, "", shown="(none)", what="Client id registered with the issuer.", example="mobilisation")
OIDC_CLIENT_SECRET = read("OIDC_CLIENT_SECRET", text, "", shown="(none)", what="Client secret registered with the issuer.", example="(from the issuer)")
OIDC_NAME = read("OIDC_NAME", text, "your organisation's account", what="How the single sign-on button names the issuer.", example="Kent account")
if len({bool(OIDC_SERVER_URL), bool(OIDC_CLIENT_ID), bool(OIDC_CLIENT_SECRET)}) > 1:
    raise ImproperlyConfigured("OIDC_SERVER_URL, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together: one of them is missing. Example: OIDC_CLIENT_ID=mobilisation")
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {"provider_id": "sso", "name": OIDC_NAME, "client_id": OIDC_CLIENT_ID, "secret": OIDC_CLIENT_SECRET, "settings": {"server_url": OIDC_SERVER_URL}}
        ]
        if OIDC_SERVER_URL
        else []
    }
}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_ONLY = False

IDLE_MINUTES = read("IDLE_MINUTES", between(1, 1440), 15, what="Minutes without a request after which a session ends.", example="15")
SESSION_HOURS = read("SESSION_HOURS", between(1, 168), 12, what="Hours after which any session ends.", example="12")
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # Single sign-on leaves by a page, not by the redirect of a form (decision 15).
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

EMAIL_URL = read("EMAIL_URL", address("smtp", "smtps"), "", shown="(none: mail is kept in VAR_DIR/mail)", what="SMTP server for e-mail.", example="smtp://user:password@mail.council.example:587", secret=True)
if EMAIL_URL:
    _mail = urlsplit(EMAIL_URL)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname, _mail.port or (465 if _mail.scheme == "smtps" else 587)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.scheme == "smtp" and bool(_mail.username), _mail.scheme == "smtps"
    EMAIL_TIMEOUT = 10
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(VAR_DIR / "mail")
DEFAULT_FROM_EMAIL = read("FROM_EMAIL", mailbox, "mobilisation@localhost", what="Sender of e-mails.", example="mobilisation@council.example")
SITE_URL = read("SITE_URL", site, "http://127.0.0.1:8000", what="Address printed in e-mails.", example="https://mobilisation.council.example")

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True
DATE_FORMAT = "j M Y"
SHORT_DATE_FORMAT = "d/m/Y"

STATIC_URL = "/static/"
STATIC_ROOT = read("STATIC_ROOT", folder, VAR_DIR / "static", shown="VAR_DIR/static", what="Where collectstatic puts its files.", example="/app/static-root")
STATICFILES_DIRS = [path for path in (BASE_DIR / "static", BASE_DIR / "assets") if path.is_dir()]
_static = "whitenoise.storage.CompressedManifestStaticFilesStorage" if PRODUCTION else "django.contrib.staticfiles.storage.StaticFilesStorage"
WHITENOISE_USE_FINDERS = not PRODUCTION
FILES_DIR = read("FILES_DIR", folder, VAR_DIR / "files", shown="VAR_DIR/files", what="Uploads and published packs.", example="/srv/files")
MEDIA_ROOT = FILES_DIR
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": FILES_DIR, "base_url": None}},
    "staticfiles": {"BACKEND": _static},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20000

CRISPY_ALLOWED_TEMPLATE_PACKS = ["nhsuk"]
CRISPY_TEMPLATE_PACK = "nhsuk"
CRISPY_FAIL_SILENTLY = DEBUG
DJANGO_TABLES2_TEMPLATE = "nhsuk/table.html"
MAINTENANCE = read("MAINTENANCE", flag, False, what="Answer every page with the maintenance page.", example="no")

TESTING = "pytest" in sys.modules
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {name: {"level": "ERROR"} for name in ("weasyprint", "fontTools", "kombu", "celery.worker.strategy")},
    "root": {"handlers": ["console"], "level": read("LOG_LEVEL", one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO", what="How much is logged.", example="INFO")},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
