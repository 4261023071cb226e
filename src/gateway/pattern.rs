//! A text that a regular expression matches: the shortest that has each of its parts once, or as many as are needed.
use std::iter::Peekable;
use std::str::Chars;

/// Groups within groups: deeper ones are not read.
const DEPTH: usize = 32;
const LONGEST: usize = 10_000;

/// A text of `least` to `most` characters, another one for each `nth`; none where the expression has what is not read
/// here.
pub(super) fn example(pattern: &str, least: usize, most: usize, nth: usize) -> Option<String> {
    let mut chars = pattern.chars().peekable();
    let tree = alternatives(&mut chars, 0)?;
    if chars.next().is_some() {
        return None; // a bracket that nothing opened
    }
    let made = |times: usize| {
        let text = written(&tree, times, nth);
        let length = text.chars().count();
        (text, length)
    };
    // Everything once; where that is too short, what may repeat does, and where it is too long, only what must be there.
    let (mut text, mut length) = made(1);
    if length > most {
        (text, length) = made(0);
    } else if length < least {
        // The more often, the longer: the fewest times that do.
        let (mut few, mut many) = (1, least.min(LONGEST));
        while many - few > 1 {
            let half = few.midpoint(many);
            if made(half).1 < least { few = half } else { many = half }
        }
        (text, length) = made(many);
    }
    (least..=most).contains(&length).then_some(text)
}

/// One of these.
type Alternatives = Vec<Vec<(Atom, usize, usize)>>;

enum Atom {
    /// One of these characters, or one of none of them.
    Class {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
    Group(Alternatives),
}

fn alternatives(chars: &mut Peekable<Chars>, depth: usize) -> Option<Alternatives> {
    if depth > DEPTH {
        return None;
    }
    let mut all = vec![Vec::new()];
    while let Some(&c) = chars.peek() {
        if c == ')' {
            break;
        }
        chars.next();
        let atom = match c {
            '|' => {
                all.push(Vec::new());
                continue;
            }
            '^' | '$' => continue,
            '(' => {
                let mut counts = true;
                if chars.next_if_eq(&'?').is_some() {
                    match chars.next()? {
                        ':' => {}
                        '=' | '!' => counts = false, // looks ahead
                        'P' | '<' => match chars.peek() {
                            Some('=' | '!') => counts = false, // looks behind
                            _ => while chars.next()? != '>' {},
                        },
                        _ => return None,
                    }
                }
                let inner = alternatives(chars, depth + 1)?;
                chars.next_if_eq(&')')?;
                if !counts {
                    continue;
                }
                Atom::Group(inner)
            }
            '[' => class(chars)?,
            '.' => Atom::Class { ranges: vec![('\n', '\n')], negated: true },
            '\\' => match chars.next()? {
                'b' | 'B' | 'A' | 'Z' | 'z' => continue,
                '1'..='9' => return None,
                escaped => escape(escaped, chars)?,
            },
            literal => one(literal),
        };
        let (least, most) = times(chars)?;
        all.last_mut()?.push((atom, least, most));
    }
    Some(all)
}

fn one(c: char) -> Atom {
    Atom::Class { ranges: vec![(c, c)], negated: false }
}

/// How often what came before may stand.
fn times(chars: &mut Peekable<Chars>) -> Option<(usize, usize)> {
    let (least, most) = match chars.peek() {
        Some('*') => (0, usize::MAX),
        Some('+') => (1, usize::MAX),
        Some('?') => (0, 1),
        Some('{') => {
            let inside: String = chars.clone().skip(1).take_while(|c| *c != '}').collect();
            let (least, most) = inside.split_once(',').unwrap_or((&inside, &inside));
            let Ok(least) = least.trim().parse() else { return Some((1, 1)) }; // a brace that is one
            for _ in 0..=inside.chars().count() {
                chars.next();
            }
            (least, if most.is_empty() { usize::MAX } else { most.trim().parse().ok()? })
        }
        _ => return Some((1, 1)),
    };
    chars.next();
    let _lazy = chars.next_if(|c| matches!(c, '?' | '+'));
    Some((least, most))
}

const DIGITS: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')];
const SPACE: &[(char, char)] = &[(' ', ' '), ('\t', '\r')];

fn escape(c: char, chars: &mut Peekable<Chars>) -> Option<Atom> {
    let known = |ranges: &[(char, char)], negated| Some(Atom::Class { ranges: ranges.to_vec(), negated });
    match c {
        'd' => known(DIGITS, false),
        'D' => known(DIGITS, true),
        'w' => known(WORD, false),
        'W' => known(WORD, true),
        's' => known(SPACE, false),
        'S' => known(SPACE, true),
        'p' | 'P' => {
            let name = match chars.next()? {
                '{' => chars.by_ref().take_while(|c| *c != '}').collect(),
                one => one.to_string(),
            };
            let ranges: &[(char, char)] = match name.as_str() {
                "L" | "Ll" | "Letter" | "Alphabetic" => &[('a', 'z')],
                "Lu" => &[('A', 'Z')],
                "N" | "Nd" => DIGITS,
                _ => return None,
            };
            known(ranges, c == 'P')
        }
        c => literal(c, chars).map(one),
    }
}

/// The character that an escape stands for.
fn literal(c: char, chars: &mut Peekable<Chars>) -> Option<char> {
    let mut hex = |digits: usize| {
        let digits: String = chars.by_ref().take(digits).collect();
        u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
    };
    Some(match c {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'f' => '\x0c',
        'v' => '\x0b',
        '0' => '\0',
        'x' => hex(2)?,
        'u' => hex(4)?,
        c if c.is_alphanumeric() => return None,
        c => c,
    })
}

fn class(chars: &mut Peekable<Chars>) -> Option<Atom> {
    let negated = chars.next_if_eq(&'^').is_some();
    let mut ranges: Vec<(char, char)> = Vec::new();
    loop {
        let low = match chars.next()? {
            ']' => break,
            '\\' => {
                let c = chars.next()?;
                match c {
                    'b' => '\x08',
                    'd' | 'w' | 's' | 'p' => {
                        let Atom::Class { ranges: more, .. } = escape(c, chars)? else { return None };
                        ranges.extend(more);
                        continue;
                    }
                    c => literal(c, chars)?,
                }
            }
            c => c,
        };
        // A hyphen before the end is one.
        let to = chars.clone().nth(1).is_some_and(|after| after != ']');
        let high = match chars.peek() {
            Some('-') if to => {
                chars.next();
                match chars.next()? {
                    '\\' => {
                        let c = chars.next()?;
                        literal(c, chars)?
                    }
                    c => c,
                }
            }
            _ => low,
        };
        ranges.push((low, high));
    }
    (negated || !ranges.is_empty()).then_some(Atom::Class { ranges, negated })
}

fn written(all: &Alternatives, times: usize, nth: usize) -> String {
    let mut out = String::new();
    write(all, times, nth, &mut out);
    out
}

fn write(all: &Alternatives, times: usize, nth: usize, out: &mut String) {
    let Some(sequence) = all.get(nth % all.len().max(1)) else { return };
    for (atom, least, most) in sequence {
        for at in 0..times.clamp(*least, (*most).max(*least)).min(LONGEST) {
            if out.len() > LONGEST {
                return;
            }
            match atom {
                // The texts of several `nth` differ in the first character of each run.
                Atom::Class { ranges, negated } => out.extend(picked(ranges, *negated, if at == 0 { nth } else { 0 })),
                Atom::Group(inner) => write(inner, times, nth, out),
            }
        }
    }
}

/// A letter or a digit where there is one.
fn picked(ranges: &[(char, char)], negated: bool, nth: usize) -> Option<char> {
    let has = |c: &char| ranges.iter().any(|(low, high)| (low..=high).contains(&c)) != negated;
    let nice = || ('a'..='z').chain('1'..='9').chain('A'..='Z').chain(['0', '_', '-', ' ', '.']).filter(has);
    match nice().nth(nth).or_else(|| nice().nth(nth % nice().count().max(1))) {
        None if negated => ('!'..='~').chain('一'..='丁').find(has),
        None => ranges.first().map(|(low, _)| *low),
        found => found,
    }
}

#[cfg(test)]
mod tests {
    use super::example;

