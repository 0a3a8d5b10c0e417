"""C code: formatting, forbidden calls, a test beside each source."""

import re
import shutil
import subprocess
from pathlib import Path

from sources import LAYERS, c_files, code_of, relative

from devstack.paths import ROOT

FORBIDDEN = re.compile(
    r"\b(goto)\b|\b(setjmp|longjmp|strcpy|stpcpy|strcat|sprintf|vsprintf|gets|system|popen|strtok|atoi|atol|atoll|atof)\s*\("
)

# Sources without a unit test of their own, and why. Everything else has tests/unit/<layer>/test_<source>.c.
NO_UNIT_TEST = {
    "api/main.c": "starts the program; every integration test runs it",
    "processor/main.c": "starts the program; every integration test runs it",
    "cli/main.c": "starts the program; every integration test runs it",
    "decoder/main.c": "starts the program; test_decoder.c of processor/ runs it",
    "decoder/provoke.c": "misbehaves for tests only; test_decoder.c of processor/ provokes each",
}
NO_UNIT_TEST |= {
    f"decoder/vips_{name}.c": "what libvips makes is held against Pillow in tests/integration/test_pictures.py"
    for name in ("open", "picture", "render")
}
_COMMANDS = ("get", "key", "migrate", "owner", "setup", "stats", "upload")
_WHY = "connects and calls other modules; tests/integration/test_cli.py and every stack run it"
NO_UNIT_TEST |= {f"cli/command_{name}.c": _WHY for name in _COMMANDS}
NO_UNIT_TEST["cli/command_tags.c"] = "connects and calls common/tag_store.c; tests/integration/test_tags.py runs it"


def clang_format() -> str:
    program = shutil.which("clang-format-14")
    assert program, "clang-format-14 is not installed; ./dev test installs it"
    return program


def test_c_is_formatted() -> None:
    files = [str(path) for path in c_files() + c_files("tests", "bench")]
    done = subprocess.run([clang_format(), "--dry-run", "-Werror", *files], cwd=ROOT, capture_output=True, text=True)
    wrong = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error: code should", done.stderr, re.M)))
    names = "\n".join(relative(Path(name)) for name in wrong)
    assert done.returncode == 0, f"run clang-format-14 -i on:\n{names or done.stderr}"


def test_no_forbidden_calls() -> None:
    wrong = []
    for path in c_files() + c_files("tests"):
        for number, line in enumerate(code_of(path).splitlines(), 1):
            match = FORBIDDEN.search(line)
            if match:
                wrong.append(f"{relative(path)}:{number}: {match.group().rstrip('( ')}")
    assert not wrong, "\n".join(wrong)


def test_headers_have_a_guard_named_after_their_path() -> None:
    wrong = []
    for path in c_files():
        guard = "SLUICE_" + re.sub(r"[/.]", "_", relative(path)).upper()
        if path.suffix == ".h" and f"#ifndef {guard}\n" not in path.read_text(encoding="utf-8"):
            wrong.append(f"{relative(path)}: guard should be {guard}")
    assert not wrong, "\n".join(wrong)


def test_every_source_has_its_unit_test() -> None:
    sources = [relative(path) for path in c_files() if path.suffix == ".c"]
    wrong = []
    for source in sources:
        layer, _, name = source.partition("/")
        has_test = (ROOT / "tests" / "unit" / layer / f"test_{name}").exists()
        if has_test == (source in NO_UNIT_TEST):
            wrong.append(f"{source}: {'is excused but has a test' if has_test else 'has no unit test'}")
    wrong += [f"{source}: is excused but does not exist" for source in NO_UNIT_TEST if source not in sources]
    assert not wrong, "\n".join(wrong)


def test_every_unit_test_has_its_source() -> None:
    wrong = []
    for layer in LAYERS:
        for path in sorted((ROOT / "tests" / "unit" / layer).glob("test_*.c")):
            source = ROOT / layer / path.name.removeprefix("test_")
            if not source.exists() and not source.with_suffix(".h").exists():
                wrong.append(f"{relative(path)}: there is no {relative(source)}")
    assert not wrong, "\n".join(wrong)
