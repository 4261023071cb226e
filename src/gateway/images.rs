//! `POST /v1/images/generations` and `/v1/images/edits`: the default answers, plain and streamed, and the refusals of
//! the gateway and of its upstream. `GET /files/…` serves what the answers name by URL.
use std::borrow::Cow;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::ask::{Ask, Typed, mismatch};
use super::content::{BodyKind, Content};
use super::envelope::{self, Wording};
use super::form::FormPart;
use super::ids;
use super::picture::{self, Upload};
use super::text;

/// What is asked for, whatever it came in.
struct WantedPicture {
    fields: Map<String, Value>,
    uploads: Vec<Upload>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ImageFamily {
    DallE2,
    DallE3,
    GptImage,
    /// Another vendor's, whose reply the gateway converts.
    Other,
}

impl ImageFamily {
    fn of(model: &str) -> Self {
        match model {
            "dall-e" | "dall-e-2" => Self::DallE2,
            "dall-e-3" => Self::DallE3,
            _ if model.starts_with("gpt-image") => Self::GptImage,
            _ => Self::Other,
        }
    }

    fn sizes(self) -> &'static [&'static str] {
        match self {
            Self::DallE2 => &["256x256", "512x512", "1024x1024"],
            Self::DallE3 => &["1024x1024", "1024x1792", "1792x1024"],
            Self::GptImage => &["1024x1024", "1024x1536", "1536x1024", "auto"],
            Self::Other => &[],
        }
    }
}

pub(super) fn generate(ask: &Ask) -> Content {
    match fields_of_json(ask) {
        Ok(fields) => answer(ask, WantedPicture { fields, uploads: Vec::new() }, "image_generation"),
        Err(refusal) => refusal,
    }
}

pub(super) fn edit(ask: &Ask) -> Content {
    let form = ask.request.header("content-type").unwrap_or_default().starts_with("multipart/form-data");
    let wanted = if form { uploaded(ask) } else { linked(ask) };
    match wanted {
        Ok(wanted) => answer(ask, wanted, "image_edit"),
        Err(refusal) => refusal,
    }
}

/// What `answer` names by URL. Their parts say what is in the picture.
pub(super) fn file(ask: &Ask) -> Content {
    let name = ask.args.first().map(String::as_str).unwrap_or_default();
    let parsed = name.strip_prefix("img-").and_then(|rest| {
        let (seed, size) = rest.split_once('-')?;
        let (width, height) = size.split_once('x')?;
        let side = |text: &str| text.parse().ok().filter(|side| (1..=4096).contains(side));
        Some((u64::from_str_radix(seed, 16).ok()?, side(width)?, side(height)?))
    });
    let mut content = match parsed {
        Some((seed, width, height)) => Content::new(200, BodyKind::Bytes, picture::png(seed, width, height).into()),
        None => Content::new(404, BodyKind::Text, Bytes::from_static(b"The specified resource does not exist.")),
    };
    if content.status == 200 {
        content.headers.push((Cow::Borrowed("Content-Type"), "image/png".into()));
    }
    content.request_id = false; // a storage service's, not the gateway's
    content
}

/// An upstream's refusal.
fn refused(message: &str, code: &str) -> Content {
    envelope::upstream_refused(message, code, "")
}

/// The gateway's own refusal.
fn invalid(ask: &Ask, message: &str) -> Content {
    envelope::invalid_request(Wording::OpenAi, message, ask.id)
}

/// The checks that the gateway makes of a JSON body.
fn fields_of_json(ask: &Ask) -> Result<Map<String, Value>, Content> {
    let fields = ask.fields();
    let types: &[Typed] = &[
        ("prompt", "string", Value::is_string),
        ("n", "uint", Value::is_u64),
        ("size", "string", Value::is_string),
        ("quality", "string", Value::is_string),
        ("response_format", "string", Value::is_string),
        ("stream", "bool", Value::is_boolean),
    ];
    if let Some(message) = mismatch(&fields, "ImageRequest", types) {
        return Err(invalid(ask, &message));
    }
    let size = fields.get("size").and_then(Value::as_str).unwrap_or_default();
    if size.contains('×') {
        return Err(invalid(
            ask,
            "size an unexpected error occurred in the parameter, please use 'x' instead of the multiplication sign '×'",
        ));
    }
    let family = ImageFamily::of(ask.model);
    if !size.is_empty()
        && matches!(family, ImageFamily::DallE2 | ImageFamily::DallE3)
        && !family.sizes().contains(&size)
    {
        return Err(invalid(
            ask,
            match family {
                ImageFamily::DallE2 => "size must be one of 256x256, 512x512, or 1024x1024 for dall-e-2 or dall-e",
                _ => "size must be one of 1024x1024, 1024x1792 or 1792x1024 for dall-e-3",
            },
        ));
    }
    Ok(fields)
}

