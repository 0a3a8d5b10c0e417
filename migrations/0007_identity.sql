-- Limits of owners and keys, and what owners use of the store.

-- Quotas of an owner. NULL: as the settings say; 0: none.
ALTER TABLE owners
    ADD COLUMN max_bytes bigint CHECK (max_bytes >= 0),
    ADD COLUMN max_pending bigint CHECK (max_pending >= 0);

-- Limits of a key. NULL: as the settings say; a rate limit of 0: none.
ALTER TABLE api_keys
    ADD COLUMN rate_limit bigint CHECK (rate_limit >= 0), -- requests a minute
    ADD COLUMN max_bytes bigint CHECK (max_bytes > 0),    -- of one file
    ADD COLUMN types text CHECK (length(types) <= 500);   -- media types, as in the settings

-- What a PENDING file of an owner with a quota was counted as when its upload was signed. No domain with a rule: adding such
-- a column writes the whole table anew.
ALTER TABLE files ADD COLUMN reserved_bytes bigint;

-- What an owner uses, for owners that are counted: those with a quota, and those who asked. It is the sum of sluice_charge over
-- the owner's files, and can be counted anew at any time: bytes here, and the changes that were not added to it yet.
CREATE TABLE owner_usage (
    owner_id   text COLLATE "C" PRIMARY KEY,
    bytes      bigint NOT NULL DEFAULT 0,
    counted_at timestamptz,               -- NULL: changes are noted, but what there was before is not counted yet
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Written in the transaction of the change it comes from, by all who write files; they never wait for each other here. Whoever
-- holds the owner's row above adds them up.
CREATE TABLE usage_changes (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_id text COLLATE "C" NOT NULL,
    bytes    bigint NOT NULL
);
CREATE INDEX usage_changes_by_owner ON usage_changes (owner_id);

-- What a file counts as, by its row alone: what was reserved while it is PENDING, then what lies in the store.
CREATE FUNCTION sluice_charge(f files) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN f.status = 'EXPIRED' OR f.object_key IS NULL THEN 0
                WHEN f.status = 'PENDING' THEN coalesce(f.reserved_bytes, 0)
                ELSE coalesce(f.size, f.expected_size, 0) END
$$;

CREATE FUNCTION sluice_note_usage() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change bigint := -sluice_charge(OLD);
BEGIN
    IF TG_OP = 'UPDATE' THEN
        change := change + sluice_charge(NEW);
    END IF;
    IF change <> 0 THEN
        INSERT INTO usage_changes (owner_id, bytes)
            SELECT u.owner_id, change FROM owner_usage u WHERE u.owner_id = OLD.owner_id;
    END IF;
    RETURN NULL;
END $$;

-- A new row is PENDING and counts as nothing: inserts need no trigger. The conditions are those under which sluice_charge may
-- change, in operators of columns only, so that most updates cost no call: of a file without a quota, its arrival does.
CREATE TRIGGER files_usage AFTER UPDATE OF status, size, object_key, reserved_bytes ON files FOR EACH ROW
    WHEN (OLD.size IS DISTINCT FROM NEW.size OR (OLD.object_key IS NULL) <> (NEW.object_key IS NULL)
        OR (OLD.status IN ('PENDING', 'EXPIRED') OR NEW.status IN ('PENDING', 'EXPIRED'))
            AND (OLD.status <> NEW.status OR OLD.reserved_bytes IS DISTINCT FROM NEW.reserved_bytes))
    EXECUTE FUNCTION sluice_note_usage();
CREATE TRIGGER files_usage_deleted AFTER DELETE ON files FOR EACH ROW EXECUTE FUNCTION sluice_note_usage();

-- Rows come and go within minutes.
ALTER TABLE usage_changes SET (autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE owner_usage SET (fillfactor = 50);
