"""A whole stack: services, settings, order of start and stop. ./dev and every test use this one."""

import os
import shutil
import urllib.parse
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path

from devstack.build import build, preset_or, sanitizer_environment
from devstack.daemons import Api, Cli, Processor
from devstack.errors import DevError
from devstack.paths import dev_dir, make_dir, write_private
from devstack.postgres import Postgres
from devstack.redis_server import CacheRedis, QueueRedis
from devstack.service import Service
from devstack.state import StackState
from devstack.store import BUCKET, REGION, Receivers, Store
from devstack.stores import DEFAULT, STORES, chosen_store, store_kind

# Variables of ./dev itself, or made by it: no program may be given them, since it refuses settings it does not know.
TOOL_VARIABLES = ("SLUICE_DEV_", "SLUICE_BUILD_PRESET", "SLUICE_SIGV4_SUITE", "SLUICE_PID_")
TOOL_VARIABLES += tuple(kind.binary.variable for kind in STORES.values())
TOOL_VARIABLES += ("SLUICE_API_URL", "SLUICE_METRICS_URL", "SLUICE_API_KEY")

# A setting that names a service of the caller's own: ours is then not started.
REPLACES = {
    "SLUICE_DATABASE_URL": "postgres",
    "SLUICE_REDIS_URL": "redis",
    "SLUICE_CACHE_REDIS_URL": "cache",
    "SLUICE_S3_ENDPOINT": "store",
}

ENV_SETTINGS = (
    "SLUICE_DATABASE_URL SLUICE_REDIS_URL SLUICE_CACHE_REDIS_URL SLUICE_S3_ENDPOINT SLUICE_S3_PUBLIC_ENDPOINT "
    "SLUICE_S3_REGION SLUICE_S3_BUCKET SLUICE_S3_ACCESS_KEY SLUICE_S3_SECRET_KEY SLUICE_AUTH SLUICE_EVENTS_KEY"
).split()
ENV_PIDS = ("api", "processor", "postgres", "redis", "store")