    #[test]
    fn examples() {
        for (pattern, text) in [
            ("", ""),
            ("^abc$", "abc"),
            ("^[a-z0-9_-]+$", "a"),
            (r"^\d{3}-\d{4}$", "111-1111"),
            (r"^[A-Z]{2}\d{2,4}$", "AA11"),
            (r"^(foo|bar)(?:baz)?$", "foobaz"),
            (r"^(?P<year>\d{4})/(?<month>\d\d)$", "1111/11"),
            (r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$", "-01.1"),
            (r"^\+?[1-9]\d{1,14}$", "+11"),
            (r"^#[0-9A-Fa-f]{6}$", "#aaaaaa"),
            (r"^[^a-z]$", "1"),
            (r"^[\w.+-]+@[\w-]+\.[a-z]{2,}$", "a@a.aa"),
            (r"^\p{Lu}\p{L}*\u0041\x42$", "AaAB"),
            (r"^[一-龥]+$", "一"),
            (r"^a{2}{b$", "aa{b"),
            (r"^[\]-]{2}$", "--"),
        ] {
            assert_eq!(example(pattern, 0, usize::MAX, 0).as_deref(), Some(text), "{pattern}");
        }
        assert_eq!(example("^[a-z]+$", 5, 9, 0).as_deref(), Some("aaaaa"));
        assert_eq!(example("^a*b?$", 0, 0, 0).as_deref(), Some(""));
        assert_ne!(example("^[a-z]+$", 0, 9, 1), example("^[a-z]+$", 0, 9, 0));
        for odd in [r"(a)\1", "(", ")", "[", "[]", r"\k<a>", "(?i)a", &"(".repeat(5000)] {
            assert_eq!(example(odd, 0, usize::MAX, 0), None, "{odd}");
        }
        assert_eq!(example("^a{3}$", 5, 9, 0), None);
        assert_eq!(example("^(a|b){1,50}$", 40, 41, 0).unwrap(), "a".repeat(40));
        assert_eq!(example("^(ab)*c?$", 7, 7, 0).as_deref(), Some("abababc"));
        assert_eq!(example(&format!("{}a{}", "(".repeat(20), "+)".repeat(20)), 9000, 9999, 0).map(|it| it.len()), None);
        assert!(example("((((a{99}){99}){99}){99}){99}", 0, usize::MAX, 0).unwrap().len() < 11_000);
    }
}
