# Two stages: what builds stays behind. The site runs as a user of its own, on a read-only file system;
# it writes to /data and /tmp alone.
FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install --require-hashes -r requirements.txt
COPY . .
# The pages' own files, hashed and compressed; compiled code, as nothing can be written later.
RUN DATA_DIR=/tmp/build STATIC_ROOT=/app/staticfiles STATIC_COLLECTED=true \
    /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
 && /venv/bin/python -m compileall -q animerec catalog ratings recommender manage.py

FROM python:3.11-slim
# LightGBM, which grows the hybrid's trees, needs it; Debian keeps no older versions to pin.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --no-create-home --home-dir /tmp animerec \
 && install -d -o animerec -g animerec /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data STATIC_ROOT=/app/staticfiles STATIC_COLLECTED=true BIND=0.0.0.0:8000
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz')"]
CMD ["gunicorn", "--config", "python:animerec.gunicorn", "animerec.wsgi"]
