"""docs/openapi.yaml and its parts against the routes that the program has, both ways."""

import json
import re
import subprocess
import sys
from functools import cache
from typing import Any

from devstack.build import PROGRAMS, build_dir, preset_or
from devstack.paths import ROOT
from devstack.reference import dump

# Pages for people and what belongs to them: no API. A path, or with "*" at its end all that begin so.
PAGES = ("/demo", "/demo/*", "/docs", "/docs/*", "/admin", "/admin/*")

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
BODIES = {"none": set(), "JSON": {"application/json"}, "any": {"application/json"}, "form": {"multipart/form-data"}}
SECURITY = {"none": [], "events": [{"events_key": []}, {"events_password": []}]}


@cache
def _document() -> dict[str, Any]:
    command = [sys.executable, str(ROOT / "cmake" / "join_openapi.py"), str(ROOT / "docs")]
    document: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return document


def _operations() -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): item[method]
        for path, item in _document()["paths"].items()
        for method in METHODS
        if method in item
    }


@cache
def _routes() -> dict[tuple[str, str], tuple[str, str]]:
    """Scope and body of each method and path."""
    table = dump(build_dir(preset_or("asan")) / "bin" / PROGRAMS[0], "routes")
    rows = re.findall(r"^\| (\w+) \| `([^`]+)` \| (\w+) \| (\w+) \|", table, re.M)
    assert rows, "sluice-api printed no routes"
    return {(method, path): (scope, body) for method, path, scope, body in rows if not _is_page(path)}


def _is_page(path: str) -> bool:
    return any(path == page or (page.endswith("*") and path.startswith(page[:-1])) for page in PAGES)


def test_every_route_is_described() -> None:
    missing = sorted(_routes().keys() - _operations().keys())
    assert not missing, f"not in docs/openapi/*.yaml: {missing}"


def test_every_described_route_exists() -> None:
    extra = sorted(_operations().keys() - _routes().keys())
    assert not extra, f"not in api/routes.c: {extra}"


def test_who_may_call_a_route() -> None:
    key = _document()["security"]
    for route, operation in _operations().items():
        wanted = SECURITY.get(_routes()[route][0], key)
        assert operation.get("security", key) == wanted, route


def test_which_body_a_route_takes() -> None:
    for route, operation in _operations().items():
        body = _resolved(operation.get("requestBody", {}))
        assert set(body.get("content", {})) == BODIES[_routes()[route][1]], route
        assert body.get("required", True), route


def test_every_answer_has_its_request_id() -> None:
    for route, operation in _operations().items():
        for status, answer in operation["responses"].items():
            headers = _resolved(answer).get("headers", {})
            assert "X-Request-Id" in headers, (route, status)
            assert status not in ("429", "503") or "Retry-After" in headers, (route, status)


def test_problems_are_problems() -> None:
    for route, operation in _operations().items():
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and route != ("GET", "/readyz"):
                assert set(_resolved(answer)["content"]) == {"application/problem+json"}, (route, status)


def test_operations_are_named_once_and_have_a_known_tag() -> None:
    operations = list(_operations().values())
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    known = {tag["name"] for tag in _document()["tags"]}
    assert {tag for operation in operations for tag in operation["tags"]} == known


def test_parameters_of_the_path_are_described() -> None:
    for (method, path), operation in _operations().items():
        given = [*_document()["paths"][path].get("parameters", []), *operation.get("parameters", [])]
        described = {(_resolved(parameter)["in"], _resolved(parameter)["name"]) for parameter in given}
        wanted = set(re.findall(r"{(\w+)}", path))
        assert {name for place, name in described if place == "path"} == wanted, (method, path)


def test_every_component_is_used() -> None:
    text = json.dumps(_document())
    unused = [
        f"{kind}/{name}"
        for kind, components in _document()["components"].items()
        for name in components
        if kind != "securitySchemes" and f'"#/components/{kind}/{name}"' not in text
    ]
    assert not unused, unused


def test_the_version_is_that_of_the_project() -> None:
    cmake = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    assert f"project(sluice VERSION {_document()['info']['version']} " in cmake


def _resolved(value: dict[str, Any]) -> dict[str, Any]:
    """What a reference leads to."""
    while "$ref" in value:
        node: Any = _document()
        for step in value["$ref"].removeprefix("#/").split("/"):
            node = node[step]
        value = node
    return value
