# The API, the worker (`crm worker`) and the commands, in one image. PostgreSQL is elsewhere: CRM_DATABASE_URL.
#
#   docker run --read-only --tmpfs /tmp --cap-drop ALL -v crm-data:/data \
#       -e CRM_ENV=production -e CRM_DATABASE_URL=postgresql://... -e CRM_KEK_FILE=/run/secrets/kek assura-crm
#
# No secret is built in: they come as files (/run/secrets) or variables when a container starts.

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv --without-pip /opt/crm
COPY requirements.txt requirements-build.txt ./
RUN pip --python /opt/crm/bin/python install --require-hashes -r requirements.txt \
    && pip install --require-hashes -r requirements-build.txt
COPY pyproject.toml README.md alembic.ini ./
COPY migrations migrations
COPY src src
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && pip --python /opt/crm/bin/python install --no-deps /wheels/*.whl \
    && python -m compileall -q /opt/crm/lib

FROM python:3.13-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && pip uninstall --yes --root-user-action ignore pip \
    && rm -rf /usr/local/lib/python3.13/ensurepip \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin crm \
    && install --directory --owner crm --group crm --mode 0700 /data
COPY --from=build /opt/crm /opt/crm
ENV PATH=/opt/crm/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=1 \
    MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=131072 \
    CRM_DATA_DIR=/data PORT=8000
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as http; http.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/livez', timeout=2)"]
# tini is PID 1: it reaps what nobody waits for and passes SIGTERM on.
ENTRYPOINT ["tini", "--", "crm"]
CMD ["serve"]