/// An edit as JSON, which newer builds take: its images are URLs or data URIs.
fn linked(ask: &Ask) -> Result<WantedPicture, Content> {
    let fields = fields_of_json(ask)?;
    let mut uploads = Vec::new();
    for name in ["image", "images"] {
        let given = match fields.get(name) {
            Some(Value::Array(list)) => list.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        for each in given {
            let link = each.as_str().or_else(|| each.get("image_url").and_then(Value::as_str)).unwrap_or_default();
            // What a URL leads to is not looked at.
            let data = match link.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) {
                Some((_, data)) => base64_simd::STANDARD.decode_to_vec(data).ok().map(Bytes::from),
                None if link.starts_with("http") => Some(picture::png(0, 1024, 1024).into()),
                None => None,
            };
            uploads.push(data.as_ref().and_then(Upload::of).ok_or_else(|| no_picture(uploads.len() + 1))?);
        }
    }
    if uploads.is_empty() {
        return Err(refused("Missing required parameter: 'image'.", "missing_required_parameter"));
    }
    Ok(WantedPicture { fields, uploads })
}

fn no_picture(number: usize) -> Content {
    let message = format!("Invalid image file or mode for image {number}, please check your image file.");
    refused(&message, "invalid_image_file")
}

/// An edit as a form. The gateway builds it anew: the files of `image`, else of `image[]`, else of any `image[…]`, each
/// of the type that its name's ending says.
fn uploaded(ask: &Ask) -> Result<WantedPicture, Content> {
    let mut fields = Map::new();
    for part in ask.form.parts.iter().filter(|part| part.filename.is_none()) {
        let text = String::from_utf8_lossy(&part.data).into_owned();
        let value = match part.name.as_str() {
            "stream" => Value::Bool(text == "true"),
            "n" | "output_compression" | "partial_images" => match text.parse::<u64>() {
                Ok(number) => number.into(),
                Err(_) => {
                    let message = format!("Invalid type for '{}': expected an integer, but got a string.", part.name);
                    return Err(refused(&message, "invalid_type"));
                }
            },
            _ => text.into(),
        };
        fields.entry(part.name.clone()).or_insert(value);
    }
    let any: Vec<&FormPart> =
        ask.form.parts.iter().filter(|part| part.filename.is_some() && part.name.starts_with("image[")).collect();
    let files = [ask.form.files("image").collect(), ask.form.files("image[]").collect(), any]
        .into_iter()
        .find(|files: &Vec<&FormPart>| !files.is_empty());
    let Some(files) = files else {
        let (message, code) = ("image is required", "convert_request_failed");
        return Err(envelope::relay(Wording::OpenAi, 500, message, "new_api_error", code, ask.id));
    };
    let family = ImageFamily::of(ask.model);
    match family {
        ImageFamily::DallE3 => {
            return Err(refused("Invalid value: 'dall-e-3'. Value must be 'dall-e-2'.", "invalid_value"));
        }
        ImageFamily::DallE2 if files.len() > 1 => {
            let message = "Duplicate parameter: 'image'. You provided multiple values for this parameter, whereas only \
                           one is allowed.";
            return Err(refused(message, "duplicate_parameter"));
        }
        ImageFamily::GptImage if files.len() > 16 => {
            let message = format!(
                "Invalid 'image': array too long. Expected an array with maximum length 16, but got an array with \
                 length {} instead.",
                files.len()
            );
            return Err(refused(&message, "array_above_max_length"));
        }
        _ => {}
    }
    let mut uploads = Vec::new();
    for (number, part) in (1..).zip(files) {
        uploads.push(upload(family, "image", number, part)?);
    }
    if let Some(mask) = ask.form.files("mask").next() {
        match (upload(family, "mask", 1, mask)?, uploads.first()) {
            (Upload::Png(width, height), Some(Upload::Png(w, h))) if (width, height) != (*w, *h) => {
                let message = "Invalid mask image format - mask size does not match image size.";
                return Err(refused(message, "invalid_mask_image_format"));
            }
            (Upload::Png(..), _) => {}
            _ => {
                return Err(refused("Invalid mask image format - mask must be a PNG.", "invalid_mask_image_format"));
            }
        }
    }
    Ok(WantedPicture { fields, uploads })
}

