"""photo: from the PUT of a 12 MP photo to the event with its variants, and where that time goes."""

import http.client
import json
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from devstack.client import SluiceClient
from devstack.errors import DevError
from runner.lab import Lab
from runner.objects import Ticket, Uploader
from runner.report import Table, number
from runner.rounds import percentile
from runner.studio import pictures
from runner.toolchain import peer_python

PHOTO = "photo-12.jpg"
WARM = 3  # these open the connections and start the decoder
WITHIN_S = 60.0
PAUSE_S = 0.2
# What the processor tells of each job is in its log.
SETTINGS = {"SLUICE_LOG_FORMAT": "json", "SLUICE_LOG_LEVEL": "debug"}

COLUMNS = ["", "p50 ms", "slowest ms", "share of the whole"]

Sample = dict[str, float]


class Follower:
    """The event stream of one medium."""

    def __init__(self, url: str, media_id: str) -> None:
        self._link = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=WITHIN_S)
        self._link.request("GET", f"/media/{media_id}/events")
        self._reply = self._link.getresponse()

    def until_final(self) -> tuple[dict[str, Any], float]:
        """The record as the last event has it, and when that came."""
        while line := self._reply.readline():
            if line.startswith(b"data: "):
                record = json.loads(line.removeprefix(b"data: "))
                if record["status"] != "pending":
                    return record, time.time()
        raise DevError("the event stream ended before the photo was ready")

    def close(self) -> None:
        self._reply.close()
        self._link.close()


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _said(lab: Lab, file_id: str, since: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The processor's lines on each variant, and on the file's end."""
    variants: list[dict[str, Any]] = []
    end: dict[str, Any] = {}

    def look() -> bool:
        variants.clear()
        with Path(lab.stack.processor.log_path).open("rb") as log:
            log.seek(since)
            lines = [json.loads(line) for line in log.read().splitlines() if file_id.encode() in line]
        variants.extend(line for line in lines if line["event"] == "variant_stored")
        end.update(next((line for line in lines if line["event"] == "file_synced"), {}))
        return bool(end)

    lab.wait_for("the processor's line on the photo", look, WITHIN_S)
    return variants, end


def _sample(lab: Lab, client: SluiceClient, album: str, body: bytes) -> Sample:
    """Milliseconds of each part; they add up to the whole, which both ends of it measured by one clock."""
    wish = {"filename": PHOTO, "content_type": "image/jpeg", "size": len(body)}
    answer = client.call("POST", f"/albums/{album}/media/upload", wish)
    ticket = Ticket(answer["object_key"], answer["upload_url"], answer["headers"])
    since = Path(lab.stack.processor.log_path).stat().st_size
    follower = Follower(client.api_url, answer["media_id"])
    started = time.time()
    Uploader().put(ticket, body, len(body))
    put = time.time()
    record, told = follower.until_final()
    follower.close()
    if record["status"] != "uploaded" or len(record["variants"]) < 1:
        raise DevError(f"the photo ended {record['status']}: {record['error']}")
    variants, end = _said(lab, answer["file_id"], since)
    ended = _seconds(end["time"])
    began = ended - end["us"] / 1e6
    claimed = _seconds(record["uploaded_at"])
    seconds = {"PUT of the photo": put - started, "the store's event": claimed - put, "claim": began - claimed}
    seconds |= {"fetch and SHA-256": end["fetch_us"] / 1e6, "verify": end["verify_us"] / 1e6}
    decoding = 0.0
    for place, line in enumerate(variants):
        what = "decode and make" if place == 0 else "make"
        seconds[f"{what} `{line['variant']}`"] = line["decoder_us"] / 1e6
        seconds[f"store `{line['variant']}`"] = line["store_us"] / 1e6
        decoding += (line["decoder_us"] + line["store_us"]) / 1e6
    steps = sum(end.get(f"{name}_us", 0) for name in ("fetch", "verify", "picture", "cache")) / 1e6
    seconds["placeholder and end of the decoder"] = end["picture_us"] / 1e6 - decoding
    seconds["cache"] = end.get("cache_us", 0) / 1e6
    seconds["commit"] = ended - began - steps
    seconds["event stream"] = told - ended
    seconds["PUT → event with variants"] = told - started
    return {name: value * 1000 for name, value in seconds.items()}


@contextmanager
def _at_work(lab: Lab) -> Iterator[None]:
    lab.stack.processor.extra_environment |= SETTINGS
    try:
        with lab.running(lab.stack.api), lab.running(lab.stack.processor):
            yield
    finally:
        for name in SETTINGS:
            lab.stack.processor.extra_environment.pop(name, None)


def run(lab: Lab) -> list[Table]:
    """One photo after the other on an idle stack."""
    body = (pictures(peer_python("pillow_variants")) / PHOTO).read_bytes()
    samples: list[Sample] = []
    with _at_work(lab):
        client = SluiceClient(lab.stack.api.url)
        album = client.call("POST", "/albums", {"title": "photos"})["album_id"]
        for turn in range(WARM + max(1, lab.options.samples // 4)):
            # JPEG may have bytes after its end: no two are the same file.
            sample = _sample(lab, client, album, body + turn.to_bytes(4, "big"))
            if turn >= WARM:
                samples.append(sample)
            time.sleep(PAUSE_S)
    whole = [sample["PUT → event with variants"] for sample in samples]
    table = Table(f"A 12 MP photo, {len(body) / 1e6:.1f} MB, on an idle stack, {len(samples)} times", COLUMNS)
    for name in samples[0]:
        values = [sample[name] for sample in samples]
        share = sum(values) / sum(whole)
        table.rows.append([name, *(number(one) for one in (percentile(values, 0.5), max(values))), f"{share:.0%}"])
    table.notes.append(
        "Variants are stored while the next one is made, so `make` is what is still to be waited for after that. "
        "What lies between the clocks of client, database and log, which count milliseconds, is exact to one; MinIO "
        "sends its event before it answers."
    )
    print(f"p50 {percentile(whole, 0.5):.0f} ms, slowest {max(whole):.0f} ms", flush=True)
    return [table]
