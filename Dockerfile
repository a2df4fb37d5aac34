# Freehold in one image: `freehold broker …` and `freehold node …`. The last stage has Python, the locked packages, and
# PostgreSQL's programs for backups, and Pango with fonts for reports; no compiler and no pip.
FROM python:3.12.12-slim-trixie AS packages

ENV PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/build && python -m venv --without-pip /opt/freehold
WORKDIR /src
# The packages first: they change less often than the source.
COPY requirements.lock requirements-build.lock ./
RUN /opt/build/bin/pip install --require-hashes -r requirements-build.lock \
    && /opt/build/bin/pip --python /opt/freehold/bin/python install --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
# Compiled here, because nothing can be written where it runs; without what packages bring to test themselves.
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /opt/build/bin/pip --python /opt/freehold/bin/python install --no-deps /wheels/*.whl \
    && find /opt/freehold/lib -depth -type d -name tests -path "*/site-packages/*" -exec rm -rf {} + \
    && /opt/freehold/bin/python -m compileall -q /opt/freehold/lib

FROM python:3.12.12-slim-trixie AS programs

# Debian's package of the client needs Perl for its wrappers; the programs themselves do not.
WORKDIR /programs
RUN apt-get update \
    && apt-get download postgresql-client-17 \
    && dpkg --extract postgresql-client-17_*.deb .

FROM python:3.12.12-slim-trixie

# Accounts and folders have fixed numbers, so that volumes keep their owners from one version to the next. Below accounts/
# are folders that belong to the accounts of other images; see `volumes` in the compose files.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpq5=17.* libreadline8t64=8.* \
        libpango-1.0-0=1.* libpangoft2-1.0-0=1.* libharfbuzz-subset0=10.* fonts-dejavu-core=2.* \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* \
    && find /usr/local -depth -name "pip*" -exec rm -rf {} + \
    && groupadd --gid 10001 freehold \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/freehold --shell /usr/sbin/nologin freehold \
    && install -d -m 755 /var/lib/freehold /var/lib/freehold/accounts \
    && install -d -m 700 -o 10001 -g 10001 /var/lib/freehold/broker /var/lib/freehold/node /var/lib/freehold/backups \
    && install -d -m 755 /var/lib/freehold/accounts/1000 /var/lib/freehold/accounts/10002 \
    && install -d -m 700 -o 1000 -g 1000 /var/lib/freehold/accounts/1000/nocodb \
        /var/lib/freehold/accounts/1000/n8n /var/lib/freehold/accounts/1000/n8n-worker /var/lib/freehold/accounts/1000/open-webui \
    && install -d -m 700 -o 10002 -g 10002 /var/lib/freehold/accounts/10002/caddy
COPY --from=programs /programs/usr/lib/postgresql/17/bin/pg_dump /programs/usr/lib/postgresql/17/bin/pg_restore \
    /programs/usr/lib/postgresql/17/bin/psql /usr/local/bin/
COPY --from=packages /opt/freehold /opt/freehold

ENV PATH=/opt/freehold/bin:$PATH PYTHONUNBUFFERED=1 HOME=/tmp MPLCONFIGDIR=/tmp/matplotlib
USER 10001:10001
WORKDIR /var/lib/freehold
ENTRYPOINT ["freehold"]
CMD ["--help"]
