//! The thread that writes a ledger, and the statements it does so with.
use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::Receiver;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, params};

use super::{
    APPLICATION, Committed, Durability, FoundRow, Hash, Intent, Known, LedgerFailure, LedgerOptions, Notify, Record,
    SoughtRow, Status, Sums, Unknown, VERSION,
};

/// The most that one transaction takes: what comes meanwhile is the next one's.
const BATCH: usize = 4096;
/// From this size on bodies are compressed.
const LARGE: usize = 32 << 10;
/// What `read` takes into memory at once, whatever the number of rows.
const READ: usize = 16 << 20;

pub enum Command {
    Write(WriteStep),
    AskModel(Box<dyn FnOnce(&Writer) + Send>),
    Close,
}

/// What is to be written, in the order in which it came: a row may be given up and intended again in one batch.
pub enum WriteStep {
    Intend(Intent),
    Forget(u64),
    Doubt(u64),
    Resolve(u64, u32),
    Settle(Box<Record>),
    /// A row has this failure after all.
    Fail(u64, String),
    /// A row of the data is another than it was, though it asks the same.
    Input(u64, Bytes),
}

pub struct Writer {
    connection: Connection,
    /// Whether it has rows of an earlier job, whose places may be taken.
    resumed: bool,
    /// Whether requests in flight have names: since format 2.
    named: bool,
}

