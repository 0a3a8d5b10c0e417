"""The documentation's examples, as a reader would run them, against the real stack: see doc_examples.py."""

import os
import random
import shutil
from pathlib import Path

import pytest
from doc_examples import examples, run_examples
from ledgers import make_key
from picture_files import jpeg

from devstack.paths import ROOT
from devstack.service import plain_environment
from devstack.stack import Stack

DOCUMENTS = [path for path in sorted((ROOT / "docs").glob("*.md")) if examples(path)]


def test_each_front_door_has_examples() -> None:
    text = "".join(example.text for path in DOCUMENTS for example in examples(path))
    for door in ("/files/presigned-upload", "/media/upload", "/api/v1/assets", "/s3/multipart"):
        languages = {example.language for path in DOCUMENTS for example in examples(path) if door in example.text}
        assert languages == {"sh", "js"}, f"{door}: {languages}"
    assert text


@pytest.fixture
def desk(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A folder with the files that the examples speak of, unlike those of any other run."""
    number = random.Random(request.node.name)
    (tmp_path / "report.csv").write_text("day,sales\n" + f"1,{number.random()}\n" * 3, encoding="utf-8")
    (tmp_path / "photo.jpg").write_bytes(jpeg(1600, 1200) + number.randbytes(16))
    (tmp_path / "film.mov").write_bytes(b"\0\0\0\x14ftypqt  " + os.urandom(11 << 20))
    return tmp_path


@pytest.mark.timeout(300)
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_examples(stack: Stack, desk: Path, document: Path) -> None:
    for tool in ("curl", "jq", "node"):
        assert shutil.which(tool), f"{tool} is not installed; ./dev test installs it"
    key = make_key(stack, "reader", "upload,read,admin")
    # A key is sent as a reader would; the open stack answers without looking at it.
    settings = {"API": stack.api.url, "SLUICE_API_URL": stack.api.url, "SLUICE_API_KEY": key}
    settings |= {"AUTH": f"Authorization: Bearer {key}", "PATH": f"{stack.api.program.parent}:{os.environ['PATH']}"}
    run_examples(document, desk, plain_environment() | stack.program_settings() | settings)
