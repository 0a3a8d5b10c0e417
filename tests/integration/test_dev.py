"""`./dev` itself: what a newcomer types, including Ctrl-C, kill -9 and a second `up`."""

import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sluice_client import Sluice, eventually

from devstack.build import BUILT, preset_or
from devstack.paths import ROOT, dev_dir
from devstack.process import Process
from devstack.stack import Stack
from devstack.stores import DEFAULT, STORES, VARIABLE, chosen_store, store_kind

ENV_NAMES = (
    "SLUICE_API_URL SLUICE_DATABASE_URL SLUICE_REDIS_URL SLUICE_CACHE_REDIS_URL SLUICE_S3_ENDPOINT "
    "SLUICE_S3_PUBLIC_ENDPOINT SLUICE_S3_REGION SLUICE_S3_BUCKET SLUICE_S3_ACCESS_KEY SLUICE_S3_SECRET_KEY SLUICE_AUTH "
    "SLUICE_EVENTS_KEY SLUICE_METRICS_URL SLUICE_PID_API SLUICE_PID_PROCESSOR SLUICE_PID_POSTGRES SLUICE_PID_REDIS"
).split()
pytestmark = pytest.mark.timeout(900)  # whole stacks come and go, several times in some tests
STORE = store_kind(chosen_store() or DEFAULT).binary


def _hears_ctrl_c() -> None:
    """Tests that were started in the background of a shell ignore SIGINT, and so would their children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Dev:
    """`./dev` with a stack folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SLUICE_")}
        passed = ("SLUICE_DEV_CACHE", VARIABLE, STORE.variable, BUILT)
        kept |= {name: os.environ[name] for name in passed if name in os.environ}
        self.environment = kept | {"SLUICE_DEV_DIR": str(folder), "SLUICE_BUILD_PRESET": preset_or("asan")}

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """One command, run to its end."""
        return subprocess.run(
            [str(ROOT / "dev"), *arguments],
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=280,
        )

    def foreground(self) -> subprocess.Popen[str]:
        """`./dev up` as in a terminal, once it is ready."""
        log = self.folder.parent / f"{self.folder.name}.foreground"
        with open(log, "w", encoding="utf-8") as output:
            child = subprocess.Popen(
                [str(ROOT / "dev"), "up"], env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                preexec_fn=_hears_ctrl_c,
            )  # fmt: skip
        eventually(lambda: "Ctrl-C stops it" in log.read_text() or child.poll() is not None, "up", 120)
        assert child.poll() is None, log.read_text()
        return child

    def said(self) -> str:
        """What the foreground printed so far."""
        return (self.folder.parent / f"{self.folder.name}.foreground").read_text()

    def env(self) -> dict[str, str]:
        """The env file."""
        return dict(line.split("=", 1) for line in (self.folder / "env").read_text().splitlines())

    def running(self) -> dict[str, Process]:
        """The stack's processes that live."""
        return {name: process for name, process in Stack(self.folder).state.processes().items() if process.alive()}


@pytest.fixture
def dev() -> Iterator[Dev]:
    """A fresh folder; whatever a test leaves running is stopped."""
    dev = Dev(dev_dir() / "test" / "dev")
    dev.run("down", "--wipe")
    yield dev
    done = dev.run("down", "--wipe")
    assert done.returncode == 0, done


def test_up_demo_status_logs_psql_down(dev: Dev) -> None:
    up = dev.run("up", "--detach")
    assert up.returncode == 0, up.stdout + up.stderr
    env = dev.env()
    assert list(env) == [*ENV_NAMES, f"SLUICE_PID_{STORE.name.upper()}"]
    assert all(env.values()), env
    assert stat.S_IMODE((dev.folder / "env").stat().st_mode) == 0o600
    assert env["SLUICE_API_URL"] in up.stdout
    for name in ("API", "PROCESSOR", "POSTGRES", "REDIS", STORE.name.upper()):
        assert Process.of(int(env[f"SLUICE_PID_{name}"])).alive()

    again = dev.run("up", "--detach")
    assert (again.returncode, "already running" in again.stdout) == (0, True), again
    assert dev.env() == env

    demo = dev.run("demo", str(ROOT / "packages.apt"), str(ROOT / "dev"))
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "2 of 2 SYNCED" in demo.stdout
    assert Sluice(env["SLUICE_API_URL"]).get("/files").json()["files"][0]["owner_id"] == "dev"

    status = dev.run("status")
    assert status.returncode == 0, status
    assert status.stdout.rstrip().endswith("ready")
    assert "accept" in dev.run("logs", "postgres").stdout
    count = dev.run("psql", "-Atc", "SELECT count(*) FROM files WHERE status = 'SYNCED'")
    assert count.stdout.strip() == "2", count

    down = dev.run("down")
    assert down.returncode == 0, down
    assert not (dev.folder / "env").exists()
    assert not dev.running()
    assert dev.run("status").returncode == 1


