# hems: supervisord and the workers, for arm64 and amd64. ARCHITECTURE.md shows what is around it.
# requirements.lock says by which command it was made; both architectures use it. jeepney is in it
# because supervisord preloads every worker, wifi-connect's as well.

FROM debian:trixie-20260918-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
    gcc libc6-dev python3-dev python3-pip python3-setuptools python3-venv swig
WORKDIR /build
COPY requirements.lock .
# lgpio and sdnotify come as sources. They are built with Debian's setuptools, which is what the
# site packages are for: the result has none. PYPI has lgpio's setup build the C library as well.
ENV PYPI=1
RUN python3 -m venv --system-site-packages --without-pip /opt/hems \
 && python3 -m pip --python /opt/hems install --no-cache-dir --ignore-installed \
    --use-pep517 --no-build-isolation --require-hashes --requirement requirements.lock
COPY hems /opt/hems/lib/python3.13/site-packages/hems
# The container's own root is not written to: bytecode that nobody compares with its source.
RUN python3 -m compileall -q --invalidation-mode unchecked-hash /opt/hems/lib

FROM debian:trixie-20260918-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends iptables libnftables1 python3 \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 7846 hems \
 && useradd --uid 7846 --gid hems --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin d2l
# A tmpfs takes the mode of what it is mounted on, but belongs to root: every worker logs there.
RUN install --directory /run/hems && install --directory --mode 1777 /var/log/hems
COPY --from=build /opt/hems /opt/hems
COPY etc/supervisord.conf /etc/supervisord.conf
COPY etc/hems.toml /etc/hems/hems.toml
ENV PATH=/opt/hems/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    HEMS_RUN_DIR=/run/hems \
    D2L_USER=d2l
# An engine of balena restarts what is unhealthy: not before two minutes without a heartbeat.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=4 \
    CMD ["python", "-I", "-S", "/opt/hems/lib/python3.13/site-packages/hems/supervision/heartbeat.py", "/run/hems/heartbeat"]
CMD ["supervisord", "-c", "/etc/supervisord.conf"]
