-- Batches: photos that came together into an album, through the server. They are accepted whole, processed a few at a time,
-- and an album has one of them at a time.

CREATE TABLE batches (
    batch_id    uuid PRIMARY KEY,
    album_id    uuid NOT NULL REFERENCES albums ON DELETE CASCADE,
    owner_id    text COLLATE "C" NOT NULL,
    state       text NOT NULL CHECK (state IN ('receiving', 'running', 'done')),
    lease_until timestamptz,                     -- while receiving: who lets it pass has died, and the album is free again
    total       integer NOT NULL DEFAULT 0,      -- photos: received so far, then those that belong to the batch
    album_limit integer NOT NULL DEFAULT 1,      -- photos of it that are worked on at once
    total_limit integer NOT NULL DEFAULT 0,      -- photos of all batches together; 0: no limit
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX batches_one_open ON batches (album_id) WHERE state <> 'done';
CREATE INDEX batches_by_album ON batches (album_id, created_at);
CREATE INDEX batches_open ON batches (state) WHERE state <> 'done';

-- Photos of a batch that have to wait for others have run_at 'infinity', so that they cost those who look for work nothing.
-- batch_id is no foreign key: both end with their album.
ALTER TABLE processing_queue
    ADD COLUMN album_id uuid REFERENCES albums ON DELETE CASCADE,
    ADD COLUMN batch_id uuid;
CREATE INDEX processing_queue_by_album ON processing_queue (album_id) WHERE album_id IS NOT NULL;
CREATE INDEX processing_queue_by_batch ON processing_queue (batch_id, file_id) WHERE batch_id IS NOT NULL;
CREATE INDEX processing_queue_of_batches ON processing_queue (batch_id, file_id)
    WHERE batch_id IS NOT NULL AND status IN ('pending', 'processing');

-- BATCH: the object comes by way of staging/, and lies at object_key once the file is SYNCED.
ALTER DOMAIN upload_method DROP CONSTRAINT upload_method_check;
ALTER DOMAIN upload_method ADD CONSTRAINT upload_method_check
    CHECK (VALUE IN ('POST', 'PUT', 'MULTIPART', 'SERVER', 'BATCH')) NOT VALID;

-- Lets waiting photos go as far as there is room, and ends the batch when none is left. Whoever comes here at the same time
-- waits for the lock, and then sees what the other one did: so that the last two photos cannot both believe to be the
-- second-last. The number is "batch" in ASCII.
CREATE FUNCTION sluice_batch_go_on(one uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    batch batches;
BEGIN
    SELECT * INTO batch FROM batches WHERE batch_id = one;
    IF batch.total_limit > 0 THEN
        PERFORM pg_advisory_xact_lock(422541812584);
    END IF;
    SELECT * INTO batch FROM batches WHERE batch_id = one AND state = 'running' FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- A photo that somebody is deleting is passed over, who waits for this batch in turn, and lets the next one go.
    UPDATE processing_queue SET run_at = now(), updated_at = now() WHERE id IN (
        SELECT id FROM processing_queue WHERE id IN (SELECT id FROM (
            SELECT id, run_at, row_number() OVER (ORDER BY run_at = 'infinity', file_id) AS place_of_all FROM (
                SELECT q.id, q.run_at, q.file_id, b.album_limit,
                       row_number() OVER (PARTITION BY q.batch_id ORDER BY q.run_at = 'infinity', q.file_id) AS place
                FROM processing_queue q JOIN batches b ON b.batch_id = q.batch_id
                WHERE q.batch_id IS NOT NULL AND q.status IN ('pending', 'processing') AND b.state = 'running'
                  AND (batch.total_limit > 0 OR q.batch_id = one)) AS open_ones
            WHERE place <= album_limit) AS candidates
        WHERE run_at = 'infinity' AND (batch.total_limit = 0 OR place_of_all <= batch.total_limit))
        FOR UPDATE SKIP LOCKED);
    UPDATE batches SET state = 'done', updated_at = now()
    WHERE batch_id = one AND NOT EXISTS (
        SELECT FROM processing_queue WHERE batch_id = one AND status IN ('pending', 'processing'));
END $$;

-- A trigger, so that it happens in whatever transaction a photo ends: finished, given up, or deleted by anybody.
CREATE FUNCTION sluice_batch_row_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status IN ('pending', 'processing') THEN
        PERFORM sluice_batch_go_on(OLD.batch_id);
    END IF;
    IF TG_OP = 'DELETE' THEN
        UPDATE batches SET total = total - 1, updated_at = now() WHERE batch_id = OLD.batch_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER processing_queue_batch_ended AFTER UPDATE OF status ON processing_queue FOR EACH ROW
    WHEN (OLD.batch_id IS NOT NULL AND OLD.status IN ('pending', 'processing') AND NEW.status IN ('completed', 'failed'))
    EXECUTE FUNCTION sluice_batch_row_over();
CREATE TRIGGER processing_queue_batch_deleted AFTER DELETE ON processing_queue FOR EACH ROW
    WHEN (OLD.batch_id IS NOT NULL AND OLD.status <> 'completed') -- those are purged, and count all the same
    EXECUTE FUNCTION sluice_batch_row_over();
