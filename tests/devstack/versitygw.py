"""A private versitygw in front of a folder, which sends its events to the API by webhook."""

import hashlib
import os

from devstack.go_program import GoProgram
from devstack.service import http_ok
from devstack.store import REGION, Store

VERSITYGW = GoProgram(
    title="versitygw",
    name="versitygw",
    variable="SLUICE_VERSITYGW_BIN",
    package="github.com/versity/versitygw/cmd/versitygw",
    version="v1.8.0",
    go="1.25",
    takes="about a minute",
)
HEALTH = "/health"


class Versitygw(Store):
    binary = VERSITYGW
    reports_to = "api"  # it ends when its test event cannot be delivered
    reports_forms = False  # the event of a form POST has an empty key
    keeps_cors = True
    unknown_key_code = "XAdminUserNotFound"
    settings = {  # noqa: RUF012 - the sweeper is the only one to find a form upload that nobody confirms
        "SLUICE_SWEEP_AGE_S": "2",
        "SLUICE_SWEEP_INTERVAL_S": "1",
    }

    def command(self) -> list[str]:
        address = f"127.0.0.1:{self.port}"
        return [str(self.program), "--port", address, "--health", HEALTH, "--quiet", "posix", str(self.data_dir)]

    def environment(self) -> dict[str, str]:
        return super().environment() | {
            "ROOT_ACCESS_KEY_ID": self.access_key,
            "ROOT_SECRET_ACCESS_KEY": self.secret_key,
            "VGW_REGION": REGION,
            "VGW_EVENT_WEBHOOK_URL": self.receivers.events_url(),
        }

    def is_ready(self) -> bool:
        return http_ok(self.url + HEALTH)

    def place(self, bucket: str, key: str, data: bytes) -> bool:
        """An object is a file, and its ETag an extended attribute."""
        path = self.data_dir / bucket / key
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        os.setxattr(path, "user.etag", f'"{hashlib.md5(data).hexdigest()}"'.encode())
        return True
