#!/usr/bin/env python3
"""Makes the SigV4 vectors of the unit tests with botocore, which knows nothing of Sluice, and a frozen clock.

Run it after a change here, and commit what it writes; with --check it only tells whether the committed files are what
it would write. The random cases have a fixed seed.

presign.json  URLs and forms as botocore's own client hands them out, and what was asked of it
sigv4.json    requests with odd keys, queries and headers, signed by botocore in header and in query form
"""

import argparse
import base64
import datetime
import json
import pathlib
import random
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import botocore.auth
import botocore.session
import botocore.signers
from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import Credentials

Pairs = list[tuple[str, str]]

FOLDER = pathlib.Path(__file__).parent
NOW = datetime.datetime(2026, 11, 20, 12, 34, 56, tzinfo=datetime.UTC)
ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "AQoDYXdzEPT//////////wEXAMPLE+token=="
CASES = 240
SHA256 = base64.b64encode(bytes(range(32))).decode()

botocore.auth.get_current_datetime = lambda: NOW.replace(tzinfo=None)
botocore.signers.get_current_datetime = lambda: NOW.replace(tzinfo=None)

STORES = {
    "path": {"endpoint": "http://localhost:9000", "path_style": True, "region": "us-east-1", "token": None},
    "virtual": {"endpoint": "https://s3.example.com", "path_style": False, "region": "eu-central-1", "token": None},
    "prefix": {
        "endpoint": "https://store.example.com:8443/s3",
        "path_style": True,
        "region": "us-west-2",
        "token": None,
    },
    "port": {"endpoint": "https://store.example.com:443", "path_style": True, "region": "auto", "token": None},
    "token": {"endpoint": "https://s3.example.com", "path_style": True, "region": "us-east-1", "token": TOKEN},
}

KEYS = [
    "files/0190/plain.csv",
    "files/0190/Größe 1+2 😀.csv",
    "a b/c+d/e%20f/%2e%2e/g",
    "quotes'\"and<>&=?#;:@,$!*()[]{}|\\^`~.txt",
    "/leading//double/../dots/./trailing/",
    "日本語/ファイル名.png",
    "\u202eevil\u202c.txt",
    "tab\tand\nnewline",
    "é vs e\u0301",
    "x" * 300,
]


def encode(text: str) -> str:
    return quote(text, safe="-_.~")


