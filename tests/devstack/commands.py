"""What each command of ./dev does."""

import argparse
import os
import shutil
import subprocess
import time

from devstack.build import PROGRAMS, build, build_dir, preset_or
from devstack.coverage import run_coverage
from devstack.demo import demo as run_demo
from devstack.demo import read_env
from devstack.errors import DevError
from devstack.paths import ROOT, log_tail
from devstack.reference import write_reference
from devstack.service import http_ok
from devstack.stack import Stack
from devstack.stores import chosen_store
from devstack.suites import run_tests
from devstack.venv import python_with

Options = argparse.Namespace


def _where(stack: Stack) -> str:
    env = read_env(stack)
    return f"""
  API         {env["SLUICE_API_URL"]}
  processor   {env["SLUICE_METRICS_URL"]}/metrics
  S3          {env["SLUICE_S3_PUBLIC_ENDPOINT"]}  ({stack.store.binary.title}) bucket {env["SLUICE_S3_BUCKET"]}
  settings    {stack.env_path}
  logs        {stack.log_dir}

Try:
  ./dev demo README.md
  curl -s {env["SLUICE_API_URL"]}/files/presigned-upload -H 'Content-Type: application/json' \\
       -d '{{"filename":"hello.txt"}}'
"""


def up(options: Options) -> int:
    stack = Stack(store=chosen_store(options.store))
    if stack.is_up():
        print(f"Sluice is already running in {stack.folder}.\n{_where(stack)}")
        return 0
    stack.build()
    started = time.monotonic()
    print("dev: starting …", flush=True)
    stack.up()
    print(f"\nSluice is ready ({time.monotonic() - started:.1f} s).\n{_where(stack)}", flush=True)
    if options.detach:
        print("It goes on in the background; stop it with: ./dev down")
        return 0
    print("Ctrl-C stops it.", flush=True)
    return _stay(stack)


def _stay(stack: Stack) -> int:
    """The foreground: reports what dies, until Ctrl-C or until another ./dev took the stack down."""
    reported: dict[str, int] = {}
    try:
        while stack.env_path.exists():
            for name, process in stack.state.processes().items():
                if not process.alive() and reported.get(name) != process.pid:
                    reported[name] = process.pid
                    _report_death(stack, name, process.pid)
            time.sleep(0.2)
    except KeyboardInterrupt:
        print("\ndev: stopping …", flush=True)
        stack.down()
        return 0
    print("dev: the stack was stopped from elsewhere")
    return 0


def _report_death(stack: Stack, name: str, pid: int) -> None:
    if not stack.env_path.exists():
        return  # it is being taken down
    log = stack.log_dir / f"{name}.log"
    print(f"dev: {name} (pid {pid}) ended; `./dev up --detach` elsewhere starts it again. {log}:", flush=True)
    print(log_tail(log, 10), flush=True)


def test(options: Options) -> int:
    try:
        return run_tests(options.suites, options.rest, options.long, options.store)
    except LookupError as unknown:
        print(f"dev: {unknown.args[0]}")
        return 2


def demo(options: Options) -> int:
    return run_demo(Stack(), options.files)


def down(options: Options) -> int:
    stack = Stack()
    stopped = stack.down(wipe=options.wipe)
    print(f"stopped {', '.join(stopped)}" if stopped else "nothing was running")
    if options.wipe:
        print("data and logs deleted")
    return 0


def status(_options: Options) -> int:
    stack = Stack()
    conditions = {name: service.condition() for name, service in stack.services.items()}
    print(f"{'service':<12} {'state':<8} {'pid':>8}  address")
    for name, condition in conditions.items():
        process = stack.state.process(name)
        pid = str(process.pid) if process and condition != "stopped" else "-"
        address = f"127.0.0.1:{stack.services[name].port}" if condition != "stopped" else ""
        print(f"{name:<12} {condition:<8} {pid:>8}  {address}".rstrip())
    if not stack.env_path.exists():
        print("not up")
        return 1
    ready = http_ok(read_env(stack)["SLUICE_API_URL"] + "/readyz")
    print("ready" if ready else "not ready")
    return 0 if ready and set(conditions.values()) == {"running"} else 1


def logs(options: Options) -> int:
    folder = Stack().log_dir
    there = sorted(path.stem for path in folder.glob("*.log"))
    names = [options.name] if options.name else there
    if not set(names) <= set(there):
        raise DevError(f"no log of {options.name} (there are: {' '.join(there) or 'none'})")
    paths = [str(folder / f"{name}.log") for name in names]
    if not paths:
        raise DevError("there are no logs yet")
    command = ["tail", "-n", str(options.lines), *(["-F"] if options.follow else []), *paths]
    return subprocess.run(command).returncode


def psql(options: Options) -> int:
    stack = Stack()
    if not stack.postgres.alive():
        raise DevError("no stack is running here; start one with: ./dev up --detach")
    program = shutil.which("psql")
    if program is None:
        raise DevError("psql is not installed")
    os.execve(program, ["psql", *options.rest], stack.postgres.client_environment())


def bench(options: Options) -> int:
    """bench/runner takes over this process, so that Ctrl-C and SIGTERM reach it and it can stop what it started."""
    build(preset_or("release"))
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'tests'}:{ROOT / 'bench'}", "PYTHONDONTWRITEBYTECODE": "1"}
    python = str(python_with(ROOT / "bench" / "requirements.txt"))
    os.execve(python, [python, "-m", "runner", *options.names, *options.rest], environment)


def coverage(_options: Options) -> int:
    return run_coverage()


def docs(_options: Options) -> int:
    preset = preset_or("release")
    build(preset)
    for path in write_reference(build_dir(preset) / "bin" / PROGRAMS[0]):
        print(f"wrote {path.relative_to(ROOT)}")
    return 0