def test_data_and_address_outlive_down_and_up(dev: Dev) -> None:
    assert dev.run("up", "--detach").returncode == 0
    api_url = dev.env()["SLUICE_API_URL"]
    file_id = Sluice(api_url).upload(b"kept")["file_id"]
    assert dev.run("down").returncode == 0
    assert dev.run("up", "--detach").returncode == 0
    assert dev.env()["SLUICE_API_URL"] == api_url
    assert Sluice(api_url).get(f"/files/{file_id}/content").content == b"kept"


def test_ctrl_c_stops_everything(dev: Dev) -> None:
    child = dev.foreground()
    child.send_signal(signal.SIGINT)
    assert child.wait(60) == 0, dev.said()
    assert not dev.running()
    assert not (dev.folder / "env").exists()


def test_down_from_elsewhere_ends_the_foreground(dev: Dev) -> None:
    child = dev.foreground()
    assert dev.run("down").returncode == 0
    assert child.wait(60) == 0
    assert "stopped from elsewhere" in dev.said()


def test_a_killed_foreground_is_no_obstacle(dev: Dev) -> None:
    child = dev.foreground()
    child.kill()
    child.wait()
    up = dev.run("up", "--detach")
    assert (up.returncode, "already running" in up.stdout) == (0, True), up


def test_a_kill_in_the_middle_of_starting_is_cleaned_up(dev: Dev) -> None:
    child = subprocess.Popen(
        [str(ROOT / "dev"), "up", "--detach"], env=dev.environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    eventually(lambda: dev.running() or child.poll() is not None, "first service", 120)
    child.kill()
    child.wait()
    left = dev.running()
    up = dev.run("up", "--detach")
    assert up.returncode == 0, up
    assert not [name for name, process in left.items() if process.alive()]
    assert dev.run("status").returncode == 0


def test_a_process_that_nobody_wrote_down_is_found(dev: Dev) -> None:
    """kill -9 of ./dev between starting a service and recording its pid."""
    stack = Stack(dev.folder, preset_or("asan"), {})
    stack.redis.start()
    process = Process.of(stack.redis.pid)
    stack.state.forget("redis")
    assert dev.run("down").returncode == 0
    assert not process.alive()


def test_what_died_is_reported_and_started_again(dev: Dev) -> None:
    child = dev.foreground()
    before = dev.env()
    os.kill(int(before["SLUICE_PID_REDIS"]), signal.SIGKILL)
    eventually(lambda: f"redis (pid {before['SLUICE_PID_REDIS']}) ended" in dev.said(), "report")
    assert dev.run("status").returncode == 1
    assert dev.run("up", "--detach").returncode == 0
    after = dev.env()
    assert after["SLUICE_PID_REDIS"] != before["SLUICE_PID_REDIS"]
    assert after["SLUICE_REDIS_URL"] == before["SLUICE_REDIS_URL"]
    assert after["SLUICE_PID_POSTGRES"] == before["SLUICE_PID_POSTGRES"]
    child.send_signal(signal.SIGTERM)
    assert child.wait(60) == 0
    assert not dev.running()


def test_settings_of_the_caller_win(dev: Dev) -> None:
    up = dev.run("up", "--detach", SLUICE_AUTH="required", SLUICE_PRESIGN_TTL_S="77", SLUICE_EVENTS_KEY="chosen")
    assert up.returncode == 0, up
    env = dev.env()
    assert (env["SLUICE_AUTH"], env["SLUICE_EVENTS_KEY"]) == ("required", "chosen")
    assert Sluice(env["SLUICE_API_URL"]).get("/files").status_code == 401


def test_a_bad_setting_is_a_clear_error_and_leaves_nothing(dev: Dev) -> None:
    up = dev.run("up", "--detach", SLUICE_PRESIGN_TTL_S="soon")
    assert up.returncode == 1, up
    assert "SLUICE_PRESIGN_TTL_S" in up.stderr
    assert "Traceback" not in up.stderr
    assert not dev.running()
    assert not (dev.folder / "env").exists()


@pytest.mark.parametrize("command", ["up", "test", "demo", "down", "status", "logs", "psql", "bench", "docs"])
def test_every_command_has_help(dev: Dev, command: str) -> None:
    done = dev.run(command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert command in done.stdout


@pytest.mark.parametrize("arguments", [["nonsense"], [], ["up", "--nonsense"], ["demo"], ["test", "nonsense"]])
def test_wrong_usage_is_exit_2(dev: Dev, arguments: list[str]) -> None:
    done = dev.run(*arguments)
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["demo", "/nonexistent"], ["demo", str(ROOT / "dev")], ["psql"], ["logs", "no"]])
def test_without_a_stack_it_says_what_to_do(dev: Dev, arguments: list[str]) -> None:
    done = dev.run(*arguments)
    assert done.returncode == 1, done
    assert done.stderr.startswith("dev: ")
    assert "Traceback" not in done.stderr


