//! Chinese in UTF-8 to the numbers of its characters, checked on the way. Python's own decoder takes a character at a
//! time, and makes its buffer anew when it meets the first that is not ASCII: for a megabyte of Chinese twice as long. Of
//! texts in which ASCII or an alphabet stands between, it makes as much as this does.

/// As many at a time: they stay in the processor's cache, and no page of memory is new.
pub const PIECE: usize = 4 << 10;

/// Shorter texts are not looked at, and of longer ones as much: less than a byte can count.
pub const LONG: usize = 240;

/// Whether it pays: nearly all is of three bytes a character, by what stands in the middle. To look at all of it takes as
/// long as to read ASCII.
pub fn is_dense(text: &[u8]) -> bool {
    let middle = text.get(text.len().saturating_sub(LONG) / 2..).unwrap_or_default();
    let sample = middle.get(..LONG).unwrap_or(middle);
    let begun = sample.iter().fold(0_u8, |begun, byte| begun.wrapping_add(u8::from(byte & 0xf0 == 0xe0)));
    usize::from(begun) * 3 >= sample.len() - sample.len() / 16
}

/// Adds a piece of them to `out`, and returns what follows it. None where it is no UTF-8.
pub fn characters<'a>(text: &'a [u8], out: &mut Vec<u32>) -> Option<&'a [u8]> {
    let (mut rest, end) = (text, out.len() + PIECE);
    while out.len() < end && !rest.is_empty() {
        if let Some(some) = rest.first_chunk().and_then(eight) {
            out.extend_from_slice(&some);
            rest = rest.get(24..)?;
            continue;
        }
        for _ in 0..8 {
            if rest.is_empty() {
                break;
            }
            let (number, length) = one(rest)?;
            out.push(number);
            rest = rest.get(length..)?;
        }
    }
    Some(rest)
}

/// Eight of three bytes each, side by side: the compiler makes vectors of it. The last byte is only read along.
#[inline]
fn eight(bytes: &[u8; 25]) -> Option<[u32; 8]> {
    let word = |at| u32::from_le_bytes([bytes[3 * at], bytes[3 * at + 1], bytes[3 * at + 2], bytes[3 * at + 3]]);
    let words: [u32; 8] = std::array::from_fn(word);
    let numbers = words.map(|word| (word & 0xf) << 12 | (word & 0x3f00) >> 2 | (word & 0x3f_0000) >> 16);
    let mut wrong = 0;
    for (word, number) in words.into_iter().zip(numbers) {
        wrong |= (word & 0xc0_c0f0) ^ 0x80_80e0; // not of three bytes
        wrong |= number.wrapping_sub(0x800) >> 31; // nor as short as can be
        wrong |= u32::from(number & 0xf800 == 0xd800); // half a pair
    }
    (wrong == 0).then_some(numbers)
}

/// The first, and its length.
#[inline]
fn one(rest: &[u8]) -> Option<(u32, usize)> {
    let low = |byte: &u8| (byte & 0xc0 == 0x80).then_some(u32::from(byte & 0x3f));
    let (number, length) = match rest {
        [a @ 0..0x80, ..] => (u32::from(*a), 1),
        [a @ 0xc2..0xe0, b, ..] => (u32::from(a & 0x1f) << 6 | low(b)?, 2),
        [a @ 0xe0..0xf0, b, c, ..] => (u32::from(a & 0xf) << 12 | low(b)? << 6 | low(c)?, 3),
        [a @ 0xf0..0xf5, b, c, d, ..] => (u32::from(a & 7) << 18 | low(b)? << 12 | low(c)? << 6 | low(d)?, 4),
        _ => return None,
    };
    let least = [0, 0, 0x80, 0x800, 0x1_0000][length];
    (number >= least && char::from_u32(number).is_some()).then_some((number, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Option<Vec<u32>> {
        let (mut rest, mut out) = (text, Vec::new());
        while !rest.is_empty() {
            rest = characters(rest, &mut out)?;
        }
        Some(out)
    }

    /// Against the standard library's, over texts of all lengths with bytes put anywhere.
    #[test]
    fn the_same_as_everybody() {
        let pieces = [
            "中",
            "a",
            "é",
            "😀",
            "中文字符，共有十个字。",
            "abcdefgh12",
            "\u{800}\u{ffff}\u{d7ff}\u{e000}",
            "\u{10ffff}",
        ];
        let wrong = *b"\x80\xbf\xc0\xc1\xc2\xdf\xe0\xed\xa0\x9f\xef\xf0\xf4\x90\x8f\xf5\xff\x41";
        let mut seed = 0x1234_5678_u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        let mut bad = 0;
        for _ in 0..50_000 {
            let mut text: Vec<u8> = (0..random(12)).flat_map(|_| pieces[random(pieces.len())].bytes()).collect();
            for _ in 0..random(3) {
                if !text.is_empty() {
                    let at = random(text.len());
                    text[at] = wrong[random(wrong.len())];
                }
            }
            text.truncate(text.len() - random(3).min(text.len()));
            let known = str::from_utf8(&text).ok().map(|text| text.chars().map(u32::from).collect::<Vec<_>>());
            bad += usize::from(known.is_none());
            assert_eq!(all(&text), known, "{text:x?}");
        }
        assert!((5_000..45_000).contains(&bad));
        let long = "流水不腐，户枢不蠹。a".repeat(2 * PIECE);
        assert_eq!(all(long.as_bytes()), Some(long.chars().map(u32::from).collect()));
        assert!(is_dense("流水不腐，户枢不蠹。\n".as_bytes()) && !is_dense("流水 Python".as_bytes()) && is_dense(b""));
        assert!(is_dense(format!("# Python\n{}\nprint()", "流水不腐，户枢不蠹。".repeat(100)).as_bytes()));
    }
}
