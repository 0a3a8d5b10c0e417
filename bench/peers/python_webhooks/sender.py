"""What Sluice's webhook sender does, as a small Python worker does it: outbox, signature, POST, record of the delivery.

One event at a time in each process; PEER_PROCESSES of them. No order of a file's events, no retries in time, no check
of the receiver's address.
"""

import json
import multiprocessing
import os
import signal
import time
from datetime import UTC, datetime

import psycopg
import requests
from standardwebhooks.webhooks import Webhook

POLL_S = 0.05
TIMEOUT_S = 15
CLAIM = (
    "SELECT id, topic, data FROM python_webhooks WHERE delivered_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
)
DONE = "UPDATE python_webhooks SET delivered_at = now(), http_status = %s WHERE id = %s"


def send_one(database: psycopg.Connection, http: requests.Session, webhook: Webhook) -> bool:
    """Whether there was one. The row stays locked until the receiver has answered."""
    with database.transaction():
        row = database.execute(CLAIM).fetchone()
        if row is None:
            return False
        number, topic, data = row
        now = datetime.now(UTC)
        body = json.dumps({"type": topic, "timestamp": now.isoformat(), "data": data})
        headers = {
            "content-type": "application/json",
            "webhook-id": f"evt_{number}",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": webhook.sign(f"evt_{number}", now, body),
        }
        answer = http.post(os.environ["PEER_RECEIVER"], data=body.encode(), headers=headers, timeout=TIMEOUT_S)
        answer.raise_for_status()
        database.execute(DONE, (answer.status_code, number))
    return True


def work() -> None:
    """Serves the outbox for ever."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    webhook = Webhook(os.environ["PEER_WEBHOOK_SECRET"])
    with psycopg.connect(os.environ["PEER_DATABASE_URL"], autocommit=True) as database, requests.Session() as http:
        while True:
            if not send_one(database, http, webhook):
                time.sleep(POLL_S)


def main() -> None:
    """Starts the processes and ends them with itself."""
    workers = [multiprocessing.Process(target=work, daemon=True) for _ in range(int(os.environ["PEER_PROCESSES"]))]
    for worker in workers:
        worker.start()
    signal.signal(signal.SIGTERM, lambda *_: exit(0))
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    main()