def caller_settings() -> dict[str, str]:
    """The SLUICE_* settings of the environment, which win over the stack's own."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith("SLUICE_") and not name.startswith(TOOL_VARIABLES)
    }


Task = tuple[Callable[[], object], tuple[str, ...]]  # and what it waits for


class Stack:
    """The services of one stack folder. Nothing is started by making one."""

    def __init__(
        self,
        folder: Path | None = None,
        preset: str | None = None,
        overrides: dict[str, str] | None = None,
        store: str | None = None,
    ) -> None:
        """`store` names its kind; without it, that of the stack's data, else what the environment asks for."""
        self.folder = folder or dev_dir()
        self.preset = preset or preset_or("release")
        self.overrides = caller_settings() if overrides is None else dict(overrides)
        self.state = StackState(self.folder)
        self.postgres = Postgres(self.state)
        self.redis = QueueRedis("redis", self.state)
        self.cache = CacheRedis("cache", self.state)
        kind = store_kind(store or self.state.store or chosen_store() or DEFAULT)
        self.store: Store = kind(self.state, Receivers(self._redis_address, self._events_url))
        self._make_programs()

    def _make_programs(self) -> None:
        bin_dir = Path(__file__).resolve().parents[2] / "build" / self.preset / "bin"
        self.cli = Cli(bin_dir / "sluice", make_dir(self.folder / "log") / "setup.log", self._cli_settings)
        self.api = Api("api", bin_dir / "sluice-api", self.state, self.program_settings)
        self.processor = Processor("processor", bin_dir / "sluice-processor", self.state, self.program_settings)
        sanitizers = sanitizer_environment(self.preset, self.log_dir)
        for service in self.services.values():
            service.on_change = self.refresh_env
        self.api.extra_environment |= sanitizers
        self.processor.extra_environment |= sanitizers

    def _redis_address(self) -> str:
        url = self.overrides.get("SLUICE_REDIS_URL", self.redis.redis_url)
        return url.removeprefix("redis://").partition("/")[0]

    def _events_url(self) -> str:
        key = urllib.parse.quote(self.program_settings()["SLUICE_EVENTS_KEY"], safe="")
        return f"{self.api.url.replace('://', f'://events:{key}@', 1)}/events/s3"

    @property
    def log_dir(self) -> Path:
        return self.folder / "log"

    @property
    def env_path(self) -> Path:
        return self.folder / "env"

    @property
    def services(self) -> dict[str, Service]:
        """Those that this stack runs, dependencies first; a service of the caller's own is left out."""
        return {name: service for name, service in self._every_service().items() if name not in self._replaced()}

    def _replaced(self) -> set[str]:
        names = {name for setting, name in REPLACES.items() if setting in self.overrides}
        return {self.store.name if name == "store" else name for name in names}

    def _every_service(self) -> dict[str, Service]:
        every: list[Service] = [self.postgres, self.redis, self.cache, self.store, self.api, self.processor]
        return {service.name: service for service in every}

    def program_settings(self) -> dict[str, str]:
        """What the daemons and the CLI are configured with."""
        endpoint = self.overrides.get("SLUICE_S3_ENDPOINT", self.store.url)
        settings = {
            "SLUICE_DATABASE_URL": self.postgres.database_url,
            "SLUICE_REDIS_URL": self.redis.redis_url,
            "SLUICE_CACHE_REDIS_URL": self.cache.redis_url,
            "SLUICE_S3_ENDPOINT": endpoint,
            "SLUICE_S3_PUBLIC_ENDPOINT": endpoint,
            "SLUICE_S3_REGION": REGION,
            "SLUICE_S3_BUCKET": BUCKET,
            "SLUICE_S3_ACCESS_KEY": self.store.access_key,
            "SLUICE_S3_SECRET_KEY": self.store.secret_key,
            "SLUICE_S3_NOTIFY_ARNS": ",".join(self.store.notify_arns),
            "SLUICE_AUTH": "none",
            "SLUICE_EVENTS_KEY": self.state.secret("events_key"),
            "SLUICE_CORS_ORIGINS": "*",
        }
        return settings | self.store.settings | self.overrides

    def _cli_settings(self) -> dict[str, str]:
        return {"SLUICE_API_URL": self.api.url} | self.program_settings()

    def add_processor(self, number: int) -> Processor:
        """A further processor beside the first, for tests of several hosts; the test starts and stops it."""
        extra = Processor(f"processor-{number}", self.processor.program, self.state, self.program_settings)
        extra.extra_environment |= self.processor.extra_environment
        return extra

    def add_api(self, number: int, **settings: str) -> Api:
        """A further API beside the first, with settings of its own; the test starts and stops it."""
        extra = Api(f"api-{number}", self.api.program, self.state, lambda: self.program_settings() | settings)
        extra.extra_environment |= self.api.extra_environment
        return extra

    def require_own_store(self) -> None:
        """Records and objects belong together: a stack stays with the store that it was first started on."""
        if self.state.store not in ("", self.store.name):
            raise DevError(
                f"the files of the stack in {self.folder} are in {self.state.store}, not in {self.store.name}; "
                f"delete them with ./dev down --wipe, or set SLUICE_DEV_DIR to another folder"
            )

    def build(self) -> None:
        self.require_own_store()
        if self.store.name in self.services:
            self.store.binary_ready()  # first: when there is no way to get it, that is said at once
        build(self.preset)

    def is_up(self) -> bool:
        """Complete: ready once, and nothing of it has died since."""
        return self.env_path.exists() and all(service.alive() for service in self.services.values())

    def up(self) -> None:
        """Starts whatever does not run. What a killed ./dev left half started is ended first."""
        with self.state.exclusive():
            self.require_own_store()
            if not self.env_path.exists():
                self._stop_all()
                self.state.drop_taken_ports()
                self._fresh_logs()
            self.state.record_store(self.store.name)
            try:
                self._start_all()
            except BaseException:
                self._stop_all()
                raise
            self._write_env()

    def _fresh_logs(self) -> None:
        for path in make_dir(self.log_dir).iterdir():
            path.unlink()

    def _start_all(self) -> None:
        """Independent services at the same time. The store comes after what it reports to: MinIO drops a target that it
        cannot reach, versitygw does not start without."""
        api = (self.api.start_listening, ("migrate", "redis", "cache"))
        store: dict[str, Task] = {
            self.store.name: (self.store.start, (self.store.reports_to,)),
            "setup": (lambda: self.cli.run("setup"), ("migrate", "cache", self.store.name)),
        }
        tasks: dict[str, Task] = {
            "postgres": (self.postgres.start, ()),
            "redis": (self.redis.start, ()),
            "cache": (self.cache.start, ()),
            "migrate": (lambda: self.cli.run("migrate"), ("postgres",)),
            **({"api": api} | store if self.store.reports_to == "api" else store),
            "ready": (self.api.start, ("setup", "api")),
            "processor": (self.processor.start, ("setup",)),
        }
        self._run_in_order({name: task for name, task in tasks.items() if name not in self._replaced()})

    def _run_in_order(self, tasks: dict[str, Task]) -> None:
        """Runs each task once those before it that it names are done; a failure, or Ctrl-C, makes the rest give up."""
        futures: dict[str, Future[None]] = {}

        def run(action: Callable[[], object], after: list[Future[None]]) -> None:
            for future in after:
                future.result()
            action()

        self.state.abandoned.clear()
        with ThreadPoolExecutor(max_workers=len(tasks)) as pool:
            for name, (action, after) in tasks.items():
                futures[name] = pool.submit(run, action, [futures[other] for other in after if other in futures])
            try:
                done, _ = wait(futures.values(), return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
            except BaseException:
                self.state.abandoned.set()
                raise

    def down(self, wipe: bool = False) -> list[str]:
        """Stops what runs, and says what that was."""
        with self.state.exclusive():
            running = [name for name, process in self.state.processes().items() if process.alive()]
            self._stop_all()
            if wipe:
                self._wipe()
            return running

    def _wipe(self) -> None:
        self.postgres.remove_data()
        for name in ("data", "log"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        self.state.path.unlink(missing_ok=True)

    def _stop_all(self) -> None:
        """Programs first so that they can drain, then the store, then what it reports to."""
        self.env_path.unlink(missing_ok=True)
        known = {name: _Left(name, self.state) for name in self.state.processes()} | self._every_service()
        order = [self.store.name, "redis", "cache", "postgres"]
        problems: list[str] = []
        first = [name for name in known if name not in order]
        with ThreadPoolExecutor(max_workers=8) as pool:
            for group in (first, order[:1], order[1:]):
                stops = [pool.submit(known[name].stop) for name in group if name in known]
                problems += [str(stop.exception()) for stop in stops if stop.exception()]
        for service in self._every_service().values():
            service.stop_strays()
        if problems:
            raise DevError("\n".join(problems))

    def refresh_env(self) -> None:
        """After a service was started again its pid is another one."""
        if self.env_path.exists():
            self._write_env()

    def env(self) -> dict[str, str]:
        """The content of the env file: what anything outside needs to use this stack."""
        settings = self.program_settings()
        values = {"SLUICE_API_URL": self.api.url}
        values |= {name: settings[name] for name in ENV_SETTINGS}
        values["SLUICE_METRICS_URL"] = self.processor.url
        for name in (self.store.name if name == "store" else name for name in ENV_PIDS):
            process = self.state.process(name)
            values[f"SLUICE_PID_{name.upper()}"] = str(process.pid) if process else ""
        return values

    def _write_env(self) -> None:
        write_private(self.env_path, "".join(f"{name}={value}\n" for name, value in self.env().items()))


class _Left(Service):
    """A process that an earlier, differently configured run left: it can only be stopped."""

    def command(self) -> list[str]:
        raise DevError(f"{self.name} is not part of this stack")

    def is_ready(self) -> bool:
        return False
