"""Files and functions stay small enough to be read in one go."""

import ast
from pathlib import Path

import pytest
from sources import c_files, functions, project_files, relative

FILE_LINES = 400
FUNCTION_LINES = 60
MAIN_LINES = 80


def _sources() -> list[Path]:
    return c_files() + c_files("tests") + [path for path in project_files() if path.suffix == ".py"]


def test_files_have_at_most_400_lines() -> None:
    counted = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in _sources()}
    wrong = [f"{name}: {lines} lines" for name, lines in counted.items() if lines > FILE_LINES]
    assert not wrong, "\n".join(wrong)


def test_c_functions_have_at_most_60_lines() -> None:
    wrong = []
    for path in c_files() + c_files("tests"):
        for function in functions(path):
            allowed = MAIN_LINES if function.name == "main" else FUNCTION_LINES
            if function.lines > allowed:
                wrong.append(f"{relative(path)}:{function.first}: {function.name} has {function.lines} lines")
    assert not wrong, "\n".join(wrong)


def test_python_functions_have_at_most_60_lines() -> None:
    wrong = []
    for path in project_files():
        if path.suffix != ".py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    wrong.append(f"{relative(path)}:{node.lineno}: {node.name} has {lines} lines")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int f(void) {\n  return 1;\n}\n", [("f", 3)]),
        ("static const struct a b[] = {\n  {1},\n};\nstruct c {\n  int d;\n};\n", []),
        ("bool g(int a,\n       char *b) {\n  if (a) {\n  }\n  puts(\"}{\");\n  /* } */\n  return b;\n}\n", [("g", 7)]),
        ("#define M(x) do { \\\n  x; \\\n} while (0)\nvoid h(void) {\n}\n", [("h", 2)]),
        ("enum e { A, B };\nvoid (*handler(int a))(int) {\n  char c = '{';\n}\n", [("handler", 3)]),
    ],
)  # fmt: skip
def test_the_function_counter_itself(tmp_path: Path, text: str, expected: list[tuple[str, int]]) -> None:
    path = tmp_path / "case.c"
    path.write_text(text, encoding="utf-8")
    found = [(function.name, function.lines) for function in functions(path)]
    assert [lines for _, lines in found] == [lines for _, lines in expected]
