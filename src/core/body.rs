//! Binary data in a body: base64 and data URIs in JSON, and what kind of data it is, told by its first bytes.
use super::endpoint::Binary;

/// Appends `data` to `out` as the field wants it: one pass, no copy between.
pub fn write(out: &mut Vec<u8>, data: &[u8], form: Binary, name: Option<&str>) {
    if form == Binary::DataUri {
        out.extend_from_slice(b"data:");
        out.extend_from_slice(media_type(data, name).as_bytes());
        out.extend_from_slice(b";base64,");
    }
    base64_simd::STANDARD.encode_append(data, out);
}

/// The media type by content, else by the file's name, else `application/octet-stream`.
pub fn media_type(data: &[u8], name: Option<&str>) -> &'static str {
    sniff(data).or_else(|| by_extension(name?)).unwrap_or("application/octet-stream")
}

/// The ending of file names of that type.
pub fn extension(media_type: &str) -> Option<&'static str> {
    Some(match media_type {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/bmp" => "bmp",
        "image/avif" => "avif",
        "image/heic" => "heic",
        "audio/wav" => "wav",
        "audio/mpeg" => "mp3",
        "audio/mp4" => "m4a",
        "audio/flac" => "flac",
        "audio/ogg" => "ogg",
        "audio/aac" => "aac",
        "video/mp4" => "mp4",
        "video/webm" => "webm",
        "application/pdf" => "pdf",
        _ => return None,
    })
}

fn sniff(data: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, magic: &[u8]| data.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    Some(match data {
        _ if at(0, b"\x89PNG\r\n\x1a\n") => "image/png",
        _ if at(0, b"\xff\xd8\xff") => "image/jpeg",
        _ if at(0, b"GIF87a") || at(0, b"GIF89a") => "image/gif",
        _ if at(0, b"RIFF") && at(8, b"WEBP") => "image/webp",
        _ if at(0, b"RIFF") && at(8, b"WAVE") => "audio/wav",
        _ if at(4, b"ftypavif") => "image/avif",
        _ if at(4, b"ftypheic") => "image/heic",
        _ if at(4, b"ftypM4A") => "audio/mp4",
        _ if at(4, b"ftyp") => "video/mp4",
        _ if at(0, b"BM") && data.len() > 26 && at(6, b"\0\0\0\0") => "image/bmp",
        _ if at(0, b"%PDF-") => "application/pdf",
        _ if at(0, b"ID3") => "audio/mpeg",
        // A frame's head: eleven bits set, then version and layer.
        [0xff, second, ..] if second & 0xe6 == 0xe2 => "audio/mpeg",
        [0xff, second, ..] if second & 0xf6 == 0xf0 => "audio/aac",
        _ if at(0, b"fLaC") => "audio/flac",
        _ if at(0, b"OggS") => "audio/ogg",
        _ if at(0, b"\x1aE\xdf\xa3") => "video/webm",
        _ => return None,
    })
}

fn by_extension(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "pdf" => "application/pdf",
        "json" => "application/json",
        "csv" => "text/csv",
        "html" | "htm" => "text/html",
        "md" => "text/markdown",
        "txt" | "log" | "py" | "rs" | "toml" | "yaml" | "yml" => "text/plain",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "mp3" | "mpga" | "mpeg" => "audio/mpeg",
        "wav" => "audio/wav",
        "m4a" => "audio/mp4",
        "aac" => "audio/aac",
        "flac" => "audio/flac",
        "ogg" | "oga" | "opus" => "audio/ogg",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_goes_before_name() {
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\nrest", Some("cat.jpg")), "image/png");
        assert_eq!(media_type(b"a,b\n", Some("Table.CSV")), "text/csv");
        assert_eq!(media_type(b"", None), "application/octet-stream");
        assert_eq!(media_type(b"x", Some("noextension")), "application/octet-stream");
    }

    #[test]
    fn forms() {
        let mut out = b"\"".to_vec();
        write(&mut out, b"%PDF-1", Binary::DataUri, None);
        assert_eq!(out, b"\"data:application/pdf;base64,JVBERi0x");
        let mut out = Vec::new();
        write(&mut out, b"%PDF-1", Binary::Base64, None);
        assert_eq!(out, b"JVBERi0x");
    }
}
