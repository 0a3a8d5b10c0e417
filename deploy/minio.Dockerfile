# MinIO from source: the project publishes no images any more. This is its last module version.
FROM golang:1.25-bookworm AS build
ARG MINIO_VERSION=v0.0.0-20260212201848-7aac2a2c5b7c
RUN CGO_ENABLED=0 GOBIN=/out go install -trimpath -ldflags="-s -w" "github.com/minio/minio@${MINIO_VERSION}"

FROM debian:bookworm-slim
RUN useradd --system --uid 10002 --no-create-home --home-dir /data minio \
    && install -d -o minio -g minio /data /events
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/minio /usr/local/bin/minio
COPY deploy/healthcheck /usr/local/bin/healthcheck
USER minio
VOLUME ["/data", "/events"]
EXPOSE 9000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 CMD ["healthcheck", "9000", "/minio/health/ready"]
ENTRYPOINT ["minio"]
CMD ["server", "--quiet", "--address", ":9000", "/data"]
