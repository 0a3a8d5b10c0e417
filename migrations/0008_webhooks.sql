-- Webhooks: who is told what became of files, and what was said to whom.

-- Version 7 of UUIDs (RFC 9562, with the time in more than milliseconds) for rows that a statement makes many of: they sort
-- in the order in which they are made.
CREATE FUNCTION sluice_uuid7() RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT encode(overlay(uuid_send(gen_random_uuid())
        PLACING int8send(((us / 1000) << 16) | 28672 | (us % 1000 * 4096 / 1000)) FROM 1 FOR 8), 'hex')::uuid
    FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS us) AS made
$$;

CREATE TABLE webhook_endpoints (
    id               uuid PRIMARY KEY,
    owner_id         text NOT NULL,
    url              text NOT NULL,
    events           text[] NOT NULL DEFAULT '{}', -- none: all
    description      text NOT NULL DEFAULT '',
    secret           text NOT NULL,               -- as it is, or sealed with SLUICE_WEBHOOK_MASTER_KEY
    old_secret       text,                        -- signs as well, after a rotation,
    old_secret_until timestamptz,                 -- until then
    enabled_at       timestamptz NOT NULL DEFAULT now(), -- it hears of what happens from then on
    disabled_at      timestamptz,
    disabled_reason  text CHECK (disabled_reason IN ('asked', 'gone', 'failing')),
    failures         integer NOT NULL DEFAULT 0,  -- in a row, whatever the delivery
    failing_since    timestamptz,                 -- the first of them
    paused_until     timestamptz,                 -- nothing is sent before
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhook_endpoints_owner ON webhook_endpoints (owner_id, id);

-- One row for each event and endpoint; also the log of what was sent.
CREATE TABLE webhook_deliveries (
    id           uuid PRIMARY KEY,
    endpoint_id  uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    owner_id     text NOT NULL,
    event_id     text NOT NULL,               -- the header webhook-id: the same for every attempt and replay
    outbox_id    bigint,                      -- the order of a file's events; NULL: a test
    file_id      uuid,
    topic        text NOT NULL,
    body         text NOT NULL,               -- exactly what is sent and signed
    status       text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
    attempts     integer NOT NULL DEFAULT 0,
    due_since    timestamptz NOT NULL DEFAULT now(), -- attempts are made for a time from here on
    next_at      timestamptz NOT NULL DEFAULT now(), -- while it is sent: the end of the lease
    lease_token  uuid,                        -- fences the result of a sender that lost its lease
    http_status  integer,                     -- of the latest attempt, like the three below; NULL: no answer
    error        text,
    response     text,                        -- the start of the answer's body
    attempted_at timestamptz,
    delivered_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (endpoint_id, outbox_id)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_at, outbox_id) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_file ON webhook_deliveries (endpoint_id, file_id, outbox_id) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_held ON webhook_deliveries (endpoint_id) WHERE status = 'pending' AND lease_token IS NOT NULL;
CREATE INDEX webhook_deliveries_log ON webhook_deliveries (owner_id, id);
CREATE INDEX webhook_deliveries_age ON webhook_deliveries (updated_at);

-- How far the outbox was read: all that `seen` sees; in the middle of a batch also what `upto` sees, up to an id.
CREATE TABLE webhook_reader (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    seen     pg_snapshot NOT NULL,
    upto     pg_snapshot,
    last_id  bigint NOT NULL DEFAULT 0,
    read_at  timestamptz NOT NULL DEFAULT now()
);
INSERT INTO webhook_reader (seen) SELECT pg_current_snapshot();
