# The service as an image. Build tools and pip stay in the first stage.
#   docker build -t zhengwen .
#   docker run -p 8080:8080 -p 127.0.0.1:8081:8081 -v zhengwen:/data zhengwen
FROM python:3.12-slim-bookworm AS builder

WORKDIR /src
COPY requirements-build.lock requirements.lock ./
RUN python -m venv /build \
    && /build/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock \
    && /build/bin/pip wheel --no-cache-dir --no-build-isolation --use-pep517 --require-hashes -r requirements.lock -w /wheels
COPY pyproject.toml README.md LICENSE ./
COPY knowledge knowledge
COPY bot bot
COPY admin admin
RUN /build/bin/pip wheel --no-cache-dir --no-build-isolation --no-deps -w /wheels . \
    && python -m venv --without-pip /opt/zhengwen \
    && /build/bin/pip --python /opt/zhengwen/bin/python install --no-cache-dir --no-index --no-deps --compile /wheels/*.whl

FROM python:3.12-slim-bookworm

# The yearly report as PDF needs Chinese fonts; any version of them will do.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --no-install-recommends -y fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --system --gid 10001 zhengwen \
    && useradd --system --uid 10001 --gid 10001 --home-dir /data --shell /usr/sbin/nologin zhengwen \
    && install -d -o zhengwen -g zhengwen -m 0700 /data
COPY --from=builder /opt/zhengwen /opt/zhengwen
# The staff site listens on every address of the container; who may reach it is decided where the port is published:
# publish 8081 on 127.0.0.1 or on an inner network only.
ENV PATH=/opt/zhengwen/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    ZHENGWEN_DATA=/data \
    ZHENGWEN_STAFF_HOST=0.0.0.0
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080 8081
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ.get('ZHENGWEN_PUBLIC_PORT', '8080')}/health/ready\", timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["zhengwen"]
CMD ["serve"]
