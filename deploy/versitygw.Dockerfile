# versitygw, an S3 gateway in front of a folder: the second store of the compose file.
FROM golang:1.25-bookworm AS build
ARG VERSITYGW_VERSION=v1.8.0
RUN CGO_ENABLED=0 GOBIN=/out go install -trimpath -ldflags="-s -w" "github.com/versity/versitygw/cmd/versitygw@${VERSITYGW_VERSION}"

FROM debian:bookworm-slim
RUN useradd --system --uid 10003 --no-create-home --home-dir /data versitygw && install -d -o versitygw -g versitygw /data
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/versitygw /usr/local/bin/versitygw
COPY deploy/healthcheck /usr/local/bin/healthcheck
USER versitygw
VOLUME ["/data"]
EXPOSE 7070
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 CMD ["healthcheck", "7070", "/health"]
ENTRYPOINT ["versitygw"]
CMD ["--port", ":7070", "--health", "/health", "posix", "/data"]
