-- Sessions of the admin pages. Only the hash of a session's token is kept. A session has the rights of the key that began it,
-- and ends with it: whoever looks a session up looks at its key as well.
CREATE TABLE admin_sessions (
    token_hash sha256_digest PRIMARY KEY,
    key_id     uuid NOT NULL REFERENCES api_keys ON DELETE CASCADE,
    owner_id   text NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now() -- when it was last used, about
);
CREATE INDEX admin_sessions_over ON admin_sessions (expires_at);
CREATE INDEX admin_sessions_by_key ON admin_sessions (key_id);
