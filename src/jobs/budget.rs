//! Dollars, and the tokens that they are counted in: reserved before a request is sent, settled when it has ended.
//!
//! Hard: what was spent and what is reserved together never pass the limit. A reservation is the most that a request is
//! thought to cost: its bytes by the tokens that bytes were so far, and the length of a long answer as answers were so
//! far, never more than it allows. An answer that costs more is paid all the same, and nothing else is sent for as long as
//! that lasts: so the limit is passed by the errors of those estimates that were in flight, and by no more.
//!
//! No tokenizer: it would cost more than the whole request, and each model has its own.

/// Dollars for a million tokens, and for each call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    pub input: f64,
    pub output: f64,
    /// Of the input's, those that a cache had.
    pub cached: f64,
    /// And those that were written to it.
    pub written: f64,
    pub call: f64,
}

/// What a reply says that was used, in tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    pub tokens: Tokens,
    /// Of the input.
    pub cached: f64,
    pub written: f64,
}

impl Price {
    pub fn new(input: f64, output: f64) -> Self {
        Self { input, output, cached: input, written: input, call: 0.0 }
    }

    /// The most that tokens cost.
    pub fn of(self, input: f64, output: f64) -> f64 {
        self.call + (input * self.input.max(self.written) + output * self.output) / 1e6
    }

    /// None where it depends on what the reply does not say.
    pub fn bill(self, usage: Option<&Usage>) -> Option<f64> {
        let Some(Usage { tokens, cached, written }) = usage else {
            return (self.input == 0.0 && self.output == 0.0).then_some(self.call);
        };
        let fresh = (tokens.input - cached - written).max(0.0);
        let input = fresh * self.input + cached * self.cached + written * self.written;
        Some(self.call + (input + tokens.output * self.output) / 1e6)
    }
}

/// What is known of a request before it is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Size {
    /// Of the text that the model reads.
    pub bytes: usize,
    /// What does not depend on its bytes: pictures, say.
    pub tokens: f64,
    /// The most that the answer may have.
    pub max_output: Option<f64>,
}

/// What a request will take, in tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tokens {
    pub input: f64,
    pub output: f64,
}

impl Tokens {
    pub fn all(self) -> f64 {
        self.input + self.output
    }
}

/// English has a token for four bytes, Chinese for three, code and base64 for two to three. Before anything was
/// counted, the dearer end.
const TOKENS_A_BYTE: f64 = 0.4;
/// The same of an answer that says nothing about its length.
const OUTPUT: f64 = 1024.0;
/// How much the newest counts.
const NEWEST: f64 = 1.0 / 64.0;
/// Mean deviations above the mean: 19 of 20 answers are no longer, also where a few are very long.
const HIGH: f64 = 3.0;
/// Answers that tell how long they are.
const ENOUGH: u32 = 20;

/// What requests and answers were so far.
#[derive(Debug)]
pub struct Estimator {
    tokens_a_byte: f64,
    /// Of answers.
    mean: f64,
    deviation: f64,
    seen: u32,
}

impl Default for Estimator {
    fn default() -> Self {
        Self { tokens_a_byte: TOKENS_A_BYTE, mean: OUTPUT / 4.0, deviation: 0.0, seen: 0 }
    }
}

impl Estimator {
    /// The most that it is thought to take.
    pub fn most(&self, size: &Size) -> Tokens {
        let high = self.mean + HIGH * self.deviation;
        self.tokens(size, if self.seen < ENOUGH { high.max(OUTPUT) } else { high })
    }

    /// What is to be expected of it.
    pub fn expected(&self, size: &Size) -> Tokens {
        self.tokens(size, self.mean)
    }

    fn tokens(&self, size: &Size, output: f64) -> Tokens {
        let input = size.bytes as f64 * self.tokens_a_byte + size.tokens;
        Tokens { input, output: size.max_output.map_or(output, |most| most.min(output)) }
    }

    /// What it was.
    pub fn learn(&mut self, size: &Size, used: Tokens) {
        self.seen = self.seen.saturating_add(1);
        // At first each counts as much as all before it.
        let weight = NEWEST.max(1.0 / f64::from(self.seen));
        let read = used.input - size.tokens;
        if size.bytes > 0 && read > 0.0 {
            self.tokens_a_byte += (read / size.bytes as f64 - self.tokens_a_byte) * weight;
        }
        if used.output >= 0.0 {
            let apart = (used.output - self.mean).abs();
            // The first guess is no deviation.
            if self.seen > 1 {
                self.deviation += (apart - self.deviation) * weight;
            }
            self.mean += (used.output - self.mean) * weight;
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reserved(f64);

impl Reserved {
    /// The most that the request may cost, for the ledger.
    pub fn dollars(self) -> f64 {
        self.0
    }
}

/// Why a request is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Short {
    /// Of what is in flight something may be left over.
    ForNow,
    /// Nothing is in flight, and this would be too much.
    ForGood,
}

#[derive(Debug)]
pub struct Budget {
    limit: f64,
    spent: f64,
    reserved: f64,
    running: u64,
}

impl Budget {
    /// `spent`: by earlier runs of the job, requests included of which nobody knows whether they were billed.
    pub fn new(limit: Option<f64>, spent: f64) -> Self {
        Self { limit: limit.unwrap_or(f64::INFINITY), spent, reserved: 0.0, running: 0 }
    }

    pub fn spent(&self) -> f64 {
        self.spent
    }

    /// What may have been billed, and was counted so, is known now.
    pub fn found(&mut self, doubted: f64, cost: f64) {
        self.spent = (self.spent - doubted).max(0.0) + if cost.is_finite() { cost.max(0.0) } else { 0.0 };
    }

    /// So many dollars are set aside, or there are not so many left.
    pub fn reserve(&mut self, dollars: f64) -> Result<Reserved, Short> {
        let dollars = if dollars.is_finite() { dollars.max(0.0) } else { 0.0 };
        if self.spent + self.reserved + dollars > self.limit {
            return Err(if self.running == 0 { Short::ForGood } else { Short::ForNow });
        }
        self.reserved += dollars;
        self.running += 1;
        Ok(Reserved(dollars))
    }

    /// It has ended. `cost`: none where it was refused; what was reserved where it may have been billed.
    pub fn settle(&mut self, reserved: Reserved, cost: f64) {
        self.running = self.running.saturating_sub(1);
        // What sums of fractions leave over would otherwise stay reserved.
        self.reserved = if self.running == 0 { 0.0 } else { (self.reserved - reserved.0).max(0.0) };
        self.spent += if cost.is_finite() { cost.max(0.0) } else { 0.0 };
    }
}
