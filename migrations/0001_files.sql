-- Files, their work, and what must be announced of them.
-- Times are timestamptz; ids are UUIDv7 made by the API unless said otherwise; sizes are bytes.

CREATE TABLE owners (
    owner_id    text PRIMARY KEY,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);

-- Keys of the API; only the hash of a key is kept.
CREATE TABLE api_keys (
    id           uuid PRIMARY KEY,
    key_hash     bytea NOT NULL UNIQUE CHECK (octet_length(key_hash) = 32),
    owner_id     text NOT NULL REFERENCES owners,
    name         text NOT NULL DEFAULT '',
    scopes       text[] NOT NULL CHECK (scopes <@ ARRAY['upload', 'read', 'admin'] AND cardinality(scopes) > 0),
    revoked_at   timestamptz,
    last_used_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);

-- Rules of columns as domains: a CHECK of the table would be read anew by every statement that writes to it.
CREATE DOMAIN file_kind AS text COLLATE "C" CHECK (VALUE IN ('file', 'media', 'avatar', 'generated', 'asset'));
CREATE DOMAIN file_status AS text COLLATE "C"
    CHECK (VALUE IN ('PENDING', 'UPLOADED', 'SYNCING', 'SYNCED', 'FAILED', 'EXPIRED'));
CREATE DOMAIN upload_method AS text COLLATE "C" CHECK (VALUE IN ('POST', 'PUT', 'MULTIPART', 'SERVER'));
CREATE DOMAIN byte_count AS bigint CHECK (VALUE >= 0);
CREATE DOMAIN sha256_digest AS bytea CHECK (octet_length(VALUE) = 32);

-- Every upload, whatever its front door. The object of a file is immutable: its key is made once, by the server.
-- Texts in an index are compared as bytes (collation C), whatever the database's locale.
CREATE TABLE files (
    id              uuid PRIMARY KEY,
    kind            file_kind NOT NULL,
    owner_id        text COLLATE "C" NOT NULL,
    status          file_status NOT NULL,
    external_id     text COLLATE "C",
    filename        text NOT NULL,
    content_type    text,                     -- as declared, NULL when it was not
    detected_type   text,                     -- as found in the content
    expected_size   byte_count,
    size            byte_count,
    expected_sha256 sha256_digest,
    sha256          sha256_digest,
    bucket          text COLLATE "C" NOT NULL,
    object_key      text COLLATE "C" NOT NULL,
    etag            text,
    version_id      text,
    sequencer       text,                     -- orders the store's events of one key
    upload_method   upload_method NOT NULL,
    duplicate_of    uuid REFERENCES files ON DELETE SET NULL,
    width           integer,
    height          integer,
    thumbhash       text,
    metadata        jsonb NOT NULL DEFAULT '{}',
    error_code      text,
    error_message   text,
    attempts        integer NOT NULL DEFAULT 0,
    sweep_at        timestamptz NOT NULL,     -- when the sweeper next looks for the object of a PENDING file
    uploaded_at     timestamptz,
    synced_at       timestamptz,
    expires_at      timestamptz NOT NULL,     -- end of the signed URL
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE (object_key, bucket)               -- the key tells them apart at once, the bucket hardly ever does
);
-- Ids ascend with time. Ascending indexes grow at their right end, where pages get full; the newest are read backwards.
CREATE INDEX files_by_owner ON files (owner_id, id);
CREATE INDEX files_by_owner_hash ON files (owner_id, sha256) WHERE status = 'SYNCED';
CREATE INDEX files_by_external_id ON files (external_id, owner_id, id) WHERE external_id IS NOT NULL;
CREATE INDEX files_by_status ON files (owner_id, status, id) WHERE status <> 'SYNCED';
CREATE INDEX files_by_kind ON files (owner_id, kind, id) WHERE kind <> 'file';
CREATE INDEX files_to_sweep ON files (sweep_at) WHERE status = 'PENDING';
CREATE INDEX files_duplicates ON files (duplicate_of) WHERE duplicate_of IS NOT NULL;

-- The ledger of work: one row for each piece of processing of one file.
CREATE TABLE processing_queue (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_id           uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    original_filename text NOT NULL,
    temp_filepath     text,                   -- key of a staged object that is removed afterwards
    task              text NOT NULL CHECK (task IN ('process')),
    status            text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'processing', 'completed', 'failed')),
    attempts          integer NOT NULL DEFAULT 0,
    run_at            timestamptz NOT NULL DEFAULT now(),
    lease_token       uuid,                   -- fences the result of a worker that lost its lease
    lease_until       timestamptz,
    worker            text,
    error_code        text,
    error_message     text,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX processing_queue_one_open ON processing_queue (file_id, task) WHERE status IN ('pending', 'processing');
CREATE INDEX processing_queue_due ON processing_queue (run_at, id) WHERE status = 'pending';
CREATE INDEX processing_queue_leases ON processing_queue (lease_until) WHERE status = 'processing';
CREATE INDEX processing_queue_by_file ON processing_queue (file_id);
CREATE INDEX processing_queue_done ON processing_queue (updated_at) WHERE status IN ('completed', 'failed');

-- Announcements, written in the transaction of the change they announce.
CREATE TABLE outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic        text NOT NULL,
    file_id      uuid NOT NULL,               -- no foreign key: file.deleted outlives its file
    owner_id     text NOT NULL,
    payload      jsonb NOT NULL DEFAULT '{}',
    xid          xid8 NOT NULL DEFAULT pg_current_xact_id(), -- tells who reads along what a snapshot had not seen
    delivered_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_live ON outbox (owner_id, xid);
CREATE INDEX outbox_open ON outbox (id) WHERE delivered_at IS NULL;
CREATE INDEX outbox_deleted ON outbox ((payload->>'object_key')) WHERE topic = 'file.deleted';

-- Notifications that were not understood, or that fit no record.
CREATE TABLE dead_events (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    raw         bytea NOT NULL,
    reason      text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);

-- Open S3 multipart uploads.
CREATE TABLE multipart_uploads (
    file_id    uuid PRIMARY KEY REFERENCES files ON DELETE CASCADE,
    upload_id  text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- First answers to requests with an Idempotency-Key.
CREATE TABLE idempotency_keys (
    owner_id     text NOT NULL,
    key          text NOT NULL,
    request_hash bytea NOT NULL,
    response     text NOT NULL,
    http_status  integer NOT NULL,
    expires_at   timestamptz NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (owner_id, key)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

-- Tables that grow and shrink all day are vacuumed by share, not by the default fifth.
ALTER TABLE processing_queue SET (autovacuum_vacuum_scale_factor = 0.02, fillfactor = 80);
ALTER TABLE files SET (autovacuum_vacuum_scale_factor = 0.05, fillfactor = 90);
