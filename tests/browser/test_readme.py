"""The README's example, run as it stands: a page of another origin uploads a file with a real browser."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from devstack.paths import ROOT
from devstack.stack import Stack

NAME = "Größe 1+2 😀.csv"
CONTENT = "größe;1\n" * 1000


def readme_script(api_url: str) -> str:
    """The script of the README, with the address of this stack in the place of the default one."""
    match = re.search(r"```js\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    assert match, "the README has no js example"
    script, replaced = re.subn(r'^const api = "[^"]+";', f'const api = "{api_url}";', match[1], flags=re.M)
    assert replaced == 1, "the README's script names no api"
    return script


def page(script: str, content_type: str) -> str:
    """Uploads one file by the README's function and POSTs the answer, or the error, to the page's own server."""
    file = f"new File([{json.dumps(CONTENT)}], {json.dumps(NAME)}, {{type: {json.dumps(content_type)}}})"
    report = 'answer => fetch("/", {method: "POST", body: JSON.stringify(answer)})'
    return f"""<!doctype html><title>test</title><script type="module">
{script}
upload({file}).catch(error => ({{error: String(error)}})).then({report});
</script>"""


@pytest.mark.parametrize("content_type", ["text/csv", ""])
def test_the_readmes_upload_ends_synced(stack: Stack, run_page: Callable[[str], Any], content_type: str) -> None:
    """Also for a file whose type the browser does not know, which is common."""
    record = run_page(page(readme_script(stack.api.url), content_type))
    assert record.get("status") == "SYNCED", record
    assert record["filename"] == NAME
    assert record["sha256"] == hashlib.sha256(CONTENT.encode()).hexdigest()
    assert record["size"] == len(CONTENT.encode())