impl Writer {
    pub fn open(path: &Path, options: LedgerOptions, network: bool) -> Result<Self, LedgerFailure> {
        let connection = Connection::open(path)?;
        // For people who look into it at the same time.
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.set_prepared_statement_cache_capacity(32);
        let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let (application, version) = (number("application_id")?, number("user_version")?);
        if tables > 0 && application != APPLICATION {
            return Err(LedgerFailure::NoStore("it is a database of something else".into()));
        }
        if version > VERSION {
            return Err(LedgerFailure::Newer { found: version });
        }
        // WAL wants memory that all processes share. Without it the disk is waited for: a torn page would be the end.
        let safe = network || options.durability == Durability::Power;
        connection.pragma_update(None, "journal_mode", if network { "TRUNCATE" } else { "WAL" })?;
        connection.pragma_update(None, "synchronous", if safe { "FULL" } else { "NORMAL" })?;
        if let Some(most) = options.max_pages {
            connection.pragma_update(None, "max_page_count", most)?;
        }
        if tables == 0 {
            let schema = include_str!("schema.sql");
            connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; {schema} COMMIT;"
            ))?;
        } else if version < 2 {
            connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; ALTER TABLE inflight ADD COLUMN name BLOB; ALTER TABLE unknown ADD COLUMN name BLOB; \
                 PRAGMA user_version = {VERSION}; COMMIT;"
            ))?;
        }
        // Whoever had it was killed: nobody knows what became of what was in flight.
        let moved = "BEGIN IMMEDIATE; INSERT INTO unknown SELECT seq, attempt, sent, cost, unixepoch('subsec'), name \
                     FROM inflight; DELETE FROM inflight; COMMIT;";
        connection.execute_batch(moved)?;
        let resumed: bool = connection.query_row("SELECT EXISTS (SELECT 1 FROM rows)", [], |row| row.get(0))?;
        let resumed = resumed || options.fleet;
        Ok(Self { connection, resumed, named: true })
    }

    /// For a reader: it changes nothing, and takes no lock.
    pub fn look(path: &Path) -> Result<Self, LedgerFailure> {
        use rusqlite::OpenFlags;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        if number("application_id")? != APPLICATION {
            return Err(LedgerFailure::NoStore("it is no ledger".into()));
        }
        let version = number("user_version")?;
        if version > VERSION {
            return Err(LedgerFailure::Newer { found: version });
        }
        connection.pragma_update(None, "query_only", true)?;
        Ok(Self { connection, resumed: false, named: version >= 2 })
    }

    pub fn run(self, queue: &Receiver<Command>, mut notify: Notify) -> Result<(), LedgerFailure> {
        let mut batch: Vec<WriteStep> = Vec::new();
        let mut open = true;
        while open {
            // With nothing to do it waits; what is kept is tried again, though not at once.
            let first = match batch.is_empty() {
                true => queue.recv().ok(),
                false => queue.recv_timeout(Duration::from_millis(500)).ok(),
            };
            if first.is_none() && batch.is_empty() {
                break;
            }
            let mut next = first;
            let mut question = None;
            while let Some(command) = next.take() {
                match command {
                    Command::Write(step) => batch.push(step),
                    // What was written before it is seen by it.
                    Command::AskModel(ask) => question = Some(ask),
                    Command::Close => open = false,
                }
                if open && question.is_none() && batch.len() < BATCH {
                    next = queue.try_recv().ok();
                }
            }
            self.commit(&mut batch, &mut notify);
            if let Some(ask) = question {
                ask(&self);
            }
        }
        let left = self.write(&batch);
        // A file without a journal beside it may be copied.
        let _ = self.connection.pragma_update(None, "wal_checkpoint", "TRUNCATE");
        left
    }

    /// What was written is taken out of the batch. On a full disk what is paid for has the precedence.
    fn commit(&self, batch: &mut Vec<WriteStep>, notify: &mut Notify) {
        if batch.is_empty() {
            return;
        }
        let failure = self.write(batch).err();
        let written = match failure {
            None => std::mem::take(batch),
            Some(_) => {
                let (intents, paid) =
                    std::mem::take(batch).into_iter().partition(|s| matches!(s, WriteStep::Intend(_)));
                *batch = intents;
                match self.write(&paid) {
                    Ok(()) => paid,
                    Err(_) => {
                        batch.extend(paid);
                        Vec::new()
                    }
                }
            }
        };
        let mut committed = Committed { failure, ..Committed::default() };
        for step in written {
            match step {
                WriteStep::Intend(intent) => committed.intended.push(intent),
                WriteStep::Settle(record) => committed.settled.push(*record),
                WriteStep::Forget(_)
                | WriteStep::Doubt(_)
                | WriteStep::Resolve(..)
                | WriteStep::Fail(..)
                | WriteStep::Input(..) => {}
            }
        }
        notify(committed);
    }

    fn write(&self, batch: &[WriteStep]) -> Result<(), LedgerFailure> {
        if batch.is_empty() {
            return Ok(());
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let transaction = self.connection.unchecked_transaction()?;
        {
            let sql = "INSERT OR REPLACE INTO inflight VALUES (?, ?, ?, ?, ?)";
            let mut intend = transaction.prepare_cached(sql)?;
            let mut forget = transaction.prepare_cached("DELETE FROM inflight WHERE seq = ?")?;
            let sql = "INSERT INTO unknown SELECT seq, attempt, sent, cost, ?, name FROM inflight WHERE seq = ?";
            let mut doubt = transaction.prepare_cached(sql)?;
            let sql = "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
            let mut settle = transaction.prepare_cached(sql)?;
            let sql = "INSERT INTO earlier SELECT * FROM rows WHERE seq = ? AND hash <> ?";
            let mut keep = transaction.prepare_cached(sql)?;
            let sql = "INSERT INTO tries SELECT * FROM rows WHERE seq = ? AND hash = ? AND tries < ?";
            let mut keep_try = transaction.prepare_cached(sql)?;
            let mut fail = transaction.prepare_cached("UPDATE rows SET status = 'failed', error = ? WHERE seq = ?")?;
            let mut input = transaction.prepare_cached("UPDATE rows SET input = ? WHERE seq = ?")?;
            let sql = "DELETE FROM unknown WHERE seq = ? AND attempt = ?";
            for step in batch {
                let record = match step {
                    WriteStep::Fail(seq, error) => {
                        fail.execute(params![error, seq_of(*seq)])?;
                        continue;
                    }
                    WriteStep::Input(seq, text) => {
                        input.execute(params![String::from_utf8_lossy(text), seq_of(*seq)])?;
                        continue;
                    }
                    WriteStep::Intend(intent) => {
                        intend.execute(params![seq_of(intent.seq), intent.attempt, now, intent.cost, intent.name])?;
                        continue;
                    }
                    WriteStep::Resolve(seq, attempt) => {
                        transaction.prepare_cached(sql)?.execute(params![seq_of(*seq), attempt])?;
                        continue;
                    }
                    WriteStep::Forget(seq) => {
                        forget.execute([seq_of(*seq)])?;
                        continue;
                    }
                    WriteStep::Doubt(seq) => {
                        doubt.execute(params![now, seq_of(*seq)])?;
                        forget.execute([seq_of(*seq)])?;
                        continue;
                    }
                    WriteStep::Settle(record) => record,
                };
                if self.resumed {
                    keep.execute(params![seq_of(record.seq), record.hash])?;
                }
                if record.tries > 0 {
                    keep_try.execute(params![seq_of(record.seq), record.hash, record.tries])?;
                }
                let (coding, body) = stored(&record.body);
                settle.execute(params![
                    seq_of(record.seq),
                    record.hash,
                    record.key,
                    record.status.name(),
                    record.attempts,
                    record.billed,
                    record.tries,
                    record.input_tokens.map(seq_of),
                    record.output_tokens.map(seq_of),
                    record.cost,
                    record.finish,
                    record.request_id,
                    record.elapsed,
                    now,
                    record.media,
                    coding,
                    body,
                    record.error,
                    (!record.input.is_empty()).then(|| String::from_utf8_lossy(&record.input)),
                ])?;
                forget.execute([seq_of(record.seq)])?;
            }
        }
        Ok(transaction.commit()?)
    }

    pub fn known(&self, from: u64, limit: usize) -> Result<Vec<Known>, LedgerFailure> {
        let sql = "SELECT seq, hash, status FROM rows WHERE seq >= ? ORDER BY seq LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![seq_of(from), limit as i64], known)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub fn read(&self, from: u64, limit: usize) -> Result<Vec<Record>, LedgerFailure> {
        let sql = "SELECT * FROM rows WHERE seq >= ? ORDER BY seq LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![seq_of(from), limit as i64])?;
        let (mut records, mut size) = (Vec::new(), 0);
        while size < READ
            && let Some(row) = rows.next()?
        {
            let record = record(row)?;
            size += record.body.len() + 512;
            records.push(record);
        }
        Ok(records)
    }

    pub fn find(&self, hash: Hash) -> Result<Option<Record>, LedgerFailure> {
        self.connection.execute_batch("CREATE INDEX IF NOT EXISTS rows_by_hash ON rows (hash)")?;
        let sql = "SELECT * FROM rows WHERE hash = ?1 UNION ALL SELECT * FROM earlier WHERE hash = ?1 LIMIT 1";
        Ok(self.connection.prepare_cached(sql)?.query_row([hash], record).optional()?)
    }

    pub fn find_key(&self, key: &str) -> Result<Option<Record>, LedgerFailure> {
        let indices = "CREATE INDEX IF NOT EXISTS rows_by_key ON rows (key) WHERE key IS NOT NULL; \
                       CREATE INDEX IF NOT EXISTS earlier_by_key ON earlier (key) WHERE key IS NOT NULL";
        self.connection.execute_batch(indices)?;
        let sql = "SELECT * FROM rows WHERE key = ?1 UNION ALL SELECT * FROM earlier WHERE key = ?1 LIMIT 1";
        Ok(self.connection.prepare_cached(sql)?.query_row([key], record).optional()?)
    }

    pub fn find_row(&self, row: &SoughtRow) -> Result<FoundRow, LedgerFailure> {
        let Some(key) = &row.key else { return Ok((self.find(row.hash)?, None)) };
        let named = self.find_key(key)?;
        let place = named.as_ref().map(|record| record.seq);
        match named.filter(|record| record.hash == row.hash) {
            Some(record) => Ok((Some(record), place)),
            None if row.anyone => Ok((self.find(row.hash)?, place)),
            None => Ok((None, place)),
        }
    }

    pub fn read_all(&self, places: &[u64]) -> Result<Vec<Record>, LedgerFailure> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM rows WHERE seq = ?")?;
        let (mut records, mut size) = (Vec::new(), 0);
        for place in places.iter() {
            let found = statement.query_row([seq_of(*place)], record).optional()?;
            size += found.as_ref().map_or(0, |record| record.body.len() + 512);
            records.extend(found);
            if size >= READ {
                break;
            }
        }
        Ok(records)
    }

    pub fn end(&self) -> Result<u64, LedgerFailure> {
        let sql = "SELECT coalesce(max(seq) + 1, 0) FROM (SELECT max(seq) AS seq FROM rows UNION ALL SELECT max(seq) FROM \
                   earlier UNION ALL SELECT max(seq) FROM unknown UNION ALL SELECT max(seq) FROM inflight)";
        Ok(self.connection.query_row(sql, [], |row| row.get(0).map(of_seq))?)
    }

    pub fn sums(&self) -> Result<Sums, LedgerFailure> {
        let sql = "SELECT coalesce(sum(status = 'done'), 0), coalesce(sum(status = 'failed'), 0), \
                   coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0), \
                   total(cost) + (SELECT total(cost) FROM earlier), (SELECT count(*) FROM inflight), (SELECT count(*) FROM unknown), (SELECT total(cost) FROM unknown), \
                   count(*) FROM rows";
        let sums = self.connection.query_row(sql, [], |row| {
            let count = |at: usize| row.get::<_, i64>(at).map(of_seq);
            Ok(Sums {
                done: count(0)?,
                failed: count(1)?,
                input_tokens: count(2)?,
                output_tokens: count(3)?,
                cost: row.get(4)?,
                inflight: count(5)?,
                unknown: count(6)?,
                unknown_cost: row.get(7)?,
                rows: count(8)?,
            })
        });
        Ok(sums?)
    }

    pub fn retry_errors(&self) -> Result<usize, LedgerFailure> {
        Ok(self.connection.execute("UPDATE rows SET status = 'again' WHERE status = 'failed'", [])?)
    }

    pub fn unknown(&self) -> Result<Vec<Unknown>, LedgerFailure> {
        let sql: &str = "SELECT seq, attempt, cost, name, noticed FROM unknown UNION ALL SELECT seq, attempt, cost, name, NULL FROM inflight ORDER BY seq";
        // A reader changes nothing, so that an older file stays as it is.
        let sql = if self.named { sql.to_owned() } else { sql.replace("cost, name", "cost, NULL") };
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], |row| {
            Ok(Unknown {
                seq: of_seq(row.get(0)?),
                attempt: row.get(1)?,
                cost: row.get(2)?,
                name: row.get(3)?,
                noticed: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub fn meta(&self, key: &str) -> Result<Option<String>, LedgerFailure> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM meta WHERE key = ?")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    pub fn set_meta(&self, key: &str, value: &str) -> Result<(), LedgerFailure> {
        self.connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, value])?;
        Ok(())
    }
}

