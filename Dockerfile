# Freehold in one image: `freehold broker …` and `freehold node …`. The last stage has Python, the locked packages and
# PostgreSQL's client for backups; no compiler and no pip.
FROM python:3.12.12-slim-trixie AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/build && python -m venv --without-pip /opt/freehold
WORKDIR /src
# The packages first: they change less often than the source.
COPY requirements.lock requirements-build.lock ./
RUN /opt/build/bin/pip install --require-hashes -r requirements-build.lock \
    && /opt/build/bin/pip --python /opt/freehold/bin/python install --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/build/bin/pip --python /opt/freehold/bin/python install --no-deps /wheels/*.whl \
    && /opt/freehold/bin/python -m compileall -q /opt/freehold/lib

FROM python:3.12.12-slim-trixie

# Accounts and folders have fixed numbers, so that volumes keep their owners from one version to the next. Below accounts/
# are folders that belong to the accounts of other images; see `volumes` in the compose files.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client=17+* \
    && rm -rf /var/lib/apt/lists/* \
    && find /usr/local -depth -name "pip*" -exec rm -rf {} + \
    && groupadd --gid 10001 freehold \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/freehold --shell /usr/sbin/nologin freehold \
    && install -d -m 755 /var/lib/freehold /var/lib/freehold/accounts \
    && install -d -m 700 -o 10001 -g 10001 /var/lib/freehold/broker /var/lib/freehold/node \
        /var/lib/freehold/backups \
    && install -d -m 755 /var/lib/freehold/accounts/1000 /var/lib/freehold/accounts/10002 \
    && install -d -m 700 -o 1000 -g 1000 /var/lib/freehold/accounts/1000/nocodb \
        /var/lib/freehold/accounts/1000/n8n /var/lib/freehold/accounts/1000/n8n-worker \
    && install -d -m 700 -o 10002 -g 10002 /var/lib/freehold/accounts/10002/caddy
COPY --from=build /opt/freehold /opt/freehold

ENV PATH=/opt/freehold/bin:$PATH PYTHONUNBUFFERED=1 HOME=/tmp MPLCONFIGDIR=/tmp/matplotlib
USER 10001:10001
WORKDIR /var/lib/freehold
ENTRYPOINT ["freehold"]
CMD ["--help"]
