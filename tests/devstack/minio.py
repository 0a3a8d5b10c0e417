"""A private MinIO with two notification targets onto one list: one at once, one that survives a lost Redis."""

from pathlib import Path

from devstack.go_program import GoProgram
from devstack.paths import make_dir
from devstack.service import http_ok
from devstack.store import EVENT_LIST, REGION, Store

MINIO = GoProgram(  # the project publishes no binaries any more; `go install` is its own documented way
    title="MinIO",
    name="minio",
    variable="SLUICE_MINIO_BIN",
    package="github.com/minio/minio",
    version="v0.0.0-20260212201848-7aac2a2c5b7c",
    go="1.24",
    takes="about 3 minutes",
)


class Minio(Store):
    binary = MINIO
    notify_arns = ("arn:minio:sqs::DIRECT:redis", "arn:minio:sqs::DURABLE:redis")

    @property
    def _event_queue(self) -> Path:
        return self.state.folder / "data" / "minio-events"

    def prepare(self) -> None:
        super().prepare()
        make_dir(self._event_queue)

    def command(self) -> list[str]:
        return [str(self.program), "server", "--quiet", "--address", f"127.0.0.1:{self.port}", str(self.data_dir)]

    def environment(self) -> dict[str, str]:
        settings = {
            "MINIO_ROOT_USER": self.access_key,
            "MINIO_ROOT_PASSWORD": self.secret_key,
            "MINIO_REGION": REGION,
            "MINIO_BROWSER": "off",
            "MINIO_UPDATE": "off",
            "MINIO_API_CORS_ALLOW_ORIGIN": "*",
        }
        for target in ("DIRECT", "DURABLE"):
            settings |= {
                f"MINIO_NOTIFY_REDIS_ENABLE_{target}": "on",
                f"MINIO_NOTIFY_REDIS_FORMAT_{target}": "access",  # in capitals it is accepted and sends nothing
                f"MINIO_NOTIFY_REDIS_ADDRESS_{target}": self.receivers.redis_address(),
                f"MINIO_NOTIFY_REDIS_KEY_{target}": EVENT_LIST,
            }
        settings["MINIO_NOTIFY_REDIS_QUEUE_DIR_DURABLE"] = str(self._event_queue)
        settings["MINIO_NOTIFY_REDIS_QUEUE_LIMIT_DURABLE"] = "100000"
        return super().environment() | settings

    def is_ready(self) -> bool:
        return http_ok(f"{self.url}/minio/health/ready")

    def has_undelivered_events(self) -> bool:
        return any(path.is_file() for path in self._event_queue.rglob("*"))
