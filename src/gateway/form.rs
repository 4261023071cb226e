//! Multipart forms, as requests send them.
use bytes::Bytes;
use memchr::memmem;

#[derive(Debug, Default)]
pub struct UploadForm {
    pub parts: Vec<FormPart>,
}

#[derive(Debug)]
pub struct FormPart {
    pub name: String,
    /// None: a text field.
    pub filename: Option<String>,
    pub content_type: Option<String>,
    pub data: Bytes,
}

impl UploadForm {
    /// `kind` is the request's Content-Type, which names the boundary.
    pub fn parse(kind: &str, body: &Bytes) -> Result<Self, String> {
        let boundary = parameter(kind, "boundary").ok_or("no multipart boundary param in Content-Type")?;
        let (open, next) = (format!("--{boundary}"), format!("\r\n--{boundary}"));
        let mut parts = Vec::new();
        // Text before the first boundary is allowed, and without meaning.
        let start = match body.starts_with(open.as_bytes()) {
            true => 0,
            false => memmem::find(body, next.as_bytes()).ok_or("multipart: NextPart: EOF")? + 2,
        };
        let mut rest = body.slice(start + open.len()..);
        while !rest.starts_with(b"--") {
            let head = memmem::find(&rest, b"\r\n\r\n").ok_or("multipart: NextPart: EOF")?;
            let lines = String::from_utf8_lossy(&rest[..head]).into_owned();
            let data = rest.slice(head + 4..);
            let end = memmem::find(&data, next.as_bytes()).ok_or("multipart: NextPart: unexpected EOF")?;
            rest = data.slice(end + next.len()..);
            let header = |wanted: &str| {
                lines
                    .lines()
                    .filter_map(|line| line.split_once(':'))
                    .find_map(|(name, value)| name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned()))
            };
            let disposition = header("content-disposition").unwrap_or_default();
            parts.push(FormPart {
                name: parameter(&disposition, "name").unwrap_or_default(),
                filename: parameter(&disposition, "filename"),
                content_type: header("content-type"),
                data: data.slice(..end),
            });
        }
        Ok(Self { parts })
    }

    /// The first text field of that name.
    pub fn text(&self, name: &str) -> Option<&str> {
        let part = self.parts.iter().find(|part| part.name == name && part.filename.is_none())?;
        str::from_utf8(&part.data).ok()
    }

    /// The files of that name.
    pub fn files<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a FormPart> {
        self.parts.iter().filter(move |part| part.name == name && part.filename.is_some())
    }
}

/// A parameter of a header: `form-data; name="image"; filename="a\"b.png"`.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let (_, mut rest) = header.split_once(';')?;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, left) = match after.strip_prefix('"') {
            None => match after.split_once(';') {
                Some((value, left)) => (value.trim().to_owned(), left),
                None => (after.trim().to_owned(), ""),
            },
            Some(quoted) => {
                let (mut value, mut chars) = (String::new(), quoted.chars());
                while let Some(c) = chars.next().filter(|c| *c != '"') {
                    value.push(if c == '\\' { chars.next()? } else { c });
                }
                (value, chars.as_str().trim_start().trim_start_matches(';'))
            }
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = left;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "multipart/form-data; boundary=XX";

    #[test]
    fn parts_with_all_their_names() {
        let body = Bytes::from_static(
            b"--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--XX\r\n\
              content-disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".mp3\"\r\nContent-Type: audio/mpeg\
              \r\n\r\n\r\n--X\r\n\r\n--XX--\r\n",
        );
        let form = UploadForm::parse(KIND, &body).unwrap();
        assert_eq!(form.text("model"), Some("whisper-1"));
        assert_eq!(form.text("file"), None);
        let file = form.files("file").next().unwrap();
        assert_eq!((file.filename.as_deref(), file.content_type.as_deref()), (Some("a \"b\".mp3"), Some("audio/mpeg")));
        assert_eq!(&file.data[..], b"\r\n--X\r\n");
    }

    #[test]
    fn what_is_no_form() {
        let body = |text: &'static str| Bytes::from_static(text.as_bytes());
        assert!(UploadForm::parse("multipart/form-data", &body("--XX--")).is_err());
        for text in ["", "--XX\r\n", "--XX\r\nContent-Disposition: form-data\r\n\r\nno end", "something else"] {
            assert!(UploadForm::parse(KIND, &body(text)).is_err(), "{text}");
        }
        assert!(UploadForm::parse(KIND, &body("--XX--\r\n")).unwrap().parts.is_empty());
    }
}
