//! Which of the user's own tools the model calls, with what, and what it has been told by them: the same in all dialects.
use serde_json::{Map, Value, json};

use super::{sampler, text};

/// So many at once where nothing speaks for some of them.
const MOST: usize = 4;

/// What a request says about calls.
#[derive(Debug, Clone, Copy)]
pub(super) enum CallChoice<'a> {
    Never,
    Auto,
    Must,
    Named(&'a str),
}

/// The tools that are called, by their places. Of its own accord the model calls those that the user's words suit, else all
/// where these speak of tools, or the first where they ask something; where it must, those that suit or else all.
pub(super) fn called(tools: &[(&str, &str)], choice: CallChoice, user: &str, several: bool) -> Vec<usize> {
    let all = || 0..tools.len();
    let suiting = || all().filter(|at| tools.get(*at).is_some_and(|(name, said)| text::suits(name, said, user)));
    let or = |places: Vec<usize>, others: Vec<usize>| if places.is_empty() { others } else { places };
    let mut places = match choice {
        CallChoice::Never => Vec::new(),
        CallChoice::Named(wanted) => tools.iter().position(|(name, _)| *name == wanted).into_iter().collect(),
        CallChoice::Auto if text::speaks_of_tools(user) => or(suiting().collect(), all().collect()),
        CallChoice::Auto => or(suiting().collect(), all().take(usize::from(text::asks(user))).collect()),
        CallChoice::Must => or(suiting().collect(), all().collect()),
    };
    places.truncate(if several { MOST } else { 1 });
    places
}

/// Arguments that fit the parameters.
pub(super) fn arguments(parameters: Option<&Value>) -> Value {
    match parameters.map(sampler::sample) {
        Some(made @ Value::Object(_)) => made,
        _ => json!({}),
    }
}

/// A piece of a history, as far as it matters here.
pub(super) enum Turn {
    /// What tools returned.
    Results(Vec<String>),
    /// Calls, thoughts.
    Between,
    /// Words of the user, or a picture that a tool made and cannot return.
    Asked,
    /// Words of the model: what lies before them has been answered.
    Said,
}

/// What tools have returned since the model last spoke, in its order; the newest turn comes first.
pub(super) fn results(newest_first: impl Iterator<Item = Turn>) -> Vec<String> {
    let mut found: Vec<Vec<String>> = Vec::new();
    for turn in newest_first {
        match turn {
            Turn::Results(results) => found.push(results),
            Turn::Between => {}
            Turn::Asked if found.is_empty() => {}
            Turn::Asked | Turn::Said => break,
        }
    }
    found.into_iter().rev().flatten().collect()
}

/// An answer that has to follow a schema: where tools have said something of a field, it is that.
pub(super) fn answer(schema: &Value, results: &[String]) -> String {
    let objects = results.iter().filter_map(|result| serde_json::from_str::<Map<String, Value>>(result).ok());
    sampler::sample_of(schema, &objects.flatten().collect()).to_string()
}

/// What the model says to what tools have returned; none if nothing.
pub(super) fn said(results: &[String], user: &str) -> Option<String> {
    (!results.is_empty()).then(|| text::after_tools(results, user))
}