def canonical_url(url: str) -> str:
    """The same URL with its parameters in canonical order and the signature last, as Sluice writes them."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    signature = [f"X-Amz-Signature={value}" for name, value in pairs if name == "X-Amz-Signature"]
    others = sorted((encode(name), encode(value)) for name, value in pairs if name != "X-Amz-Signature")
    query = "&".join([f"{name}={value}" for name, value in others] + signature)
    netloc = parts.netloc.removesuffix(":443") if parts.scheme == "https" else parts.netloc
    return f"{parts.scheme}://{netloc}{parts.path}?{query}"


def client_of(store: dict[str, Any]) -> BaseClient:
    config = Config(
        signature_version="s3v4",
        region_name=store["region"],
        request_checksum_calculation="when_required",
        s3={"addressing_style": "path" if store["path_style"] else "virtual"},
    )
    return botocore.session.get_session().create_client(
        "s3",
        endpoint_url=store["endpoint"],
        config=config,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        aws_session_token=store["token"],
    )


def get_cases(client: BaseClient, store: str, keys: list[str]) -> Iterator[dict[str, Any]]:
    for key in keys:
        url = client.generate_presigned_url("get_object", Params={"Bucket": "uploads", "Key": key}, ExpiresIn=900)
        yield {"kind": "get", "store": store, "key": key, "expires_s": 900, "url": canonical_url(url)}
    wanted = {
        "response_content_disposition": "attachment; filename=\"a b.csv\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.csv",
        "response_content_type": "text/csv; charset=utf-8",
        "response_cache_control": "private, max-age=60",
        "version_id": "3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY",
    }
    names = {
        "response_content_disposition": "ResponseContentDisposition",
        "response_content_type": "ResponseContentType",
        "response_cache_control": "ResponseCacheControl",
        "version_id": "VersionId",
    }
    for chosen in (list(wanted)[:1], list(wanted)):
        params = {"Bucket": "uploads", "Key": KEYS[1]} | {names[name]: wanted[name] for name in chosen}
        url = client.generate_presigned_url("get_object", Params=params, ExpiresIn=60)
        case = {"kind": "get", "store": store, "key": KEYS[1], "expires_s": 60, "url": canonical_url(url)}
        yield case | {name: wanted[name] for name in chosen}


def put_cases(client: BaseClient, store: str, keys: list[str]) -> Iterator[dict[str, Any]]:
    metadata = {"file-id": "0190a1b2", "note": "two  blanks"}
    variants = [
        {},
        {"content_type": "text/csv"},
        {"content_type": "text/csv; charset=utf-8", "size": 100, "if_none_match": True},
        {"content_type": "image/jpeg", "size": 0, "sha256": SHA256, "if_none_match": True},
        {"content_type": "image/jpeg", "size": 5368709120, "sha256": SHA256, "metadata": metadata},
    ]
    for key in keys:
        for variant in variants:
            params = {"Bucket": "uploads", "Key": key}
            if "content_type" in variant:
                params["ContentType"] = variant["content_type"]
            if "size" in variant:
                params["ContentLength"] = variant["size"]
            if "if_none_match" in variant:
                params["IfNoneMatch"] = "*"
            if "sha256" in variant:
                params["ChecksumSHA256"] = variant["sha256"]
            if "metadata" in variant:
                params["Metadata"] = variant["metadata"]
            url = client.generate_presigned_url("put_object", Params=params, ExpiresIn=900)
            case = {"kind": "put", "store": store, "key": key, "expires_s": 900, "url": canonical_url(url)}
            yield case | variant


def part_cases(client: BaseClient, store: str, keys: list[str]) -> Iterator[dict[str, Any]]:
    for key in keys[:5]:
        for number, variant in ((1, {}), (10000, {"size": 5242880}), (7, {"sha256": SHA256})):
            upload_id = "VXBsb2FkIElE/IGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA+=="
            params = {"Bucket": "uploads", "Key": key, "UploadId": upload_id, "PartNumber": number}
            if "size" in variant:
                params["ContentLength"] = variant["size"]
            if "sha256" in variant:
                params["ChecksumSHA256"] = variant["sha256"]
            url = client.generate_presigned_url("upload_part", Params=params, ExpiresIn=3600)
            case = {"kind": "part", "store": store, "key": key, "expires_s": 3600, "url": canonical_url(url)}
            yield case | {"upload_id": upload_id, "part_number": number} | variant


def post_cases(client: BaseClient, store: str, keys: list[str]) -> Iterator[dict[str, Any]]:
    metadata = {"x-amz-meta-file-id": '0190 "quoted" \\ ü 😀'}
    variants = [
        {"content_type": "text/csv", "size": 100, "success_status": 204},
        {"content_type": "image/png", "minimum_size": 1, "maximum_size": 5368709120, "success_status": 201},
        {"minimum_size": 0, "maximum_size": 10, "success_status": 204, "sha256": SHA256, "metadata": metadata},
    ]
    for key in keys:
        for variant in variants:
            fields = {}
            conditions = []
            if "content_type" in variant:
                fields["Content-Type"] = variant["content_type"]
            fields["success_action_status"] = str(variant["success_status"])
            if "sha256" in variant:
                fields["x-amz-checksum-sha256"] = variant["sha256"]
            fields |= variant.get("metadata", {})
            conditions += [{name: value} for name, value in fields.items()]
            if "content_type" not in variant:
                conditions.append(["starts-with", "$Content-Type", ""])
            size = variant.get("size")
            limits = [size, size] if size is not None else [variant["minimum_size"], variant["maximum_size"]]
            conditions.append(["content-length-range", *limits])
            post = client.generate_presigned_post("uploads", key, Fields=fields, Conditions=conditions, ExpiresIn=900)
            url = post["url"].replace(":443/", "/")
            case = {"kind": "post", "store": store, "key": key, "expires_s": 900, "url": url}
            yield case | variant | {"fields": post["fields"]}


def presign_cases() -> Iterator[dict[str, Any]]:
    for name, store in STORES.items():
        client = client_of(store)
        keys = KEYS if name == "path" else KEYS[:4]
        for make in (get_cases, put_cases, part_cases, post_cases):
            yield from make(client, name, keys)


def random_text(source: random.Random, length: int, alphabet: str) -> str:
    return "".join(source.choice(alphabet) for _ in range(length))


PRINTABLE = "".join(chr(c) for c in range(0x20, 0x7F))
WIDE = PRINTABLE + "äöüßéñÅøłж中文字日本語한국어😀🎉\u200b\u202e\ufeff\u00a0\t\n\x7f"
HEADER_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"


def random_request(source: random.Random) -> tuple[str, str, Pairs, Pairs]:
    key = random_text(source, source.randint(1, 60), source.choice([WIDE, PRINTABLE, "/.%+ a"]))
    query = [
        (random_text(source, source.randint(1, 12), WIDE), random_text(source, source.randint(0, 20), WIDE))
        for _ in range(source.randint(0, 6))
    ]
    query = list(dict(query).items())  # botocore's query form knows no repeated names
    headers = []
    for _ in range(source.randint(0, 6)):
        name = "x-" + random_text(source, source.randint(1, 12), HEADER_NAME).strip("-").lower() + "z"
        value = random_text(source, source.randint(0, 30), PRINTABLE + "   \t")
        headers.append((name, value))
        if source.random() < 0.2:
            headers.append((name, random_text(source, 5, PRINTABLE)))
    return source.choice(["GET", "PUT", "HEAD", "DELETE", "POST"]), key, query, headers


class Recorder(botocore.auth.S3SigV4Auth):
    """Keeps the string to sign, which the suite of AWS has and botocore only logs."""

    def string_to_sign(self, request: AWSRequest, canonical_request: str) -> str:
        self.text = super().string_to_sign(request, canonical_request)
        return self.text


def signed_case(source: random.Random) -> dict[str, Any]:
    method, key, query, headers = random_request(source)
    token = TOKEN if source.random() < 0.3 else None
    region = source.choice(["us-east-1", "eu-central-1", "auto"])
    expires = source.randint(1, 604800)
    path = "/uploads/" + quote(key, safe="/~")
    url = "https://s3.example.com" + path
    body = random_text(source, source.randint(0, 40), PRINTABLE).encode()
    credentials = Credentials(ACCESS_KEY, SECRET_KEY, token)

    def request_of(data: bytes) -> AWSRequest:
        request = AWSRequest(method=method, url=url, data=data, params=dict(query))
        for name, value in headers:
            request.headers.add_header(name, value)
        return request

    by_header = request_of(body)
    recorder = Recorder(credentials, "s3", region)
    recorder.add_auth(by_header)
    by_query = request_of(b"")
    botocore.auth.S3SigV4QueryAuth(credentials, "s3", region, expires).add_auth(by_query)
    return {
        "method": method,
        "path": "/uploads/" + key,
        "query": query,
        "headers": headers,
        "region": region,
        "token": token or "",
        "body": body.decode(),
        "expires_s": expires,
        "string_to_sign": recorder.text,
        "authorization": by_header.headers["Authorization"],
        "url": canonical_url(by_query.url),
    }


def signed_cases() -> list[dict[str, Any]]:
    source = random.Random(20261120)
    return [signed_case(source) for _ in range(CASES)]


def files() -> Iterator[tuple[str, dict[str, Any]]]:
    common = {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY, "now_ms": int(NOW.timestamp() * 1000)}
    yield "presign.json", common | {"bucket": "uploads", "stores": STORES, "cases": list(presign_cases())}
    yield "sigv4.json", common | {"cases": signed_cases()}


def as_text(value: dict[str, Any]) -> str:
    """One case a line, so that a change shows which."""
    cases = ",\n".join(json.dumps(case, ensure_ascii=False) for case in value.pop("cases"))
    head = json.dumps(value, ensure_ascii=False, indent=1)
    return head.removesuffix("\n}") + f',\n "cases": [\n{cases}\n]}}\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when a file would change")
    check = parser.parse_args().check
    changed = False
    for name, value in files():
        text = as_text(value)
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            changed = True
            if not check:
                path.write_text(text, encoding="utf-8")
            print(f"{name} {'differs' if check else 'written'}")
    sys.exit(1 if check and changed else 0)


if __name__ == "__main__":
    main()
