//! What the names of models say.

/// Whether it thinks before it answers.
pub(super) fn reasons(model: &str) -> bool {
    let o_series = model.strip_prefix('o').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    o_series || model.starts_with("gpt-5") && !model.starts_with("gpt-5-chat")
}

/// The name that it answers under.
pub(super) fn dated(model: &str) -> &str {
    match model {
        "gpt-5" => "gpt-5-2025-08-07",
        "gpt-4o" => "gpt-4o-2024-08-06",
        "gpt-4.1" => "gpt-4.1-2025-04-14",
        other => other,
    }
}
