-- The ledger of a job, format 2. Written for people too: `sqlite3 reviews.db "select * from rows limit 5"`.

-- What the job is, as its makers write it down: model, endpoint, versions.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- One for each row that has ended. A row that is not here is open, or in flight.
CREATE TABLE rows (
    seq INTEGER PRIMARY KEY,    -- the place of the row in the data, from 0
    hash BLOB NOT NULL,         -- 16 bytes of SHA-256 of what was asked
    key TEXT,                   -- the name of the row, where the job has `key=`
    status TEXT NOT NULL,       -- 'done', 'failed' for good, or 'again': failed, and to be asked by the next job
    attempts INTEGER NOT NULL,  -- requests that were sent for it
    billed INTEGER NOT NULL,    -- of these, failed ones that may have been billed all the same
    tries INTEGER NOT NULL,     -- of these, answers that did not fit `output=`: they are in the table of that name
    input_tokens INTEGER,
    output_tokens INTEGER,
    cost REAL,                  -- in dollars; null where the price is not known
    finish TEXT,                -- why the answer ended, in the server's word
    request_id TEXT,
    elapsed REAL,               -- seconds from the first request to the end
    ended REAL NOT NULL,        -- seconds since 1970
    media TEXT,                 -- the reply's Content-Type, where it is not JSON
    coding TEXT,                -- null: body is as it came; 'deflate': raw deflate
    body,                       -- the reply: text where it is text
    error TEXT,                 -- of a failed row, as JSON
    input TEXT                  -- the row of the data, as JSON
);

-- Answers that did not fit `output=` and were asked for again, in the columns of `rows`. What was used and paid is that
-- of all tries up to each; the row's own has the last one's too.
CREATE TABLE tries (
    seq INTEGER, hash BLOB NOT NULL, key TEXT, status TEXT NOT NULL, attempts INTEGER NOT NULL, billed INTEGER NOT NULL,
    tries INTEGER NOT NULL, input_tokens INTEGER, output_tokens INTEGER, cost REAL, finish TEXT, request_id TEXT,
    elapsed REAL, ended REAL NOT NULL, media TEXT, coding TEXT, body, error TEXT, input TEXT
);

-- Requests that were about to be sent, or were sent, and have not ended. Empty unless a job is running or was killed.
CREATE TABLE inflight (
    seq INTEGER PRIMARY KEY,
    attempt INTEGER NOT NULL,   -- from 1
    sent REAL NOT NULL,         -- seconds since 1970
    cost REAL,                  -- the most that it may cost, in dollars
    name BLOB                   -- of a fleet's row: 16 bytes of SHA-256 of its key and of what was asked
) WITHOUT ROWID;

-- Requests that were in flight when a job was killed, or that broke off: whether they were billed nobody can say.
CREATE TABLE unknown (
    seq INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    sent REAL NOT NULL,
    cost REAL,
    noticed REAL NOT NULL,      -- when it broke off, or when the next job found it, seconds since 1970
    name BLOB                   -- as of inflight
);

-- Results whose place another row has taken, in the same columns: rows that were inserted or moved find theirs here.
CREATE TABLE earlier (
    seq INTEGER, hash BLOB NOT NULL, key TEXT, status TEXT NOT NULL, attempts INTEGER NOT NULL, billed INTEGER NOT NULL,
    tries INTEGER NOT NULL, input_tokens INTEGER, output_tokens INTEGER, cost REAL, finish TEXT, request_id TEXT,
    elapsed REAL, ended REAL NOT NULL, media TEXT, coding TEXT, body, error TEXT, input TEXT
);
CREATE INDEX earlier_by_hash ON earlier (hash);
