"""`sluice sweep` among media: events that were lost, variants that nobody has."""

import uuid

from ledgers import Ledgers
from media_client import make_album, settled, upload
from picture_files import jpeg, png
from sluice_client import Sluice, eventually, send

from devstack.stack import Stack


def test_sweep_adopts_what_no_event_told_of(stack: Stack, api: Sluice, ledgers: Ledgers) -> None:
    """The store lost its events: as here, where none is ever sent. To delete the record that an event has made is no
    way: the same event comes again by the store's other target, seconds later, and makes it anew."""
    key = f"albums/{make_album(api)}/media/{uuid.uuid4()}.jpg"
    ledgers.put_unreported(key, jpeg(90, 60))
    synced = "SELECT id FROM files WHERE object_key = %s AND status = 'SYNCED'"
    dry = stack.cli.run("sweep", "--dry-run", "--orphan-age", "0").stdout
    assert f"adopted   {key}" in dry
    assert not ledgers.rows(synced, key)
    done = stack.cli.run("sweep", "--orphan-age", "0").stdout
    assert f"adopted   {key}" in done
    eventually(lambda: ledgers.rows(synced, key), "adopted by the sweep")
    assert key in ledgers.keys(key)


def test_sweep_removes_variants_that_no_file_has(stack: Stack, api: Sluice, ledgers: Ledgers) -> None:
    medium = upload(api, make_album(api), jpeg(640, 400))
    generation = f"swept-{uuid.uuid4()}"
    ticket = api.post(f"/generations/{generation}/media", {"content_type": "image/png"}).json()["media"][0]
    assert send(ticket, png(300, 200)).status_code == 200
    settled(api, f"{generation}_0")
    kept = ledgers.keys(f"thumbnails/{medium['media_id']}/") | ledgers.keys(f"thumbnails/{generation}_0/")
    assert len(kept) == 8
    strays = [
        f"thumbnails/{medium['media_id']}/forgotten.webp", f"thumbnails/{uuid.uuid4()}/small.webp",
        f"thumbnails/{generation}_0/forgotten.webp", f"thumbnails/{generation}_1/small.webp", "thumbnails/what/is/this",
    ]  # fmt: skip
    for key in strays:
        ledgers.s3.put_object(Bucket=ledgers.bucket, Key=key, Body=b"x")
    done = stack.cli.run("sweep", "--orphan-age", "0").stdout
    assert [key for key in strays if f"orphan    {key}" not in done] == []
    assert ledgers.keys("thumbnails/") & set(strays) == set()
    assert kept <= ledgers.keys("thumbnails/")
