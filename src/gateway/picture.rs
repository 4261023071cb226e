//! Pictures that the gateway paints: the same for the same words, as large as was asked for, and a few hundred bytes.
use std::io::Write as _;

use bytes::Bytes;

/// 16 × 16 in one colour. Painting these formats would take an encoder.
const JPEG: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAQABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAL/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAABAX/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCQAlF//9k=";
const WEBP: &str = "UklGRh4AAABXRUJQVlA4TBEAAAAvD8ADAAdQrjoXpf+BiOh/AAA=";

/// A red dot: what models answer that draw into a data URI.
pub(super) const RED_DOT: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

/// A number that stands for a text (FNV-1a).
pub(super) fn seed(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// In base64; `format` is "png", "jpeg" or "webp".
pub(super) fn base64(format: &str, seed: u64, width: u32, height: u32) -> String {
    match format {
        "jpeg" => JPEG.to_owned(),
        "webp" => WEBP.to_owned(),
        _ => base64_simd::STANDARD.encode_to_string(png(seed, width, height)),
    }
}

/// Bands in two colours.
pub(super) fn png(seed: u64, width: u32, height: u32) -> Vec<u8> {
    let row_bytes = width.div_ceil(8) as usize;
    let band = (height / 64).max(1);
    let mut rows = Vec::with_capacity((row_bytes + 1) * height as usize);
    for row in 0..height {
        let dark = (seed >> (row / band % 64)) & 1 == 1;
        rows.push(0); // unfiltered
        rows.resize(rows.len() + row_bytes, if dark { 0xFF } else { 0 });
    }
    let mut zip = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    let _ = zip.write_all(&rows); // into memory: cannot fail
    let mut head = Vec::with_capacity(13);
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([1, 3, 0, 0, 0]); // one bit a pixel, the number of a colour
    let colours = [seed.to_le_bytes().first_chunk::<6>().copied().unwrap_or_default()].concat();
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in
        [(b"IHDR", head), (b"PLTE", colours), (b"IDAT", zip.finish().unwrap_or_default()), (b"IEND", vec![])]
    {
        let mut check = flate2::Crc::new();
        check.update(kind);
        check.update(&data);
        out.extend((data.len() as u32).to_be_bytes());
        out.extend(kind);
        out.extend(&data);
        out.extend(check.sum().to_be_bytes());
    }
    out
}

/// What an upload is, told by its first bytes, and its size where that is easy to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Upload {
    Png(u32, u32),
    Jpeg,
    Webp,
}

impl Upload {
    pub fn of(data: &Bytes) -> Option<Self> {
        let number = |at: usize| Some(u32::from_be_bytes(*data.get(at..)?.first_chunk()?));
        match data {
            _ if data.starts_with(b"\x89PNG\r\n\x1a\n") => Some(Self::Png(number(16)?, number(20)?)),
            _ if data.starts_with(b"\xff\xd8\xff") => Some(Self::Jpeg),
            _ if data.starts_with(b"RIFF") && data.get(8..12) == Some(b"WEBP") => Some(Self::Webp),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn painted() {
        let picture = png(seed("a cat"), 1024, 1536);
        assert_eq!(Upload::of(&picture.clone().into()), Some(Upload::Png(1024, 1536)));
        assert_eq!(picture, png(seed("a cat"), 1024, 1536));
        assert_ne!(picture, png(seed("a dog"), 1024, 1536));
        assert!(picture.len() < 4096, "{}", picture.len());
        for (format, kind) in [("jpeg", Upload::Jpeg), ("webp", Upload::Webp)] {
            let data = base64_simd::STANDARD.decode_to_vec(base64(format, 0, 1, 1)).unwrap();
            assert_eq!(Upload::of(&data.into()), Some(kind));
        }
    }
}