fn upload(family: ImageFamily, field: &str, number: usize, part: &FormPart) -> Result<Upload, Content> {
    let name = part.filename.as_deref().unwrap_or_default().to_ascii_lowercase();
    let kind = match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        _ => "image/png",
    };
    if family == ImageFamily::DallE2 && kind != "image/png" {
        let message =
            format!("Invalid file '{field}': unsupported mimetype ('{kind}'). Supported file formats are 'image/png'.");
        return Err(refused(&message, "unsupported_file_mimetype"));
    }
    let upload = Upload::of(&part.data).ok_or_else(|| no_picture(number))?;
    if family == ImageFamily::DallE2 {
        match upload {
            Upload::Png(width, height) if width != height => {
                return Err(refused("Uploaded image must be square.", "invalid_image"));
            }
            Upload::Png(..) if part.data.len() < 4 << 20 => {}
            _ => return Err(refused("Uploaded image must be a PNG and less than 4 MB.", "invalid_image")),
        }
    } else if part.data.len() >= 50 << 20 {
        let message = format!("Invalid file '{field}': the file is too large. The limit is 50 MB.");
        return Err(refused(&message, "file_too_large"));
    }
    Ok(upload)
}

/// The checks of the upstream.
fn check(family: ImageFamily, fields: &Map<String, Value>, edits: bool) -> Result<(), (String, &'static str)> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let Some(prompt) = text("prompt").filter(|prompt| !prompt.is_empty()) else {
        return Err(("Missing required parameter: 'prompt'.".into(), "missing_required_parameter"));
    };
    let (longest, most) = match family {
        ImageFamily::DallE2 => (1000, 10),
        ImageFamily::DallE3 => (4000, 1),
        _ => (32_000, 10),
    };
    let length = prompt.chars().count();
    if length > longest {
        let message = format!(
            "Invalid 'prompt': string too long. Expected a string with maximum length {longest}, but got a string with \
             length {length} instead."
        );
        return Err((message, "string_above_max_length"));
    }
    let number = |name: &str| fields.get(name).and_then(Value::as_u64);
    for (name, most) in [("n", most), ("output_compression", 100), ("partial_images", 3)] {
        let least = u64::from(name == "n");
        if let Some(value) = number(name).filter(|value| !(least..=most).contains(value)) {
            let message = format!("Invalid '{name}': {value} is not between {least} and {most}.");
            return Err((message, "integer_out_of_range"));
        }
    }
    if family == ImageFamily::Other {
        return Ok(());
    }
    let dall_e = matches!(family, ImageFamily::DallE2 | ImageFamily::DallE3);
    let gpt_only = ["output_format", "output_compression", "background", "moderation", "input_fidelity"];
    let unknown = fields.keys().find(|name| match name.as_str() {
        "response_format" => family == ImageFamily::GptImage,
        "style" => family != ImageFamily::DallE3,
        name => (dall_e && gpt_only.contains(&name)) || (edits && name == "moderation"),
    });
    if let Some(name) = unknown {
        return Err((format!("Unknown parameter: '{name}'."), "unknown_parameter"));
    }
    let qualities: &[&str] = match family {
        ImageFamily::DallE2 => &["standard"],
        ImageFamily::DallE3 => &["standard", "hd"],
        _ => &["low", "medium", "high", "auto"],
    };
    for (name, known) in [
        ("size", family.sizes()),
        ("quality", qualities),
        ("style", &["vivid", "natural"]),
        ("response_format", &["url", "b64_json"]),
        ("output_format", &["png", "jpeg", "webp"]),
        ("background", &["transparent", "opaque", "auto"]),
        ("moderation", &["low", "auto"]),
        ("input_fidelity", &["high", "low"]),
    ] {
        if let Some(value) = text(name).filter(|value| !known.contains(value)) {
            let known: Vec<String> = known.iter().map(|value| format!("'{value}'")).collect();
            let message = format!("Invalid value: '{value}'. Supported values are: {}.", known.join(", "));
            return Err((message, "invalid_value"));
        }
    }
    if text("background") == Some("transparent") && text("output_format") == Some("jpeg") {
        let message = "Transparent background is not supported for jpeg output format.";
        return Err((message.into(), "invalid_value"));
    }
    Ok(())
}

