FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 DATA_DIR=/data STATIC_ROOT=/app/staticfiles STATIC_COLLECTED=true
WORKDIR /app
# LightGBM, which grows the hybrid's trees, needs it.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN useradd --create-home animerec && mkdir /data && chown animerec /data \
 && python manage.py collectstatic --noinput && rm -rf /data/* 
USER animerec
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "animerec.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4"]
