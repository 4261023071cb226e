//! The text that an answer is, found where it lies.
use std::borrow::Cow;

use crate::core::dialect::Dialect;
use crate::core::peek::Json;

/// The text of a reply that has one and no other, which most are: to make objects of all of it takes five times as long.
/// None where there is more to say, or less: whoever reads the whole reply says it.
pub fn text(dialect: Dialect, reply: &[u8]) -> Option<Cow<'_, str>> {
    let top = Json::of(reply);
    let part = match dialect {
        Dialect::Responses => {
            let message = only(member(top, "output")?, r#""message""#)?;
            member(only(member(message, "content")?, r#""output_text""#)?, "text")?
        }
        Dialect::Messages => member(only(member(top, "content")?, r#""text""#)?, "text")?,
        Dialect::Chat => member(member(member(top, "choices")?.items().next()?, "message")?, "content")?,
        _ => return None,
    };
    part.text().filter(|_| part.first() == Some(b'"'))
}

/// The member of that name. None of two: which of them counts, parsers see differently.
fn member<'a>(object: Json<'a>, wanted: &str) -> Option<Json<'a>> {
    let mut found = object.members().filter(|(name, _)| *name == wanted.as_bytes());
    let (_, one) = found.next()?;
    found.next().is_none().then_some(one)
}

/// The only item of that `type`.
fn only<'a>(list: Json<'a>, kind: &str) -> Option<Json<'a>> {
    let mut found = list.items().filter(|item| member(*item, "type").is_some_and(|it| it.raw() == kind.as_bytes()));
    let one = found.next()?;
    found.next().is_none().then_some(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_an_answer() {
        let message =
            |content: &str| format!(r#"{{"output":[{{"type":"reasoning"}},{{"type":"message",{content}}}]}}"#);
        let part = |text: &str| format!(r#""content":[{{"type":"output_text","text":{text}}}]"#);
        let of_turn = |content: &str| format!(r#"{{"choices":[{{"message":{{"content":{content}}}}},{{}}]}}"#);
        let blocks = |blocks: &str| format!(r#"{{"content":[{blocks}]}}"#);
        for (dialect, reply, found) in [
            (Dialect::Responses, message(&part(r#""Hi""#)), Some("Hi")),
            (Dialect::Responses, message(&part(r#""a\n\u4e2d \ud83d""#)), Some("a\n中 \u{fffd}")),
            (Dialect::Responses, message(&part(r#""""#)), Some("")),
            (Dialect::Responses, message(&part("7")), None),
            (Dialect::Responses, message(&part("null")), None),
            (Dialect::Responses, message(r#""content":"Hi""#), None),
            (Dialect::Responses, message(&format!("{0},{0}", part(r#""Hi""#))), None),
            (Dialect::Responses, message(r#""content":[{"type":"refusal","refusal":"No"}]"#), None),
            (Dialect::Responses, r#"{"output":[]}"#.into(), None),
            (Dialect::Responses, r#"{"output":null}"#.into(), None),
            (Dialect::Responses, "[]".into(), None),
            (Dialect::Chat, of_turn(r#""Hi""#), Some("Hi")),
            (Dialect::Chat, of_turn("null"), None),
            (Dialect::Chat, of_turn(r#"[{"type":"text","text":"Hi"}]"#), None),
            (Dialect::Chat, r#"{"choices":[]}"#.into(), None),
            (Dialect::Messages, blocks(r#"{"type":"thinking"},{"type":"text","text":"Hi"}"#), Some("Hi")),
            (Dialect::Messages, blocks(r#"{"type":"text","text":"a"},{"type":"text","text":"b"}"#), None),
            (Dialect::Messages, blocks(r#"{"type":"text","type":"tool_use","text":"a"}"#), None),
            (Dialect::Gemini, of_turn(r#""Hi""#), None),
        ] {
            assert_eq!(text(dialect, reply.as_bytes()).as_deref(), found, "{dialect:?} {reply}");
        }
    }
}
