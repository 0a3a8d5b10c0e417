"""A private Postgres, by initdb; as root it runs as the unprivileged user that Postgres insists on."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from devstack.errors import DevError
from devstack.paths import log_tail, make_dir
from devstack.service import Service, plain_environment
from devstack.state import StackState

ROLE = "sluice"
DATABASE = "sluice"


def _binaries(version: str | None) -> Path:
    """The folder of initdb and postgres: that of the data's version, else the newest."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    folders = [path for path in folders if version in (None, path.parent.name)]
    if folders:
        return max(folders, key=lambda path: float(path.parent.name))
    on_path = shutil.which("postgres")
    if on_path and version is None:
        return Path(on_path).parent
    raise DevError(f"no Postgres {version or ''} found under /usr/lib/postgresql; ./dev up installs it with apt")


def _can_enter(path: Path, user: str) -> bool:
    """Asked of the kernel as that user, since modes alone do not tell (ACLs, mount options)."""
    test = subprocess.run(["/usr/bin/test", "-x", str(path)], user=user, group=user, extra_groups=[], cwd="/")
    return test.returncode == 0


class Postgres(Service):
    program_name = "postgres"
    stop_signal = signal.SIGINT  # "fast": SIGTERM would wait for every client to leave

    def __init__(self, state: StackState) -> None:
        super().__init__("postgres", state)
        self.user = self._unprivileged_user()
        self._log_start = 0

    @staticmethod
    def _unprivileged_user() -> str | None:
        if os.geteuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(name).pw_name
        raise DevError("Postgres refuses to run as root and there is no user postgres")

    @property
    def data_dir(self) -> Path:
        return self._folder / "data"

    @property
    def _folder(self) -> Path:
        """Holds the data, and the halves of an initdb that was killed."""
        return self._location() or super().data_dir

    def _note(self) -> Path:
        return self.state.folder / "data" / "postgres.location"

    def _location(self) -> Path | None:
        with contextlib.suppress(OSError):
            return Path(self._note().read_text(encoding="utf-8").strip())
        return None

    @property
    def password(self) -> str:
        return self.state.secret("postgres_password")

    @property
    def database_url(self) -> str:
        return f"postgresql://{ROLE}:{self.password}@127.0.0.1:{self.port}/{DATABASE}"

    def _tool(self, name: str) -> str:
        marker = self.data_dir / "PG_VERSION"
        version = marker.read_text(encoding="ascii").strip() if marker.exists() else None
        return str(_binaries(version) / name)

    @property
    def bin_dir(self) -> Path:
        """Where psql and pg_dump of the data's version are."""
        return Path(self._tool("psql")).parent

    def client_environment(self) -> dict[str, str]:
        """For psql and its kind: the password is passed where other users cannot read it."""
        return plain_environment() | {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": ROLE,
            "PGPASSWORD": self.password,
            "PGDATABASE": DATABASE,
        }

    def prepare(self) -> None:
        self._place()
        if not self.data_dir.exists():
            self._initialise()
        self._remove_stale_lock()
        self._log_start = self.log_path.stat().st_size if self.log_path.exists() else 0

    def _place(self) -> None:
        """Makes the folder, outside the checkout if Postgres's user cannot reach into it."""
        location = self._location()
        if location is not None and not location.is_dir():
            self._note().unlink()  # a cleaned /var/tmp took the data along
        parent = make_dir(self.state.folder / "data")
        if self.user is not None and self._location() is None and not _can_enter(parent, self.user):
            moved = Path(tempfile.mkdtemp(prefix="sluice-postgres-", dir="/var/tmp"))
            self._note().write_text(str(moved), encoding="utf-8")
            print(f"dev: user {self.user} cannot enter {parent}; Postgres's data is in {moved}")
        make_dir(self._folder, 0o700)
        if self.user is not None:
            shutil.chown(self._folder, self.user, self.user)

    def _initialise(self) -> None:
        """In a folder of its own that is renamed when whole: a killed ./dev may leave an initdb that still writes."""
        for left in self._folder.glob("new-*"):
            shutil.rmtree(left, ignore_errors=True)
        fresh = self._folder / f"new-{os.getpid()}"
        with tempfile.NamedTemporaryFile("w", dir=self._folder) as password:
            password.write(self.password)
            password.flush()
            if self.user is not None:
                shutil.chown(password.name, self.user, self.user)
            command = [self._tool("initdb"), "-D", str(fresh), "-U", ROLE, "-E", "UTF8", "--locale=C.UTF-8"]
            command += ["-A", "scram-sha-256", f"--pwfile={password.name}", "--no-sync", "--no-instructions"]
            with open(self.log_path, "ab") as log:
                made = subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                    env=plain_environment(), **self._identity(),
                )  # fmt: skip
        if made.returncode != 0:
            raise DevError(f"initdb failed:\n{log_tail(self.log_path)}")
        fresh.rename(self.data_dir)

    def _remove_stale_lock(self) -> None:
        """After kill -9 postmaster.pid may name a pid that something else has by now; Postgres would refuse."""
        lock = self.data_dir / "postmaster.pid"
        try:
            pid = int(lock.read_text(encoding="ascii").split()[0])
            name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            name = ""
        except (OSError, ValueError, IndexError):
            return
        if name != "postgres":
            lock.unlink(missing_ok=True)

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",  # a deep checkout would exceed the length of a socket's path
            "log_line_prefix": "%m [%p] ",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self._tool("postgres"), "-D", str(self.data_dir), *options]

    def is_ready(self) -> bool:
        check = [self._tool("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-t", "2"]
        return subprocess.run(check, env=plain_environment(), stdin=subprocess.DEVNULL).returncode == 0

    def retry_start(self) -> bool:
        """The orphans of a killed postmaster hold its shared memory for a moment."""
        if not self.log_path.exists():
            return False
        with open(self.log_path, "rb") as log:
            log.seek(self._log_start)
            text = log.read().decode(errors="replace")
        return "pre-existing shared memory block" in text or "lock file" in text

    def start(self, wait: bool = True) -> None:
        super().start(wait)
        if wait:
            self._create_database()

    def _create_database(self) -> None:
        environment = self.client_environment() | {"PGDATABASE": "postgres"}
        query = f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"
        psql = [self._tool("psql"), "-XAtqc"]

        def run(sql: str) -> str:
            done = subprocess.run([*psql, sql], env=environment, capture_output=True, text=True)
            if done.returncode != 0:
                raise DevError(f"could not create the database: {done.stderr.strip()}")
            return done.stdout.strip()

        if not run(query):
            run(f"CREATE DATABASE {DATABASE}")

    def remove_data(self) -> None:
        location = self._location()
        if location is not None:
            shutil.rmtree(location, ignore_errors=True)
