"""What Sluice's processor does with an object, as a small Python worker does it: event, GET, SHA-256, cache, record.

One event at a time in each process; PEER_PROCESSES of them. No leases, no retries, an event in hand is lost on a crash.
"""

import hashlib
import json
import multiprocessing
import os
import signal
import urllib.parse

import boto3
import psycopg
import redis
from botocore.config import Config

CACHE_TTL_S = 86400
UPDATE = (
    "UPDATE python_worker SET status = 'SYNCED', size = %s, sha256 = %s, synced_at = now()"
    " WHERE object_key = %s AND status = 'PENDING'"
)


def object_of(event: bytes) -> tuple[str, str]:
    """Bucket and key of a notification in MinIO's access format: [{"Event": [record], …}]."""
    s3 = json.loads(event)[0]["Event"][0]["s3"]
    return s3["bucket"]["name"], urllib.parse.unquote_plus(s3["object"]["key"])


def work() -> None:
    """Serves the list for ever."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    queue = redis.Redis.from_url(os.environ["PEER_REDIS_URL"], socket_timeout=None)
    cache = redis.Redis.from_url(os.environ["PEER_CACHE_REDIS_URL"])
    s3 = boto3.client(
        "s3",
        endpoint_url=os.environ["PEER_S3_ENDPOINT"],
        region_name=os.environ["PEER_S3_REGION"],
        aws_access_key_id=os.environ["PEER_S3_ACCESS_KEY"],
        aws_secret_access_key=os.environ["PEER_S3_SECRET_KEY"],
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    with psycopg.connect(os.environ["PEER_DATABASE_URL"], autocommit=True) as database:
        while True:
            popped = queue.blpop([os.environ["PEER_LIST"]], timeout=0)
            bucket, key = object_of(popped[1])
            content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            digest = hashlib.sha256(content)
            cache.setex(f"python_worker:{key}", CACHE_TTL_S, content)
            database.execute(UPDATE, (len(content), digest.digest(), key))


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
