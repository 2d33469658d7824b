# Assets and dependencies are built in the first stage; the second holds neither compiler nor Node.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt package.json package-lock.json .npmrc ./
COPY .ci/assets.py .ci/assets.txt .ci/
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt \
 && python -m venv /tmp/assets && /tmp/assets/bin/pip install --no-cache-dir --require-hashes -r .ci/assets.txt
COPY static static
RUN /tmp/assets/bin/python .ci/assets.py

FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/* && useradd --system --uid 10001 --create-home --home-dir /srv/mobilisation mobilisation
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY --from=build /app/assets assets
COPY manage.py ./
COPY mobilisation mobilisation
COPY risks risks
COPY workstreams workstreams
COPY transfers transfers
COPY reporting reporting
COPY templates templates
COPY static static
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 ENVIRONMENT=production VAR_DIR=/srv/mobilisation STATIC_ROOT=/srv/mobilisation/static ALLOW_DEMO=no
RUN mkdir -p /srv/mobilisation/static /srv/mobilisation/files /srv/mobilisation/mail \
 && SECRET_KEY=only-to-collect-static-files-while-the-image-is-built-0000 DATABASE_URL=postgres://build@localhost/build ALLOWED_HOSTS=build.invalid SITE_URL=https://build.invalid python manage.py collectstatic --noinput -v 0 \
 && chown -R mobilisation /srv/mobilisation
USER mobilisation
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --retries=5 CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': os.environ.get('ALLOWED_HOSTS', 'localhost').split(',')[0].strip().lstrip('.').replace('*', 'localhost')}), timeout=4)"]
# The log names the page, never its query string: a search holds a person's name.
CMD ["gunicorn", "mobilisation.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--timeout", "60", "--access-logfile", "-", \
     "--access-logformat", "%(h)s %(t)s %(m)s %(U)s %(s)s %(b)s %(M)sms"]
