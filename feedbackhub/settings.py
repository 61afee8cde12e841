"""All settings, read from the environment by `feedbackhub.env`; `.env.example` lists every variable."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pghistory
from csp.constants import NONCE, SELF
from django.db import models

from feedbackhub import env
from feedbackhub.dsn import cache_location, database_settings
from feedbackhub.theme import UNFOLD  # noqa: F401  (the theme reads its settings from here)

BASE_DIR = Path(__file__).resolve().parent.parent

ENVIRONMENT = env.text("FEEDBACKHUB_ENV", "production", choices=("production", "development", "test"))
PRODUCTION = ENVIRONMENT == "production"
VERSION = "0.1.0"

# --- Secrets and hosts -------------------------------------------------------------------------------------------

SECRET_KEY = env.secret("SECRET_KEY", at_least=50)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
# Fernet keys, newest first: they encrypt TOTP secrets at rest.
ENCRYPTION_KEYS = env.secret("ENCRYPTION_KEYS", at_least=43).split(",")

# Lets a Prometheus on another machine read /metrics.
METRICS_TOKEN = env.secret("METRICS_TOKEN", optional=True)

BASE_URL = env.text("BASE_URL", None if PRODUCTION else "http://127.0.0.1:8000").rstrip("/")
_base = urlsplit(BASE_URL)
if _base.scheme not in ("http", "https") or not _base.hostname:
    raise env.BadSetting(f"BASE_URL is {BASE_URL!r}. Give scheme and host, such as https://hub.example.com.")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", [_base.hostname] if PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [BASE_URL])
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0, high=10)
DEBUG = False

# --- Applications ------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    # Leaves the choice of the admin site to us.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "feedbackhub.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "pgtrigger",
    "pghistory",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "feedbackhub",
    "accounts",
    "crm",
    "feedback",
    "reviews",
    "campaigns",
]

MIDDLEWARE = [
    "feedbackhub.middleware.request_context",
    "feedbackhub.middleware.probes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "feedbackhub.pages.Csp",
    "feedbackhub.pages.Session",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "feedbackhub.pages.Authentication",
    "feedbackhub.pages.Message",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.acting_user",
]

ROOT_URLCONF = "feedbackhub.urls"
WSGI_APPLICATION = "feedbackhub.wsgi.application"
# A redirected POST is repeated as GET without its body by real clients: the feedback would be lost silently.
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = True
FORMAT_MODULE_PATH = ["feedbackhub.formats"]

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
    }
]

# --- Data --------------------------------------------------------------------------------------------------------

DATABASES = {"default": database_settings(env.text("DATABASE_URL"), timeout_ms=5_000)}
CACHE_URL = env.text("CACHE_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": cache_location(CACHE_URL),
        "KEY_PREFIX": "hub",
    }
}
HOME_DIR = Path(env.text("FEEDBACKHUB_HOME", str(BASE_DIR / ".data")))

# --- Background work (reasons: docs/architecture.md, "Background work") --------------------------------------------

_VISIBILITY = 600
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": _VISIBILITY,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": not CELERY_BROKER_URL.startswith("redis+socket"),
    "health_check_interval": 10,
}
CELERY_VISIBILITY_TIMEOUT = _VISIBILITY
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_POOL_ACQUIRE_TIMEOUT = 5
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "send-due-messages": {
        "task": "campaigns.send_due_messages",
        "schedule": timedelta(seconds=env.integer("SENDER_TICK_SECONDS", 2, low=1, high=60)),
        "options": {"expires": 30},
    },
    # People whose step is due; also sent at once when somebody enters.
    "advance-campaigns": {
        "task": "campaigns.advance",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 30},
    },
    "reap-lost-attempts": {
        "task": "campaigns.reap_lost_attempts",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 60},
    },
    "forget-raw-data": {
        "task": "campaigns.forget_raw",
        "schedule": timedelta(hours=1),
        "options": {"expires": 600},
    },
    # They are also sent at once; this finds what a lost hint or a failure left.
    "send-account-mails": {
        "task": "accounts.send_mails",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
    "plan-digests": {
        "task": "accounts.plan_digests",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "forget-old-account-mails": {
        "task": "accounts.forget_old_mails",
        "schedule": timedelta(hours=1),
        "options": {"expires": 600},
    },
    # Jobs also begin at once; this finds what a lost hint or a dead worker left.
    "run-jobs": {
        "task": "accounts.run_jobs",
        "schedule": timedelta(seconds=2),
        "options": {"expires": 30},
    },
    "forget-old-jobs": {
        "task": "accounts.forget_old_jobs",
        "schedule": timedelta(hours=1),
        "options": {"expires": 600},
    },
    "look-back": {
        "task": "crm.look_back",
        "schedule": timedelta(seconds=10),
        "options": {"expires": 30},
    },
    # What it would take to undo a merge, once its time is over.
    "forget-merged-rows": {
        "task": "crm.forget_merged_rows",
        "schedule": timedelta(hours=1),
        "options": {"expires": 600},
    },
    "deliver-webhooks": {
        "task": "feedback.deliver_webhooks",
        "schedule": timedelta(seconds=2),
        "options": {"expires": 30},
    },
    # Does nothing without a sentence model.
    "embed-records": {
        "task": "feedback.embed_records",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
    # Records by API that wait for triage rules.
    "sort-answers": {
        "task": "feedback.sort_answers",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 30},
    },
    "purge-tenants": {
        "task": "feedback.purge_tenants",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
    "forget-old-webhook-events": {
        "task": "feedback.forget_old",
        "schedule": timedelta(hours=1),
        "options": {"expires": 600},
    },
    "forget-old-idempotency-keys": {
        "task": "feedbackhub.forget_idempotency_keys",
        "schedule": timedelta(hours=1),
        "options": {"expires": 600},
    },
}

# --- Sending -----------------------------------------------------------------------------------------------------

# outbox:// keeps mail in the hub; smtp://user:password@host:587?tls=starttls talks to a server.
EMAIL_PROVIDER_URL = env.text("EMAIL_PROVIDER_URL", None if PRODUCTION else "outbox://")
# outbox://, console://, file:///path, relay://… or twilio://SID:TOKEN@api.twilio.com?from=%2B15005550006
SMS_PROVIDER_URL = env.text("SMS_PROVIDER_URL", "outbox://")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", None if PRODUCTION else "FeedbackHub <hub@localhost>")
# Only addresses that match are ever sent to; empty means everybody. For staging.
SEND_ONLY_TO = env.words("SEND_ONLY_TO")
MESSAGE_LATENESS_HOURS = env.integer("MESSAGE_LATENESS_HOURS", 12, low=1, high=168)
# Names this installation: a copy of its database under another name does not send (manage.py sender).
SENDER_ID = env.text("SENDER_ID", "")
SENDER_LEASE_SECONDS = env.integer("SENDER_LEASE_SECONDS", 60, low=15, high=600)
SENDER_BATCH = env.integer("SENDER_BATCH", 20, low=1, high=500)
# SMS of one account within a day to the thousand numbers around one; 0 for no limit.
SMS_BLOCK_LIMIT = env.integer("SMS_BLOCK_LIMIT", 30, low=0, high=1000)
# Days that what providers told us is kept as they told it, and mails of the outbox inside the hub, which knows repeated
# calls for thirty.
PROVIDER_EVENT_DAYS = env.integer("PROVIDER_EVENT_DAYS", 90, low=1, high=3650)
OUTBOX_DAYS = env.integer("OUTBOX_DAYS", 90, low=31, high=3650)

# --- Webhooks ----------------------------------------------------------------------------------------------------

# Networks that webhooks may reach besides the public internet, such as 127.0.0.0/8 for receivers in development.
WEBHOOK_LOCAL_NETWORKS = env.networks("WEBHOOK_LOCAL_NETWORKS")

# --- API kit -----------------------------------------------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024 + 1
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
# Requests per minute and key; 0 is unlimited. An account can have its own (Account.rate_limits).
RATE_LIMITS = {
    "feedbackapi": env.integer("RATE_LIMIT_FEEDBACKAPI", 600),
    "hub": env.integer("RATE_LIMIT_HUB", 0),
    "buildbetter": env.integer("RATE_LIMIT_BUILDBETTER", 100),
    "leadping": env.integer("RATE_LIMIT_LEADPING", 300),
    "inkeep": env.integer("RATE_LIMIT_INKEEP", 600),
    "api": env.integer("RATE_LIMIT_API", 600),
}
API_KEY_CACHE_SECONDS = 3
REST_FRAMEWORK = {
    # Deny by default: each contract's base viewset names its own.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["feedbackhub.api.permissions.DenyAll"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["feedbackhub.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
}

# --- Sign-in -----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/console/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_ADAPTER = "accounts.adapter.InvitationOnlyAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_FORMS = {"reset_password": "accounts.views.forms.ResetPasswordForm"}
# Bad passwords: by caller, by address and caller, and by address from browsers it never signed in with.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/5m/key", "login_failed_anywhere": "50/h/key"}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _base.scheme
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_ADAPTER = "accounts.adapter.EncryptingMFAAdapter"
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_TOTP_ISSUER = "FeedbackHub"
# A phone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
# Addresses are not verified separately: whoever invites vouches for them.
MFA_ALLOW_UNVERIFIED_EMAIL = True
EMAIL_BACKEND = "campaigns.providers.django_backend.HubEmailBackend"

# --- Audit -------------------------------------------------------------------------------------------------------

PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(db_constraint=False, db_index=True, on_delete=models.DO_NOTHING)
PGHISTORY_APPEND_ONLY = True
PGHISTORY_DEFAULT_TRACKERS = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())

# --- Pages -------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
# Where search by meaning has its model.onnx and tokenizer.json; "": in the packages of requirements-semantic.lock, if
# they are installed; "off": there is none.
SEMANTIC_MODEL = env.text("SEMANTIC_MODEL", "")
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / ".static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
# Tests make thousands of clients, and each would list every file first; this looks a file up when it is asked for.
WHITENOISE_AUTOREFRESH = ENVIRONMENT == "test"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}

# --- Hardening ---------------------------------------------------------------------------------------------------

HTTPS = _base.scheme == "https"
SESSION_ENGINE = "feedbackhub.sessions"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
# Pages are redirected to https by feedbackhub.middleware; an API over plain http must not be (the body would be lost).
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [
    r"^(v1\.3|v1|v3|leadping|inkeep|feedback|api/v1|health|openapi\.json|openapi\.yaml|livez|readyz|metrics)(/|$)"
]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LOG_LEVEL = env.text("LOG_LEVEL", "INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING_CONFIG = "feedbackhub.logs.configure"
LOGGING = {"level": LOG_LEVEL, "json": PRODUCTION}
