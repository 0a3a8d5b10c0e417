"""Joins docs/openapi.yaml and docs/openapi/*.yaml into one OpenAPI document.

join_openapi.py DOCS            prints it as JSON
join_openapi.py DOCS OUTPUT.c   writes it as the C file that api/openapi_asset.h declares

Only Python and PyYAML are needed. A path or component that is there twice is an error; so is a reference to nothing.
"""

import hashlib
import json
import sys
from pathlib import Path

import yaml

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
LINE = 32  # bytes of the C file's array


def main() -> None:
    """See above."""
    document = json.dumps(joined(Path(sys.argv[1])), ensure_ascii=False, separators=(",", ":"))
    if len(sys.argv) > 2:
        target = Path(sys.argv[2])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(c_file(document.encode()), encoding="ascii")
    else:
        print(document)


def joined(docs: Path) -> dict:
    """The whole document."""
    document = load(docs / "openapi.yaml")
    answers = document.pop("x-answers")
    document["paths"] = {}
    for part_path in sorted((docs / "openapi").glob("*.yaml")):
        part = load(part_path)
        add(document["paths"], part.pop("paths", {}), part_path)
        for kind, components in part.pop("components", {}).items():
            add(document["components"].setdefault(kind, {}), components, part_path)
        if part:
            fail(part_path, f"may have paths and components, not {', '.join(part)}")
    for item in document["paths"].values():
        for operation in (item[method] for method in METHODS if method in item):
            add_answers(operation, answers)
    check_references(document, document)
    return document


def load(path: Path) -> dict:
    """One file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def add(target: dict, more: dict, source: Path) -> None:
    """Adds what must not be there yet."""
    for name, value in more.items():
        if name in target:
            fail(source, f"{name} is there twice")
        target[name] = value


def add_answers(operation: dict, answers: dict) -> None:
    """Those that any route may give, in the order of their status."""
    general = dict(answers["every"])
    if operation.get("security") != []:
        general |= answers["secured"]
    operation["responses"] = dict(sorted((general | operation["responses"]).items()))


def check_references(document: dict, value: object) -> None:
    """Each $ref leads to something in this document."""
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and not leads_somewhere(document, reference):
            fail(Path("openapi"), f"{reference} leads nowhere")
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        check_references(document, child)


def leads_somewhere(document: dict, reference: str) -> bool:
    """Whether there is such a component."""
    node: object = document
    for step in reference.removeprefix("#/").split("/"):
        node = node.get(step) if isinstance(node, dict) else None
    return reference.startswith("#/") and node is not None


def fail(source: Path, problem: str) -> None:
    """Ends with a line that says why."""
    sys.exit(f"{source.name}: {problem}")


def c_file(document: bytes) -> str:
    """The bytes as an array, which compilers take whatever its length; a string may only have so many."""
    lines = (document[at : at + LINE] for at in range(0, len(document), LINE))
    array = "\n".join("    " + "".join(f"{byte}," for byte in line) for line in lines)
    tag = hashlib.sha256(document).hexdigest()[:LINE]
    return (
        '#include "api/openapi_asset.h"\n\n'
        f"static const unsigned char bytes[] = {{\n{array}\n}};\n\n"
        "const struct web_asset openapi_asset = {\n"
        f'    "openapi.json", "application/json", "\\"{tag}\\"", bytes, sizeof bytes,\n}};\n'
    )


if __name__ == "__main__":
    main()
