# One image for web, worker and beat; compose.yaml says which command each runs.
FROM python:3.11-slim-bookworm AS build
# requirements-semantic.lock instead adds search by meaning.
ARG LOCK=requirements.lock
COPY ${LOCK} /tmp/requirements.lock
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r /tmp/requirements.lock

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/venv/bin:$PATH \
    FEEDBACKHUB_ENV=production STATIC_ROOT=/srv/static FEEDBACKHUB_HOME=/var/lib/feedbackhub
RUN useradd --system --uid 10001 --home-dir /var/lib/feedbackhub --create-home hub
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
# Collecting files needs settings, not secrets: these values exist only while this line runs.
RUN SECRET_KEY=build-only-build-only-build-only-build-only-build-only \
    ENCRYPTION_KEYS=YnVpbGQtb25seS1idWlsZC1vbmx5LWJ1aWxkLW9ubHk= BASE_URL=https://build.invalid \
    DATABASE_URL=postgresql://build@build.invalid/build CACHE_URL=redis://build.invalid/1 \
    CELERY_BROKER_URL=redis://build.invalid/0 EMAIL_PROVIDER_URL=outbox:// DEFAULT_FROM_EMAIL=build@build.invalid \
    python manage.py collectstatic --noinput
USER hub
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "8", "--backlog", "256", "--respawn-failed-workers", "feedbackhub.wsgi:application"]
