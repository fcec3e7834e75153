# hems: supervisord and the workers, for arm64 and amd64. ARCHITECTURE.md shows its surroundings.
# requirements.lock is for both architectures and names the command that made it. It contains
# jeepney, because hems is one package: only wifi-connect uses it.

FROM debian:trixie-20260918-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
    gcc libc6-dev python3-dev python3-pip python3-setuptools python3-venv swig
WORKDIR /build
COPY requirements.lock .
# lgpio and sdnotify are source packages. The virtual environment sees Debian's site packages, so
# that Debian's setuptools can build them; it does not contain setuptools. PYPI=1 makes lgpio's
# setup build the C library as well.
ENV PYPI=1
RUN python3 -m venv --system-site-packages --without-pip /opt/hems \
 && python3 -m pip --python /opt/hems install --no-cache-dir --ignore-installed \
    --use-pep517 --no-build-isolation --require-hashes --requirement requirements.lock \
    --report pip-report.json
COPY hems /opt/hems/lib/python3.13/site-packages/hems
# Nothing writes to the root file system at run time, so Python need not compare bytecode and
# source. Level 2 has no docstrings, which would take 3 MB of memory.
RUN python3 -m compileall -q -o 0 -o 2 --invalidation-mode unchecked-hash /opt/hems/lib

FROM debian:trixie-20260918-slim AS image
RUN apt-get update \
 && apt-get install -y --no-install-recommends iptables libnftables1 python3 \
 && rm -rf /var/lib/apt/lists/* \
 && python3 -m compileall -q -o 2 --invalidation-mode unchecked-hash /usr/lib/python3.13 \
 && groupadd --gid 7846 hems \
 && groupadd --gid 7847 telemetry \
 && useradd --uid 7846 --gid hems --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin d2l \
 && useradd --uid 7847 --gid telemetry --groups hems --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin telemetry \
 && useradd --uid 7848 --user-group --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin watchdog
# A tmpfs has the mode of its mount point, but root owns it. Every worker logs to /var/log/hems. No
# program has the set-user-ID or set-group-ID bit.
RUN install --directory /run/hems && install --directory --mode 1777 /var/log/hems \
 && find / -xdev -type f \( -perm -4000 -o -perm -2000 \) -exec chmod ug-s {} \;
COPY --from=build /opt/hems /opt/hems
COPY etc/supervisord.conf /etc/supervisord.conf
COPY etc/hems.toml /etc/hems/hems.toml
ENV PATH=/opt/hems/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONOPTIMIZE=2 \
    HEMS_RUN_DIR=/run/hems \
    HEMS_DATA_DIR=/data \
    D2L_USER=d2l \
    TELEMETRY_USER=telemetry \
    WATCHDOG_USER=watchdog \
    D2L_LISTEN=172.18.4.1:7846 \
    REFUSALS_LISTEN=/gateway/refused-logins.sock
# Tab completes supervisorctl's commands and units for whoever opens a shell here.
RUN python -m hems.supervision completion bash >> /etc/bash.bashrc
# balenaEngine restarts an unhealthy container: here after two minutes without a heartbeat.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=4 \
    CMD ["/opt/hems/bin/python", "-I", "-S", "/opt/hems/lib/python3.13/site-packages/hems/supervision/health/container_healthcheck.py", "/run/hems/heartbeat"]
# The variables that are secrets become files, of which each worker gets only its own. A variable of
# the fleet chooses no user, no path and no code: what ENV sets, this sets again, and what names a
# file, or is no setting, is dropped.
CMD ["/opt/hems/bin/python", "-I", "-m", "hems.supervision.processes.entrypoint_environment", "/run/hems/secrets", \
     "CONFIG_*", "INFLUX_TOKEN", "MQTT_*", "D2L_DEVICES", "WIFI_*", "BALENA_*KEY", \
     "PATH=/opt/hems/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", \
     "PYTHONDONTWRITEBYTECODE=1", \
     "PYTHONOPTIMIZE=2", \
     "HEMS_RUN_DIR=/run/hems", \
     "HEMS_DATA_DIR=/data", \
     "D2L_USER=d2l", \
     "TELEMETRY_USER=telemetry", \
     "WATCHDOG_USER=watchdog", \
     "D2L_LISTEN=172.18.4.1:7846", \
     "REFUSALS_LISTEN=/gateway/refused-logins.sock", \
     "-HEMS_CONFIG", "-HEMS_*_DIRECTORY", "-HEMS_*_FILE", "-HEMS_*_BUS", "-HEMS_*_HEARTBEAT", \
     "+HEMS_*", "+BALENA_*", "+NGINX_HTTPS_REDIRECT", "+OPEN_PORTS", \
     "--", "supervisord", "-c", "/etc/supervisord.conf"]

# Lists what the image contains (CycloneDX).
FROM image AS sbom
WORKDIR /inputs
COPY services/sbom /tool/sbom
COPY --from=build /build/pip-report.json ./
COPY balena.yml Dockerfile ./
RUN PYTHONPATH=/tool python3 -m sbom hems / .

FROM image
COPY --from=sbom /usr/share/sbom /usr/share/sbom
