"""Programs of others that `go install` builds: found where they are, or built once and kept for every checkout."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import DevError
from devstack.paths import cache_dir, make_dir


@dataclass(frozen=True)
class GoProgram:
    """One such program."""

    title: str  # what people call it
    name: str  # of the file, on PATH and as go install makes it
    variable: str  # of the environment, may name a program to use
    package: str  # what go install builds
    version: str
    go: str  # the oldest Go that builds it
    takes: str  # how long that is

    def find(self) -> Path:
        """The binary that was named, is on PATH, was cached, or can be built; else an error that says what to do."""
        named = os.environ.get(self.variable)
        if named:
            if not os.access(named, os.X_OK):
                raise DevError(f"{self.variable}={named} is not a program")
            return Path(named).absolute()
        on_path = shutil.which(self.name)
        if on_path:
            return Path(on_path)
        cached = cache_dir() / "bin" / f"{self.name}-{self.version}"
        if not os.access(cached, os.X_OK):
            self._build(cached)
        return cached

    def _build(self, target: Path) -> None:
        """Builds beside its final place and moves it there whole: an interrupted build leaves no half binary."""
        make_dir(target.parent)
        wanted = f"{self.package}@{self.version}"
        with tempfile.TemporaryDirectory(prefix=f"{self.name}-build-", dir=target.parent) as folder:
            go = find_go()
            if go is not None:
                print(f"dev: building {self.title} once with {go} install {wanted} ({self.takes}) …", flush=True)
                built = subprocess.run([go, "install", wanted], env=os.environ | {"GOBIN": folder})
            elif _docker_works():
                print(f"dev: building {self.title} once in docker's {self._image} (some minutes) …", flush=True)
                built = subprocess.run(
                    ["docker", "run", "--rm", "-e", "GOBIN=/out", "-e", "CGO_ENABLED=0", "-v", f"{folder}:/out",
                     self._image, "go", "install", wanted]
                )  # fmt: skip
            else:
                raise DevError(self.how_to_get_it())
            binary = Path(folder) / self.name
            if built.returncode != 0 or not binary.exists():
                raise DevError(f"{self.title} could not be built (see above).\n{self.how_to_get_it()}")
            binary.chmod(0o755)
            binary.replace(target)

    @property
    def _image(self) -> str:
        return f"golang:{self.go}-bookworm"

    def how_to_get_it(self) -> str:
        return f"""{self.title} is needed and was not found. Any one of these will do:
  - set {self.variable} to a {self.name} program
  - put {self.name} on PATH
  - install Go {self.go} or newer (on PATH or in /usr/local/go; apt's golang is too old); ./dev then builds and
    caches it by: go install {self.package}@{self.version}
  - install docker and start it; ./dev then builds it in {self._image}"""


def find_go() -> str | None:
    """The go command, wherever its usual archive put it."""
    return shutil.which("go") or shutil.which("/usr/local/go/bin/go")


def _docker_works() -> bool:
    docker = shutil.which("docker")
    return docker is not None and subprocess.run([docker, "info"], capture_output=True).returncode == 0
