-- Albums, avatars and generated images, and the smaller pictures made of uploaded ones.

CREATE TABLE albums (
    album_id   uuid PRIMARY KEY,
    owner_id   text COLLATE "C" NOT NULL,
    title      text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX albums_by_owner ON albums (owner_id, album_id);

-- Ids of users and generations are the client's words; they belong to the owner who used them first.
CREATE TABLE users (
    user_id        text COLLATE "C" PRIMARY KEY,
    owner_id       text NOT NULL,
    avatar_file_id uuid REFERENCES files ON DELETE SET NULL, -- the newest avatar that is SYNCED
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX users_by_avatar ON users (avatar_file_id) WHERE avatar_file_id IS NOT NULL;

CREATE TABLE generations (
    generation_id text COLLATE "C" PRIMARY KEY,
    owner_id      text NOT NULL,
    next_index    integer NOT NULL DEFAULT 0, -- of the next image that is asked for
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now()
);

-- No foreign keys: they would cost every insert of a file three checks. An album that is deleted is locked first, and
-- uploads into it hold a lock against that.
ALTER TABLE files
    ADD COLUMN album_id uuid,
    ADD COLUMN user_id text COLLATE "C",
    ADD COLUMN generation_id text COLLATE "C",
    ADD COLUMN generation_index integer;
CREATE INDEX files_by_album ON files (album_id, id) WHERE album_id IS NOT NULL;
CREATE UNIQUE INDEX files_by_generation ON files (generation_id, generation_index) WHERE generation_id IS NOT NULL;

CREATE TABLE variants (
    file_id      uuid NOT NULL REFERENCES files ON DELETE CASCADE,
    name         text NOT NULL,
    object_key   text NOT NULL,
    content_type text NOT NULL,
    width        integer NOT NULL CHECK (width > 0),  -- pixels
    height       integer NOT NULL CHECK (height > 0), -- pixels
    size         bigint NOT NULL CHECK (size > 0),
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (file_id, name)
);
