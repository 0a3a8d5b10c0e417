"""What the tests of clients found out, as the table that docs/clients.md shows."""

import json
from pathlib import Path

from devstack.paths import ROOT, dev_dir, make_dir

DOCS = ROOT / "docs" / "clients.md"
BEGIN = "<!-- recorded by tests/browser/test_clients.py -->"
END = "<!-- end -->"

CLIENTS = {
    "uppy5": "`@uppy/aws-s3` 5.1.0, `endpoint`",
    "uppy60": "`@uppy/aws-s3` 6.0.0, `companionEndpoint`",
    "uppy6": "`@uppy/aws-s3` 6.3.1, `companionEndpoint`",
    "sign61": "`@uppy/aws-s3` 6.1.0, `signRequest`",
    "sign6": "`@uppy/aws-s3` 6.3.1, `signRequest`",
    "shrine": "Shrine's presign with `@uppy/aws-s3` 5.1.0",
    "activestorage": "`@rails/activestorage` 8.1.301",
}
OPERATIONS = ["small file", "200 MiB", "pause, resume", "abort", "expired URL"]


class ClientTable:
    """Collects what worked; a test that fails records nothing."""

    def __init__(self) -> None:
        self.found: dict[tuple[str, str], set[str]] = {}

    def record(self, client: str, operation: str, through: str) -> None:
        """`through`: "direct", or "token" for the same below /c/{token}."""
        self.found.setdefault((CLIENTS[client], operation), set()).add(through)

    def _cell(self, client: str, operation: str) -> str:
        through = self.found.get((client, operation), set())
        if through == {"direct", "token"}:
            return "yes, and by token"
        return {frozenset({"direct"}): "yes", frozenset({"token"}): "by token"}.get(frozenset(through), "–")

    def markdown(self) -> str:
        """The whole table."""
        lines = ["| client | " + " | ".join(OPERATIONS) + " |", "| --- " * (len(OPERATIONS) + 1) + "|"]
        for client in CLIENTS.values():
            lines.append(f"| {client} | " + " | ".join(self._cell(client, name) for name in OPERATIONS) + " |")
        return "\n".join(lines)

    def write(self) -> None:
        """Where people find it after a run; a run of nothing leaves the last one."""
        if not self.found:
            return
        folder = make_dir(dev_dir() / "results")
        (folder / "clients.md").write_text(self.markdown() + "\n", encoding="utf-8")
        plain = [[*key, sorted(through)] for key, through in sorted(self.found.items())]
        (folder / "clients.json").write_text(json.dumps(plain, indent=1), encoding="utf-8")


def table_in_docs(path: Path = DOCS) -> str:
    """What docs/clients.md shows now."""
    text = path.read_text(encoding="utf-8")
    return text.partition(BEGIN)[2].partition(END)[0].strip()
