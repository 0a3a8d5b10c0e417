-- Each peer's own table. They hold less than Sluice's record and carry fewer indexes, so the peers do less work a row.
CREATE TABLE fastapi_presign (
    id          uuid PRIMARY KEY,
    external_id text,
    filename    text NOT NULL,
    object_key  text NOT NULL UNIQUE,
    status      text NOT NULL,
    size        bigint,
    sha256      bytea,
    created_at  timestamptz NOT NULL DEFAULT now(),
    synced_at   timestamptz
);
CREATE INDEX ON fastapi_presign (external_id);
CREATE TABLE gin_presign (LIKE fastapi_presign INCLUDING ALL);
CREATE TABLE gin_assets (LIKE fastapi_presign INCLUDING ALL);
CREATE TABLE python_worker (LIKE fastapi_presign INCLUDING ALL);
CREATE TABLE go_worker (LIKE fastapi_presign INCLUDING ALL);
