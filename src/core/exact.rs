//! Numbers of a JSON text that a reader of floats would change without a word: `9007199254740993.0` for an id is off by
//! one, `NaN` and `1e999` are no JSON and no number.

use std::borrow::Cow;

use super::json::text_end;

/// Beyond this a number is no float: 1.8e308.
const LARGEST: i64 = 308;

/// The text with whole numbers written as whole numbers, where they were not; what is no number, as an error. Anything
/// else that is wrong stays for the parser.
pub fn exact(json: &str) -> Result<Cow<'_, str>, String> {
    let bytes = json.as_bytes();
    let (mut written, mut copied, mut at) = (String::new(), 0, 0);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = bytes.get(at..).and_then(text_end).map_or(bytes.len(), |length| at + length),
            b'-' | b'0'..=b'9' => {
                let part = |c: &u8| matches!(c, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                let end = at + bytes.iter().skip(at).take_while(|c| part(c)).count();
                let number = json.get(at..end).unwrap_or_default();
                if bytes.get(end) == Some(&b'I') {
                    return Err("-Infinity is no number of JSON".to_owned());
                }
                if let Some(whole) = whole(number)? {
                    written.push_str(json.get(copied..at).unwrap_or_default());
                    written.push_str(&whole);
                    copied = end;
                }
                at = end;
            }
            b'N' | b'I' => {
                let word = bytes.iter().skip(at).take_while(|c| c.is_ascii_alphanumeric()).count();
                if let Some(name @ ("NaN" | "Infinity")) = json.get(at..at + word) {
                    return Err(format!("{name} is no number of JSON"));
                }
                at += word;
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return Ok(Cow::Borrowed(json));
    }
    written.push_str(json.get(copied..).unwrap_or_default());
    Ok(Cow::Owned(written))
}

/// A number's digits, if it is written with a point or an exponent, is whole, and has more of them than a float keeps.
fn whole(number: &str) -> Result<Option<String>, String> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (sign, before) = before.strip_prefix('-').map_or(("", before), |rest| ("-", rest));
    let is_digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
    // 2^53 has 16 digits: a float keeps 15, whatever they are.
    if number.len() < 4 || (before.len() < 16 && exponent == "0") || !is_digits(before) || !is_digits(after) {
        return Ok(None);
    }
    let digits = format!("{before}{after}");
    let digits = digits.trim_start_matches('0');
    let Ok(exponent) = exponent.parse::<i64>() else { return Ok(None) };
    let (Ok(places), Ok(count)) = (i64::try_from(after.len()), i64::try_from(digits.len())) else { return Ok(None) };
    let zeros = exponent.saturating_sub(places); // behind the digits; the last of them are behind the point, if negative
    if count == 0 {
        return Ok(None); // 0e999
    }
    if count.saturating_add(zeros) > LARGEST + 1 {
        return Err(format!("{number} is larger than any number"));
    }
    let Ok(size) = usize::try_from(count.saturating_add(zeros)) else { return Ok(None) };
    if size < 16 {
        return Ok(None);
    }
    let (front, rest) = digits.split_at_checked(size).unwrap_or((digits, ""));
    if rest.bytes().any(|c| c != b'0') || !number.contains(['.', 'e', 'E']) {
        return Ok(None);
    }
    Ok(Some(format!("{sign}{front:0<size$}")))
}

#[cfg(test)]
mod tests {
    use super::exact;

    #[test]
    fn whole_numbers_stay_whole() {
        for (came, kept) in [
            ("{\"id\": 9007199254740993.0, \"x\": 1.5}", "{\"id\": 9007199254740993, \"x\": 1.5}"),
            ("[9.007199254740993e15]", "[9007199254740993]"),
            ("-1234567890123456789.00", "-1234567890123456789"),
            ("1E+20", "100000000000000000000"),
            ("1.5e3", "1.5e3"),
            ("9007199254740993.5", "9007199254740993.5"),
            ("9007199254740993", "9007199254740993"),
            ("1e-400", "1e-400"),
            ("0e999", "0e999"),
            ("\"9007199254740993.0 NaN\"", "\"9007199254740993.0 NaN\""),
            ("\"cut 9007199254740993.0", "\"cut 9007199254740993.0"),
            ("No JSON", "No JSON"),
            ("--5.5.5e", "--5.5.5e"),
        ] {
            assert_eq!(exact(came).as_deref(), Ok(kept), "{came}");
        }
    }

    #[test]
    fn what_is_no_number() {
        for odd in ["[NaN]", "{\"a\": Infinity}", "-Infinity", "1e999", "[1.5E+400]", "1e99999999999"] {
            assert!(exact(odd).is_err(), "{odd}");
        }
    }
}
