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

-- Announcements to send, as the table of Sluice's deliveries.
CREATE TABLE python_webhooks (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic        text NOT NULL,
    data         jsonb NOT NULL,
    delivered_at timestamptz,
    http_status  integer,
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON python_webhooks (id) WHERE delivered_at IS NULL;
CREATE TABLE go_webhooks (LIKE python_webhooks INCLUDING ALL);
