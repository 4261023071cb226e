//! The words of the default answers: echo-like, the same for the same prompt, of realistic length; and token counts.

/// Compact JSON of a string.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether a character is written without spaces between words: Chinese, Japanese, Korean.
#[must_use]
pub fn is_cjk(c: char) -> bool {
    matches!(u32::from(c), 0x3000..=0x30FF | 0x3400..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF)
}

/// An estimate: one token to four characters, one to each CJK character.
#[must_use]
pub fn tokens(text: &str) -> usize {
    let (mut latin, mut cjk) = (0, 0);
    for c in text.chars() {
        if is_cjk(c) { cjk += 1 } else { latin += 1 }
    }
    cjk + usize::div_ceil(latin, 4)
}

/// The longest beginning of `text` that is at most `most` tokens.
#[must_use]
pub fn cut(text: &str, most: usize) -> &str {
    let (mut latin, mut cjk) = (0, 0);
    for (at, c) in text.char_indices() {
        if is_cjk(c) {
            cjk += 1
        } else {
            latin += 1
        }
        if cjk + usize::div_ceil(latin, 4) > most {
            return &text[..at];
        }
    }
    text
}

/// Splits a text into pieces like a model's tokens: a word with the space before it, a mark, a CJK character. Joined,
/// they are the text.
pub fn pieces(text: &str) -> impl Iterator<Item = &str> {
    const LONGEST: usize = 12;
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut chars = rest.char_indices();
        let (_, first) = chars.next()?;
        let mut last = first;
        let mut length = 1;
        let end = chars
            .find(|&(_, c)| {
                let joined = length < LONGEST
                    && !is_cjk(last)
                    && !is_cjk(c)
                    && (c.is_alphanumeric() && (last.is_alphanumeric() || last == ' ') || c == '\'');
                last = c;
                length += 1;
                !joined
            })
            .map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

/// Pieces of eight characters.
pub fn eights(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let end = text.char_indices().nth(8).map_or(text.len(), |(at, _)| at);
        let (piece, rest) = text.split_at(end);
        text = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

/// What the model says to `prompt`.
#[must_use]
pub fn reply(prompt: &str) -> String {
    let prompt = prompt.trim();
    if prompt == "Hello!" {
        return "Hi! How can I help you today?".to_owned(); // the sample's answer
    }
    let seed = hash(prompt.bytes());
    if mostly_cjk(prompt) { chinese(prompt, seed) } else { english(prompt, seed) }
}

/// What the model says after tools have answered.
#[must_use]
pub fn after_tools<T: AsRef<str>>(outputs: &[T], prompt: &str) -> String {
    let quoted = outputs.iter().map(|output| quote(output.as_ref(), 400)).collect::<Vec<_>>().join("; ");
    if mostly_cjk(prompt) {
        format!(
            "工具返回的结果是:{quoted}。根据这个结果,您的问题已经有了答案;如果需要,我可以继续查询其他条件,或者把结果整理成表格。"
        )
    } else {
        format!(
            "The tool answered: {quoted}. That settles the question as you put it. If you would like, I can call it again \
             with other arguments, or put what it returned into another form, for instance a table or a short summary."
        )
    }
}

/// Whether the words of the user make the model call a function by itself: they share a word with its name, or two
/// Chinese characters with its description.
#[must_use]
pub fn suits(name: &str, description: &str, user: &str) -> bool {
    let user = user.to_lowercase();
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 3);
    let pairs = description.chars().zip(description.chars().skip(1));
    words.any(|word| user.contains(&word.to_lowercase()))
        || pairs.filter(|(a, b)| is_cjk(*a) && is_cjk(*b)).any(|(a, b)| user.contains(&String::from_iter([a, b])))
}

/// Whether the user speaks of tools.
#[must_use]
pub fn speaks_of_tools(user: &str) -> bool {
    let user = user.to_lowercase();
    ["tool", "function", "工具", "函数"].iter().any(|word| user.contains(word))
}

/// Whether the user asks something.
#[must_use]
pub fn asks(user: &str) -> bool {
    user.contains(['?', '?'])
}

/// What the model says after a search: the text, and where in it `link` stands, in characters.
#[must_use]
pub fn found(prompt: &str, link: &str) -> (String, usize, usize) {
    let text = if mostly_cjk(prompt) {
        format!("关于“{}”,我查到的资料给出了明确的说法。", quote(prompt, 120))
    } else {
        format!("On “{}” the sources I found agree, and they answer it directly. ", quote(prompt, 240))
    };
    let start = text.chars().count();
    (text + link, start, start + link.chars().count())
}

fn english(prompt: &str, seed: u64) -> String {
    const OPENINGS: [&str; 4] = [
        "Here is what I can say about your message.",
        "Thanks for asking; let me take it step by step.",
        "Good question. I will keep this short.",
        "Let me answer that directly.",
    ];
    const MIDDLES: [&str; 4] = [
        "The first thing to settle is what matters most to you, because the rest of the answer follows from it.",
        "In short, it depends on two or three details, and most people only need the simplest of the possible answers.",
        "A good way to look at it is to begin with a small example, check that it does what you expect, and grow it.",
        "There is more than one way to go about it, and the plain one is usually the one that still works next year.",
    ];
    const REASONS: [&str; 3] = [
        "It keeps each step easy to check, and easy to undo should it turn out to be the wrong one.",
        "That way nothing is hidden, and anyone who reads it later can see why it was done.",
        "It costs a little more at the start and saves a good deal of time afterwards.",
    ];
    const ENDINGS: [&str; 3] = [
        "Tell me more about your case and I will be glad to go into detail.",
        "If you share an example, I can work through it with you.",
        "Let me know which part you would like to look at next.",
    ];
    if prompt.is_empty() {
        return format!("I did not get any text from you. {} {}", pick(&MIDDLES, seed), pick(&ENDINGS, seed));
    }
    format!(
        "{} You wrote: “{}”. {} {} {}",
        pick(&OPENINGS, seed),
        quote(prompt, 240),
        pick(&MIDDLES, seed >> 8),
        pick(&REASONS, seed >> 16),
        pick(&ENDINGS, seed >> 24),
    )
}

fn chinese(prompt: &str, seed: u64) -> String {
    const OPENINGS: [&str; 3] =
        ["好的,我来回答您的问题。", "谢谢您的提问,下面分几点说明。", "这个问题很好,我简单说一下。"];
    const MIDDLES: [&str; 3] = [
        "首先要明确您最关心的是什么,因为后面的内容都取决于这一点。",
        "一般来说,可以先从一个小例子开始,确认结果符合预期,再逐步扩展。",
        "做法不止一种,通常最简单、最清楚的那一种也是最可靠的。",
    ];
    const ENDINGS: [&str; 3] = [
        "这样每一步都容易检查,也容易修改。如果您能提供更多细节,我可以给出更具体的建议。",
        "这样做开始时稍慢一些,但以后会省下不少时间。您想先了解哪一部分?",
        "其中没有隐藏的步骤,以后读到的人也能看懂。需要的话,我可以继续展开说明。",
    ];
    format!(
        "{}您说的是:“{}”。{}{}",
        pick(&OPENINGS, seed),
        quote(prompt, 120),
        pick(&MIDDLES, seed >> 8),
        pick(&ENDINGS, seed >> 16),
    )
}

fn pick<'a>(from: &[&'a str], seed: u64) -> &'a str {
    from.get(seed as usize % from.len()).copied().unwrap_or_default()
}

