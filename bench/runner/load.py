"""HTTP load by wrk: a bounded time, the requests of a list in turn."""

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass

from devstack.errors import DevError
from devstack.paths import ROOT
from devstack.service import plain_environment

SCRIPT = ROOT / "bench" / "wrk" / "replay.lua"


@dataclass(frozen=True)
class Request:
    """One of those that are sent in turn."""

    method: str
    path: str
    body: str = ""


@dataclass(frozen=True)
class Load:
    """What wrk saw."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    max_ms: float


def presign_requests(count: int = 512) -> list[Request]:
    """Different names and external ids, so that no index sees one value only."""
    bodies = [
        json.dumps({"filename": f"photo-{number:04}.jpg", "external_id": f"order-{number * 7919 % 10007}"})
        for number in range(count)
    ]
    return [Request("POST", "/files/presigned-upload", body) for body in bodies]


def send(url: str, requests: list[Request], connections: int, seconds: float, api_key: str | None = None) -> Load:
    """A load in which one request failed is no measurement, so that is an error. wrk takes whole seconds."""
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8") as file:
        file.writelines(f"{request.method}\t{request.path}\t{request.body}\n" for request in requests)
        file.flush()
        environment = {"BENCH_API_KEY": api_key} if api_key else {}
        return _run([url, "--", file.name], connections, seconds, environment)


def send_body(url: str, body: bytes, content_type: str, connections: int, seconds: float) -> Load:
    """The same with one body, of any bytes, that is posted again and again."""
    with tempfile.NamedTemporaryFile("wb", suffix=".body") as file:
        file.write(body)
        file.flush()
        return _run([url, "--", file.name], connections, seconds, {"BENCH_BODY_TYPE": content_type})


def _run(arguments: list[str], connections: int, seconds: float, settings: dict[str, str]) -> Load:
    threads = min(2, connections, os.cpu_count() or 1)
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s"]
    command += ["-s", str(SCRIPT), *arguments]
    environment = plain_environment() | settings
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=seconds + 60)
    return _read(done.stdout, done.stdout + done.stderr)


def _read(output: str, everything: str) -> Load:
    line = next((line for line in output.splitlines() if line.startswith("BENCH ")), None)
    if line is None:
        raise DevError(f"wrk printed no result:\n{everything}")
    result = json.loads(line.removeprefix("BENCH "))
    if result["refused"] or result["broken"] or not result["requests"]:
        raise DevError(f"{result['refused']} requests were refused and {result['broken']} broke:\n{everything}")
    seconds = result["duration_us"] / 1e6
    times = [result[name] / 1000 for name in ("p50_us", "p99_us", "max_us")]
    return Load(result["requests"], result["requests"] / seconds, *times)
