-- Capability tokens: addresses below which clients that can send no header may upload, within limits. Only the hash of a token
-- is kept.

CREATE TABLE upload_tokens (
    id            uuid PRIMARY KEY,
    token_hash    bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    owner_id      text NOT NULL REFERENCES owners,
    name          text NOT NULL DEFAULT '',
    max_uploads   bigint CHECK (max_uploads > 0), -- that may be started in all; NULL: any number
    max_bytes     bigint CHECK (max_bytes > 0),   -- of each file; NULL: what everybody may
    content_types text[] NOT NULL DEFAULT '{}',   -- patterns such as image/*; empty: any
    uploads       bigint NOT NULL DEFAULT 0,      -- that were started
    expires_at    timestamptz NOT NULL,
    revoked_at    timestamptz,
    last_used_at  timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX upload_tokens_by_owner ON upload_tokens (owner_id, id);
CREATE INDEX upload_tokens_expiry ON upload_tokens (expires_at);

-- Which files were made with which token: it may touch no others.
CREATE TABLE upload_token_files (
    file_id    uuid PRIMARY KEY REFERENCES files ON DELETE CASCADE,
    token_id   uuid NOT NULL REFERENCES upload_tokens ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX upload_token_files_by_token ON upload_token_files (token_id);