/// `stem` is that of the stream's events.
fn answer(ask: &Ask, wanted: WantedPicture, stem: &str) -> Content {
    let WantedPicture { fields, uploads } = wanted;
    let family = ImageFamily::of(ask.model);
    if let Err((message, code)) = check(family, &fields, stem == "image_edit") {
        return refused(&message, code);
    }
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let number = |name: &str, default| fields.get(name).and_then(Value::as_u64).unwrap_or(default);
    let prompt = text("prompt").unwrap_or_default();
    let size = text("size").filter(|size| *size != "auto").unwrap_or("1024x1024");
    let (width, height) = size
        .split_once('x')
        .and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)))
        .filter(|(w, h)| (1..=4096).contains(w) && (1..=4096).contains(h))
        .unwrap_or((1024u32, 1024u32));
    let seed = |index: u64, step: u64| picture::seed(&format!("{prompt}\n{index}\n{step}"));
    let count = number("n", 1);
    let created = ids::now();
    // A finished picture is step 0.
    if family != ImageFamily::GptImage {
        let in_base64 = text("response_format") == Some("b64_json");
        let data = (0..count).map(|index| {
            let mut image = Map::new();
            let data = || picture::base64("png", seed(index, 0), width, height);
            let url = || url(ask, seed(index, 0), width, height, created);
            let revised = format!("{prompt} The scene is rendered in bands of two colours.");
            match family {
                ImageFamily::DallE3 if in_base64 => {
                    image.insert("b64_json".into(), data().into());
                    image.insert("revised_prompt".into(), revised.into());
                }
                ImageFamily::DallE3 => {
                    image.insert("revised_prompt".into(), revised.into());
                    image.insert("url".into(), url().into());
                }
                ImageFamily::DallE2 if in_base64 => drop(image.insert("b64_json".into(), data().into())),
                ImageFamily::DallE2 => drop(image.insert("url".into(), url().into())),
                // Converted by the gateway: all of its struct's fields, whether they hold something or not.
                _ => {
                    image.insert("url".into(), if in_base64 { String::new() } else { url() }.into());
                    image.insert("b64_json".into(), if in_base64 { data() } else { String::new() }.into());
                    image.insert("revised_prompt".into(), "".into());
                }
            }
            Value::Object(image)
        });
        return dressed(json!({"created": created, "data": data.collect::<Vec<_>>()}));
    }
    let format = text("output_format").unwrap_or("png");
    let quality = text("quality").filter(|quality| *quality != "auto").unwrap_or("medium");
    let background = text("background").filter(|background| *background != "auto").unwrap_or("opaque");
    let one = match (quality, width.cmp(&height)) {
        ("low", std::cmp::Ordering::Equal) => 272,
        ("low", std::cmp::Ordering::Less) => 408,
        ("low", _) => 400,
        ("high", std::cmp::Ordering::Equal) => 4160,
        ("high", std::cmp::Ordering::Less) => 6240,
        ("high", _) => 6208,
        (_, std::cmp::Ordering::Equal) => 1056,
        (_, std::cmp::Ordering::Less) => 1584,
        _ => 1568,
    };
    let (words, seen) = (text::tokens(prompt) as u64, 323 * uploads.len() as u64);
    let usage = |count: u64| {
        json!({
            "total_tokens": words + seen + count * one,
            "input_tokens": words + seen,
            "output_tokens": count * one,
            "input_tokens_details": {"text_tokens": words, "image_tokens": seen},
        })
    };
    if fields.get("stream") != Some(&Value::Bool(true)) {
        let data: Vec<Value> = (0..count)
            .map(|index| json!({"b64_json": picture::base64(format, seed(index, 0), width, height)}))
            .collect();
        return dressed(json!({
            "created": created, "background": background, "data": data, "output_format": format, "quality": quality,
            "size": format!("{width}x{height}"), "usage": usage(count),
        }));
    }
    let mut pieces = Vec::new();
    let mut add = |kind: &str, data: String, name: &str, value: Value| {
        let kind = format!("{stem}.{kind}");
        let mut event = json!({
            "type": kind, "b64_json": data, "created_at": created, "size": format!("{width}x{height}"),
            "quality": quality, "background": background, "output_format": format,
        });
        event[name] = value;
        pieces.push(Bytes::from(format!("event: {kind}\ndata: {event}\n\n")));
    };
    for index in 0..count {
        for step in 0..number("partial_images", 0) {
            let data = picture::base64(format, seed(index, step + 1), width, height);
            add("partial_image", data, "partial_image_index", step.into());
        }
        add("completed", picture::base64(format, seed(index, 0), width, height), "usage", usage(1));
    }
    let mut content = Content::new(200, BodyKind::Events, Bytes::new());
    content.pieces = pieces;
    content
}

/// Where `file` serves the picture: signed, and of limited life, as a storage service has it.
fn url(ask: &Ask, seed: u64, width: u32, height: u32, created: u64) -> String {
    let host = ask.request.header("host").unwrap_or("127.0.0.1");
    format!("http://{host}/files/img-{seed:016x}-{width}x{height}.png?se={}&sig={seed:x}%3D", created + 3600)
}

/// Headers of the upstream, which come with a whole reply and not with a stream.
fn dressed(body: Value) -> Content {
    let mut content = Content::new(200, BodyKind::Json, Bytes::from(body.to_string()));
    content.headers.push((Cow::Borrowed("openai-processing-ms"), "12480".into()));
    content.headers.push((Cow::Borrowed("x-request-id"), ids::letters("req_", 32)));
    content
}