/// SQLite's numbers have a sign.
fn seq_of(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

fn of_seq(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or_default()
}

fn known(row: &Row<'_>) -> rusqlite::Result<Known> {
    let status = Status::of(row.get_ref(2)?.as_str()?);
    Ok(Known { seq: of_seq(row.get(0)?), hash: row.get(1)?, status })
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let number = |at: usize| row.get::<_, Option<i64>>(at).map(|number| number.map(of_seq));
    let coding = row.get_ref(15)?.as_str_or_null()?;
    let body = match row.get_ref(16)? {
        ValueRef::Text(body) | ValueRef::Blob(body) if coding.is_none() => Bytes::copy_from_slice(body),
        ValueRef::Blob(body) => {
            let mut out = Vec::new();
            let inflated = DeflateDecoder::new(body).read_to_end(&mut out);
            inflated.map_err(|why| {
                rusqlite::Error::FromSqlConversionFailure(16, rusqlite::types::Type::Blob, why.into())
            })?;
            out.into()
        }
        _ => Bytes::new(),
    };
    Ok(Record {
        seq: of_seq(row.get(0)?),
        hash: row.get(1)?,
        key: row.get(2)?,
        status: Status::of(row.get_ref(3)?.as_str()?),
        attempts: row.get(4)?,
        billed: row.get(5)?,
        tries: row.get(6)?,
        input_tokens: number(7)?,
        output_tokens: number(8)?,
        cost: row.get(9)?,
        finish: row.get(10)?,
        request_id: row.get(11)?,
        elapsed: row.get(12)?,
        ended: row.get(13)?,
        media: row.get(14)?,
        body,
        error: row.get(17)?,
        input: row.get_ref(18)?.as_str_or_null()?.map_or(Bytes::new(), |text| Bytes::copy_from_slice(text.as_bytes())),
    })
}

/// A body as it is stored: text where it is that, so that people can read it.
fn stored(body: &Bytes) -> (Option<&'static str>, ToSqlOutput<'_>) {
    if body.is_empty() {
        return (None, ToSqlOutput::Owned(Value::Null));
    }
    if body.len() >= LARGE
        && let Some(small) = deflated(body)
    {
        return (Some("deflate"), ToSqlOutput::Owned(Value::Blob(small)));
    }
    match str::from_utf8(body) {
        Ok(text) if !text.contains('\0') => (None, text.into()),
        _ => (None, (&**body).into()),
    }
}

/// None where an eighth is not saved: pictures and vectors.
fn deflated(body: &[u8]) -> Option<Vec<u8>> {
    let most = body.len() / 8 * 7;
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok().filter(|small| small.len() < most)
}

impl From<rusqlite::Error> for LedgerFailure {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::NotADatabase) => Self::NoStore("it is no SQLite file".into()),
            Some(ErrorCode::DatabaseCorrupt) => Self::NoStore(format!("it is damaged: {error}")),
            _ => Self::Disk(error.to_string()),
        }
    }
}