/// At most `most` characters of the text, on one line.
#[must_use]
pub fn quote(text: &str, most: usize) -> String {
    let mut quoted: String = text.trim().chars().take(most).map(|c| if c == '\n' { ' ' } else { c }).collect();
    if text.trim().chars().nth(most).is_some() {
        quoted.push('…');
    }
    quoted
}

fn mostly_cjk(text: &str) -> bool {
    let (mut cjk, mut words) = (0, 0);
    let mut inside = false;
    for c in text.chars().take(2000) {
        cjk += usize::from(is_cjk(c));
        let letter = c.is_alphabetic() && !is_cjk(c);
        words += usize::from(letter && !inside);
        inside = letter;
    }
    cjk > words
}

/// FNV-1a: the same in every process, unlike the standard hasher.
pub fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xCBF2_9CE4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_to_the_text() {
        let samples =
            ["", "Hi! How can I help you today?", "  two  spaces\n\nline 'quoted' it's", "今天天气怎么样? OK", "éà😀x"];
        for text in samples {
            assert_eq!(pieces(text).collect::<String>(), text);
            assert!(pieces(text).all(|piece| !piece.is_empty()));
        }
        let seed: Vec<_> = pieces("Hi! How can I help you today?").collect();
        assert_eq!(seed, ["Hi", "!", " How", " can", " I", " help", " you", " today", "?"]);
    }

    #[test]
    fn functions_that_suit() {
        let weather = |user| suits("get_current_weather", "获取指定城市的天气信息", user);
        assert!(weather("What's the Weather like in Boston?") && weather("北京天气怎么样?"));
        assert!(!weather("Hello!") && !weather("你好") && !weather("get it") && !weather(""));
    }

    #[test]
    fn counting_and_cutting() {
        assert_eq!(tokens("Hello!"), 2);
        assert_eq!(tokens("天气 ok"), 3);
        let text = reply("What is the weather like?");
        for most in 0..tokens(&text) + 2 {
            assert!(tokens(cut(&text, most)) <= most);
        }
        assert_eq!(cut(&text, tokens(&text)), text);
    }

    #[test]
    fn replies_quote_and_have_length() {
        for n in 0..50 {
            let prompt = format!("Question number {n}?");
            let text = reply(&prompt);
            assert!(text.contains(&prompt) && (40..=120).contains(&text.split_whitespace().count()), "{text}");
            assert_eq!(text, reply(&prompt));
        }
        let text = reply("今天上海的天气怎么样?");
        assert!(text.contains("今天上海的天气怎么样") && text.chars().filter(|c| is_cjk(*c)).count() > 40);
    }
}
