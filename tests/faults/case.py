"""What a test of one fault works with."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from fault_stack import FaultStack
from ledger import Ledger
from sluice_client import Sluice, eventually
from uploads import Clients, Upload

Action = Callable[[], object]


@dataclass
class Case:
    """The stack, the clients of this test, and the comparison of what they know with what there is."""

    stack: FaultStack
    clients: Clients
    ledger: Ledger

    @property
    def api(self) -> Sluice:
        return Sluice(self.stack.api.url)

    def synced(self, upload: Upload, seconds: float = 60) -> None:
        eventually(lambda: self.ledger.status(upload) == "SYNCED", f"{upload.file_id} SYNCED", seconds)

    def all_synced(self, seconds: float = 40) -> None:
        """Every stored upload, while the fault lasts."""
        ids = [upload.file_id for upload in self.clients.uploads if upload.is_stored]
        sql = "SELECT count(*) FROM files WHERE id = ANY (%s::uuid[]) AND status = 'SYNCED'"
        eventually(lambda: self.ledger.value(sql, ids) == len(ids), f"{len(ids)} files SYNCED", seconds)

    @contextmanager
    def silent_store(self) -> Iterator[None]:
        """The bucket without subscriptions: what happens inside is reported by nobody, neither now nor later. (To take
        events off the list is no such way: how many there are, and when, is the store's affair.)"""
        s3, bucket = self.ledger.s3, self.ledger.bucket
        config = s3.get_bucket_notification_configuration(Bucket=bucket)
        config.pop("ResponseMetadata")
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
        try:
            yield
        finally:
            s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=config)

    def reported(self) -> bool:
        """Whether the event list names every upload of this case."""
        events = b"".join(self.ledger.queue.lrange("sluice:events", 0, -1))
        return all(upload.file_id.encode() in events for upload in self.clients.uploads)

    def jobs_under_way(self) -> int:
        return int(self.ledger.value("SELECT count(*) FROM processing_queue WHERE status = 'processing'"))

    def disturbed_uploads(self, count: int, disturb: Action, times: int) -> None:
        """Uploads, disturbed so many times, evenly spread over them."""
        with ThreadPoolExecutor(4) as pool:
            uploads = self.clients.start_many(pool, count)
            for number in range(1, times + 1):
                wanted = count * number // (times + 1)
                eventually(lambda n=wanted: sum(upload.done() for upload in uploads) >= n, f"{wanted} uploads", 60)
                disturb()
            for upload in uploads:
                upload.result()


@contextmanager
def repeatedly(action: Action, seconds: float) -> Iterator[list[object]]:
    """Does it again and again in the background, at this interval; yields the list of what it returned."""
    done: list[object] = []
    problems: list[BaseException] = []
    over = threading.Event()

    def repeat() -> None:
        due = time.monotonic() + seconds
        try:
            while not over.wait(max(due - time.monotonic(), 0)):
                done.append(action())
                due += seconds
        except BaseException as problem:
            problems.append(problem)

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join(60)
    assert not problems, f"the disturbance itself failed: {problems[0]!r}"
