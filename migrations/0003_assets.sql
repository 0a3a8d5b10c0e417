-- Assets: each content once for each owner.

-- Who has a content: the file that is, or is about to be, the asset of this hash. A worker claims it before it reads the
-- object; every other file with the same content waits, and becomes a duplicate.
CREATE TABLE asset_contents (
    owner_id   text COLLATE "C" NOT NULL,
    sha256     sha256_digest NOT NULL,
    file_id    uuid NOT NULL UNIQUE REFERENCES files ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (owner_id, sha256)
);

-- A duplicate among assets has no object of its own: that of the file it duplicates is meant.
ALTER TABLE files ALTER COLUMN object_key DROP NOT NULL;

CREATE INDEX files_assets ON files (owner_id, id) WHERE kind = 'asset' AND status = 'SYNCED' AND duplicate_of IS NULL;
