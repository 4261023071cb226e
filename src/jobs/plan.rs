//! What a job would do, without doing it: which rows are there already, which ask what others ask, and what is left.
use std::collections::hash_map::{Entry, RandomState};
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::path::Path;

use super::budget::{Estimator, Size};
use super::ledger::{Hash, LedgerFailure, LedgerReader, Status};

/// Rows of the ledger that are read at once.
const CHUNK: usize = 4096;

/// Names of the rows of one pass over the data (`key=`), of which each is one row's, and of those that ask the same. It
/// keeps 25 bytes of each: a hash of the name, with a seed of its own, half the hash of what is asked, and the place.
#[derive(Debug, Default)]
pub struct RowNames {
    names: HashMap<u64, ([u8; 8], u64)>,
    seed: RandomState,
}

impl RowNames {
    /// A row takes its name; the place of the row that has it and asks something else.
    pub fn take(&mut self, name: &str, hash: &Hash, seq: u64) -> Result<(), u64> {
        let [a, b, c, d, e, f, g, h, ..] = *hash;
        let asked = [a, b, c, d, e, f, g, h];
        match self.names.entry(self.seed.hash_one(name)) {
            Entry::Vacant(slot) => {
                slot.insert((asked, seq));
                Ok(())
            }
            Entry::Occupied(slot) if slot.get().0 == asked => Ok(()),
            Entry::Occupied(slot) => Err(slot.get().1),
        }
    }
}

/// Counts rows as they come. It remembers the hashes of all, 16 bytes each.
#[derive(Debug, Default)]
pub struct RowPlan {
    known: HashSet<Hash>,
    seen: HashSet<Hash>,
    estimator: Estimator,
    pub rows: u64,
    /// Of these, those that the store has.
    pub done: u64,
    /// Those that ask what another asks.
    pub duplicates: u64,
    /// What the others are expected to take, in tokens.
    pub input: f64,
    pub output: f64,
}

impl RowPlan {
    /// `store`: of an earlier run.
    pub fn new(store: Option<&Path>) -> Result<Self, LedgerFailure> {
        let mut plan = Self::default();
        let Some(store) = store else { return Ok(plan) };
        let (reader, mut next) = (LedgerReader::open(store)?, 0);
        loop {
            let rows = reader.known(next, CHUNK)?;
            let Some(last) = rows.last() else { return Ok(plan) };
            next = last.seq + 1;
            plan.known.extend(rows.iter().filter(|row| row.status == Status::Done).map(|row| row.hash));
        }
    }

    /// A row; of one that cannot be asked there is nothing to know.
    pub fn put(&mut self, row: Option<(Hash, &Size)>) {
        self.rows += 1;
        let Some((hash, size)) = row else { return };
        if self.known.contains(&hash) {
            self.done += 1;
        } else if self.seen.insert(hash) {
            let expected = self.estimator.expected(size);
            self.input += expected.input;
            self.output += expected.output;
        } else {
            self.duplicates += 1;
        }
    }

    /// Rows that ask something new.
    pub fn fresh(&self) -> usize {
        self.seen.len()
    }
}
