-- Tags of pictures, and the vectors that they and searches come from. A CLIP model, which an outside service runs, turns
-- pictures and texts into vectors of one space; here they have length 1, so that the cosine of two is their dot product.

ALTER TABLE files ADD COLUMN taken_at timestamptz; -- from metadata; a time without an offset counts as UTC
CREATE INDEX files_by_taken_at ON files (owner_id, taken_at) WHERE taken_at IS NOT NULL;

CREATE TABLE file_tags (
    file_id    uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    name       text COLLATE "C" NOT NULL,
    owner_id   text COLLATE "C" NOT NULL,
    score      real NOT NULL,         -- cosine of picture and label
    model      text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (file_id, name)
);
CREATE INDEX file_tags_by_name ON file_tags (owner_id, name, file_id);

CREATE TABLE file_embeddings (
    file_id    uuid PRIMARY KEY REFERENCES files ON DELETE CASCADE,
    owner_id   text COLLATE "C" NOT NULL,
    model      text COLLATE "C" NOT NULL,
    embedding  real[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX file_embeddings_by_owner ON file_embeddings (owner_id, model);

-- Each text is asked of a model once.
CREATE TABLE text_embeddings (
    model      text NOT NULL,
    content    text NOT NULL,
    embedding  real[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (model, content)
);

-- Tagging that is to be done, or was given up. Apart from processing_queue: a file is SYNCED whatever becomes of its tags,
-- and workers that process files never look here. A row that somebody works on is due again when its lease is over.
CREATE TABLE tag_jobs (
    file_id       uuid PRIMARY KEY REFERENCES files ON DELETE CASCADE,
    status        text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'failed')),
    attempts      integer NOT NULL DEFAULT 0,
    run_at        timestamptz NOT NULL DEFAULT now(),
    lease_token   uuid,               -- fences the result of a tagger that lost its lease
    error_code    text,
    error_message text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tag_jobs_due ON tag_jobs (run_at) WHERE status = 'pending';

-- Cosine of two vectors of length 1: by pgvector if the database has it, else by plain SQL, at about twenty times the cost.
-- `sluice migrate` calls this each time, so that an extension that was installed later is used from then on.
CREATE FUNCTION sluice_choose_similarity() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    has_vector boolean := EXISTS (SELECT FROM pg_extension WHERE extname = 'vector');
BEGIN
    EXECUTE 'CREATE OR REPLACE FUNCTION sluice_similarity(a real[], b real[]) RETURNS real'
        ' LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $f$ '
        || CASE WHEN has_vector THEN 'SELECT (-(a::vector <#> b::vector))::real'
                ELSE 'SELECT sum(x * y) FROM unnest(a, b) AS pairs(x, y)' END
        || ' $f$';
    RETURN CASE WHEN has_vector THEN 'pgvector' ELSE 'sql' END;
END $$;
SELECT sluice_choose_similarity();
