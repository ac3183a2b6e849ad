# One image for every role: friend's worker, coordinator, beat, page, Flower. `docker build -t ctcollect .`
#
#   docker run IMAGE worker --friend alice --queues google,digicert --proxy URL
#
# Every dependency that constraints.txt pins has a wheel for amd64 and for arm64, so no stage needs a compiler.
# Behind a mirror of the package index: --build-arg PIP_INDEX_URL=...
# With `ctcollect export` and `ctcollect report`, which friends do not need: --build-arg EXTRAS=[analysis]
ARG PYTHON=python:3.13-slim

FROM ${PYTHON} AS build
ARG PIP_INDEX_URL
ARG EXTRAS=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_CACHE_DIR=1
RUN apt-get update && apt-get install --yes --no-install-recommends tini
WORKDIR /source
COPY setup.cfg pyproject.toml constraints.txt README.md LICENSE celeryconfig.py ./
COPY ctcollect ctcollect
COPY tasks tasks
COPY webapp webapp
COPY migrations migrations
RUN pip wheel --prefer-binary --wheel-dir /wheels --constraint constraints.txt ".${EXTRAS}"
RUN python -m venv --without-pip /opt/ctcollect \
 && pip --python /opt/ctcollect/bin/python install --no-index --find-links /wheels "ctcollect${EXTRAS}"

FROM ${PYTHON}
LABEL org.opencontainers.image.title="ctcollect" \
      org.opencontainers.image.description="Friends' machines collect every .jp certificate from Certificate Transparency logs" \
      org.opencontainers.image.licenses="Apache-2.0"
# PID 1 of a container ignores a signal that it has no handler for, and Python has none while it starts, nor have
# short commands. So tini is PID 1: it passes signals on, and the program below it ends by them at any time.
COPY --from=build /usr/bin/tini-static /usr/local/bin/tini
COPY --from=build /opt/ctcollect /opt/ctcollect
# The heartbeat lies in memory that each container has for itself, also with --read-only.
ENV PATH=/opt/ctcollect/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CTCOLLECT_DATA_DIR=/data \
    CTCOLLECT_HEARTBEAT_FILE=/dev/shm/ctcollect-heartbeat
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin ctcollect \
 && install --directory --owner ctcollect --group ctcollect /data
USER 10001:10001
WORKDIR /data
# The spool of a worker, the leaf files of a coordinator. A container without a named volume has one for itself.
VOLUME /data
# A worker hands back what it has not done and is gone within 5 s.
STOPSIGNAL SIGTERM
# For workers, coordinator and beat. A worker without its broker is unhealthy: it waits, and its friend should know.
# Docker restarts nothing because of that. Servers are asked for a page instead: docker-compose.yml shows how.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["python", "-m", "ctcollect.health"]
ENTRYPOINT ["tini", "--", "ctcollect"]
CMD ["--help"]