def test_a_stack_stays_with_its_store(dev: Dev) -> None:
    """The option is needed once; what is in one store is not looked for in another."""
    up = dev.run("up", "--detach", "--store", STORE.name, **{VARIABLE: ""})
    assert up.returncode == 0, up
    assert dev.run("status", **{VARIABLE: ""}).returncode == 0
    for other in STORES.keys() - {STORE.name}:
        refused = dev.run("up", "--detach", "--store", other)
        assert refused.returncode == 1, refused
        assert f"are in {STORE.name}, not in {other}" in refused.stderr
        assert "./dev down --wipe" in refused.stderr
    assert dev.run("down", **{VARIABLE: ""}).returncode == 0
    assert dev.run("up", "--detach", **{VARIABLE: ""}).returncode == 0
    assert STORE.name in dev.running()


def test_unknown_store(dev: Dev) -> None:
    assert dev.run("up", "--store", "nonsense").returncode == 2
    done = dev.run("up", **{VARIABLE: "nonsense"})
    assert (done.returncode, "no such store: nonsense (there are: minio versitygw)" in done.stderr) == (1, True), done


def test_a_suite_without_its_store_says_so_once(dev: Dev) -> None:
    done = dev.run("test", "integration", **{STORE.variable: "/nonexistent"})
    assert done.returncode == 1, done
    assert (
        done.stdout.count(f"{STORE.variable}=/nonexistent is not a program") == 2
    )  # where it happened, and in the table
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments", [["faults", "--store", STORE.name], ["unit", "integration", "--store", STORE.name]]
)
def test_suites_that_stay_with_their_store(dev: Dev, arguments: list[str]) -> None:
    done = dev.run("test", *arguments)
    assert (done.returncode, "--store is for integration and browser" in done.stdout) == (2, True), done


@pytest.mark.parametrize("name", STORES)
def test_without_the_store_the_error_names_the_ways_to_get_it(dev: Dev, tmp_path: Path, name: str) -> None:
    binary = STORES[name].binary
    code = (
        "import sys, devstack.go_program as g, devstack.errors as e, devstack.stores as s\n"
        "g.shutil.which = lambda *a, **k: None\n"
        "try: s.STORES[sys.argv[1]].binary.find()\n"
        "except e.DevError as problem: print(problem)\n"
    )
    environment = dev.environment | {"PYTHONPATH": str(ROOT / "tests"), "SLUICE_DEV_CACHE": str(tmp_path)}
    environment.pop(binary.variable, None)
    done = subprocess.run(["/usr/bin/python3", "-c", code, name], env=environment, capture_output=True, text=True)
    for way in (binary.variable, "PATH", f"Go {binary.go}", f"go install {binary.package}@{binary.version}", "docker"):
        assert way in done.stdout, done
