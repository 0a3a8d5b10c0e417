"""Presign with a record, as a FastAPI service does it: a row, then boto3's presigned POST."""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import boto3
from botocore.config import Config
from fastapi import FastAPI, Request
from pydantic import BaseModel, Field

TTL_S = 900
MAX_BYTES = 5 * 1024**3
INSERT = (
    "INSERT INTO fastapi_presign (id, external_id, filename, object_key, status) VALUES ($1, $2, $3, $4, 'PENDING')"
)

bucket = os.environ["PEER_BUCKET"]
s3 = boto3.client(
    "s3",
    endpoint_url=os.environ["PEER_S3_ENDPOINT"],
    region_name=os.environ["PEER_S3_REGION"],
    aws_access_key_id=os.environ["PEER_S3_ACCESS_KEY"],
    aws_secret_access_key=os.environ["PEER_S3_SECRET_KEY"],
    config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
)


class Upload(BaseModel):
    """What a client asks for."""

    filename: str = Field(min_length=1, max_length=1024)
    external_id: str | None = Field(default=None, max_length=255)


class Ticket(BaseModel):
    """What it gets."""

    file_id: uuid.UUID
    status: str
    upload_url: str
    form_fields: dict[str, str]
    object_key: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """One pool of connections for each worker process."""
    app.state.pool = await asyncpg.create_pool(os.environ["PEER_DATABASE_URL"], min_size=4, max_size=16)
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan)


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Ready once the pool stands."""
    return {"status": "ok"}


@app.post("/files/presigned-upload", status_code=201)
async def presign(upload: Upload, request: Request) -> Ticket:
    """The record first: no signed URL without one."""
    file_id = uuid.uuid4()
    key = f"files/{file_id}"
    await request.app.state.pool.execute(INSERT, file_id, upload.external_id, upload.filename, key)
    post = s3.generate_presigned_post(bucket, key, Conditions=[["content-length-range", 0, MAX_BYTES]], ExpiresIn=TTL_S)
    return Ticket(file_id=file_id, status="PENDING", upload_url=post["url"], form_fields=post["fields"], object_key=key)
