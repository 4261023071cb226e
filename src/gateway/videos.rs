//! Videos: `/v1/videos`, and Kling's `/v1/video/generations`. A task goes a step further each time it is looked at.
use std::borrow::Cow;

use bytes::Bytes;
use serde_json::{Value, json};

use super::ask::Ask;
use super::content::{BodyKind, Content};
use super::envelope::{self, UpstreamError, Wording};
use super::ids;

const FILES: &str = "https://files.example.com";
/// What the gateway calls its kinds of channels.
const KLING: &str = "50";
const SORA: &str = "55";
/// Seconds that a step stands for.
const STEP: u64 = 40;

fn json_content(body: &Value) -> Content {
    Content::new(200, BodyKind::Json, Bytes::from(body.to_string()))
}

/// The flat envelope of tasks (N7).
fn refused(code: &str, message: &str) -> Content {
    let body = json!({"code": code, "message": message, "data": null});
    Content::new(400, BodyKind::Json, Bytes::from(body.to_string()))
}

fn unknown() -> Content {
    refused("task_not_exist", "task_not_exist")
}

/// A text field of the JSON body or of the form; the refusal if it is of another type.
fn text(ask: &Ask, name: &str) -> Result<Option<String>, Content> {
    match ask.params.get(name).map(|raw| serde_json::from_str::<Option<String>>(raw.get())) {
        None => Ok(ask.form.text(name).map(str::to_owned)),
        Some(Ok(text)) => Ok(text),
        Some(Err(_)) => {
            let detail = format!("json: cannot unmarshal into Go struct field TaskSubmitReq.{name} of type string");
            Err(refused("invalid_json", &detail))
        }
    }
}

fn prompt(ask: &Ask) -> Result<String, Content> {
    match text(ask, "prompt")?.filter(|prompt| !prompt.trim().is_empty()) {
        Some(prompt) => Ok(prompt),
        None => Err(refused("invalid_request", "prompt is required")),
    }
}

/// `POST /v1/videos`
pub(super) fn create(ask: &Ask) -> Content {
    begun(ask).unwrap_or_else(|refusal| refusal)
}

fn begun(ask: &Ask) -> Result<Content, Content> {
    prompt(ask)?;
    let seconds = text(ask, "seconds")?.unwrap_or_else(|| "4".to_owned());
    let size = text(ask, "size")?.unwrap_or_else(|| "720x1280".to_owned());
    if ask.model.starts_with("sora-2") {
        let sizes = ["720x1280", "1280x720", "1024x1792", "1792x1024"];
        let sizes = if ask.model == "sora-2" { &sizes[..2] } else { &sizes[..] };
        if !sizes.contains(&size.as_str()) {
            return Err(refused("invalid_size", "sora-2 size is invalid"));
        }
        // The upstream's to say.
        if !["4", "8", "12"].contains(&seconds.as_str()) {
            let message = format!("Invalid value: '{seconds}'. Supported values are: '4', '8', and '12'.");
            let kind = "invalid_request_error";
            let said = UpstreamError { message: &message, kind, code: "invalid_value", param: "seconds" };
            return Err(envelope::upstream(Wording::Task, 400, said, ask.id));
        }
    }
    if size.split_once('x').is_none_or(|(w, h)| w.parse::<u32>().is_err() || h.parse::<u32>().is_err()) {
        return Err(refused("invalid_request", "size is invalid"));
    }
    Ok(queued(ask, ask.model, &seconds, &size, None))
}

fn queued(ask: &Ask, model: &str, seconds: &str, size: &str, from: Option<&str>) -> Content {
    let id = ids::letters("task_", 32);
    let mut video = json!({"id": id, "task_id": id, "object": "video", "model": model, "status": "queued",
        "progress": 0, "created_at": ids::now(), "seconds": seconds, "size": size});
    if let (Some(from), Some(video)) = (from, video.as_object_mut()) {
        video.insert("remixed_from_video_id".into(), from.into());
    }
    ask.tasks.insert(&id, ask.key, video.clone());
    let large = if ["1024x1792", "1792x1024"].contains(&size) { 1.666_667 } else { 1.0 };
    let seconds = seconds.parse::<f64>().unwrap_or(1.0);
    with_ratios(json_content(&video), &[("seconds", seconds), ("size", large)])
}

/// What the price is multiplied by (H.3), as Go writes numbers: without a fraction where there is none.
fn with_ratios(mut content: Content, ratios: &[(&str, f64)]) -> Content {
    let ratios: Vec<String> = ratios.iter().map(|(name, ratio)| format!("\"{name}\":{ratio}")).collect();
    content.headers.push((Cow::Borrowed("X-New-Api-Other-Ratios"), format!("{{{}}}", ratios.join(","))));
    content
}

/// Where the gateway itself serves a video, to whoever has the key.
fn own_url(ask: &Ask, id: &str) -> String {
    format!("http://{}/v1/videos/{id}/content", ask.request.header("host").unwrap_or("localhost"))
}

fn id<'a>(ask: &'a Ask) -> &'a str {
    ask.args.first().map(String::as_str).unwrap_or_default()
}

fn is_sora(model: &str) -> bool {
    model.starts_with("sora")
}

fn is(video: &Value, status: &str) -> bool {
    video.get("status").is_some_and(|s| s == status)
}

/// `GET /v1/videos/{id}`
pub(super) fn retrieve(ask: &Ask) -> Content {
    let id = id(ask);
    let video = ask.tasks.with(id, ask.key, |task| {
        task.polls += 1;
        let created = task.data.get("created_at").and_then(Value::as_u64).unwrap_or_default();
        if let Some(video) = task.data.as_object_mut() {
            video.shift_remove("task_id");
            let (status, progress) = match task.polls {
                1 => ("in_progress", 30),
                2 => ("in_progress", 70),
                _ => ("completed", 100),
            };
            video.insert("status".into(), status.into());
            video.insert("progress".into(), progress.into());
            if status == "completed" {
                video.insert("completed_at".into(), (created + 3 * STEP).into());
                video.insert("expires_at".into(), (created + 86_400).into());
                video.insert("metadata".into(), json!({"url": format!("{FILES}/v/{id}.mp4")}));
            }
        }
        task.data.clone()
    });
    video.map_or_else(unknown, |video| json_content(&video))
}

/// `GET /v1/videos/{id}/content`; its errors are OpenAI's.
pub(super) fn content(ask: &Ask) -> Content {
    let refused = |status, message: &str| {
        let body = json!({"error": {"message": message, "type": "invalid_request_error", "param": "", "code": null}});
        Content::new(status, BodyKind::Json, Bytes::from(body.to_string()))
    };
    let Some(video) = ask.tasks.with(id(ask), ask.key, |task| task.data.clone()) else {
        return refused(404, "Task not found");
    };
    if !is(&video, "completed") && !is(&video, "SUCCESS") {
        let status = video.get("status").and_then(Value::as_str).unwrap_or_default();
        return refused(400, &format!("Task is not completed yet, current status: {status}"));
    }
    let all = Bytes::from(mp4());
    let mut headers = vec![
        (Cow::Borrowed("Content-Type"), "video/mp4".to_owned()),
        (Cow::Borrowed("Accept-Ranges"), "bytes".to_owned()),
    ];
    let (status, body) = match ask.request.header("range").and_then(|range| span(range, all.len())) {
        Some((from, to)) => {
            headers.push((Cow::Borrowed("Content-Range"), format!("bytes {from}-{}/{}", to - 1, all.len())));
            (206, all.slice(from..to))
        }
        None => (200, all),
    };
    let mut content = Content::new(status, BodyKind::Bytes, body);
    content.headers = headers;
    content
}

/// The part of a body that `bytes=from-to` names; none where that makes no sense.
fn span(range: &str, length: usize) -> Option<(usize, usize)> {
    let (from, to) = range.strip_prefix("bytes=")?.split_once('-')?;
    let from = from.parse().ok()?;
    let to = if to.is_empty() { length } else { length.min(to.parse::<usize>().ok()?.checked_add(1)?) };
    (from < to).then_some((from, to))
}

/// A file of the type: its head and a box of data.
fn mp4() -> Vec<u8> {
    const DATA: u32 = 16 * 1024;
    let mut file = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom".to_vec();
    file.extend((DATA + 8).to_be_bytes());
    file.extend(b"mdat");
    file.extend((0..DATA).map(|i| (i % 251) as u8));
    file
}

/// `POST /v1/videos/{id}/remix`
pub(super) fn remix(ask: &Ask) -> Content {
    let id = id(ask);
    if let Err(refusal) = prompt(ask) {
        return refusal;
    }
    let Some(video) = ask.tasks.with(id, ask.key, |task| task.data.clone()) else { return unknown() };
    if !is(&video, "completed") {
        return envelope::relay(Wording::Task, 400, "task is not completed", "", "invalid_request", ask.id);
    }
    let field = |name: &str| video.get(name).and_then(Value::as_str).unwrap_or_default();
    queued(ask, field("model"), field("seconds"), field("size"), Some(id))
}

/// `POST /v1/video/generations`
pub(super) fn generate(ask: &Ask) -> Content {
    if let Err(refusal) = prompt(ask) {
        return refusal;
    }
    let has_image = text(ask, "image").is_ok_and(|image| image.is_some_and(|image| !image.is_empty()));
    let action = if has_image || ask.params.contains_key("images") { "generate" } else { "textGenerate" };
    let (id, now) = (ids::letters("task_", 24), ids::now());
    let platform = if is_sora(ask.model) { SORA } else { KLING };
    let task = json!({"task_id": id, "platform": platform, "action": action, "status": "SUBMITTED", "fail_reason": "",
        "submit_time": now, "start_time": 0, "finish_time": 0, "progress": "0%", "data": null});
    ask.tasks.insert(&id, ask.key, task);
    let body = json!({"id": id, "task_id": id, "object": "video", "model": ask.model, "status": "queued",
        "progress": 0, "created_at": now});
    with_ratios(json_content(&body), &[])
}

/// `GET /v1/video/generations/{task_id}`
pub(super) fn fetch(ask: &Ask) -> Content {
    let id = id(ask);
    let data = ask.tasks.with(id, ask.key, |task| {
        task.polls += 1;
        let began = task.data.get("submit_time").and_then(Value::as_u64).unwrap_or_default();
        let (status, progress) = match task.polls {
            1 => ("QUEUED", "20%"),
            2 => ("IN_PROGRESS", "50%"),
            _ => ("SUCCESS", "100%"),
        };
        if let Some(task) = task.data.as_object_mut() {
            task.insert("status".into(), status.into());
            task.insert("progress".into(), progress.into());
            if status != "QUEUED" {
                task.insert("start_time".into(), (began + STEP).into());
            }
            if status == "SUCCESS" {
                task.insert("finish_time".into(), (began + 2 * STEP).into());
                if task.get("platform").is_some_and(|platform| platform == SORA) {
                    task.insert("result_url".into(), own_url(ask, id).into());
                }
                let video = json!({"id": "v1", "url": format!("{FILES}/k/{id}.mp4"), "duration": "5.1"});
                let data = json!({"code": 0, "message": "SUCCEED", "data": {"task_id": "842250903708762112",
                    "task_status": "succeed", "task_result": {"videos": [video]}}});
                task.insert("data".into(), data);
            }
        }
        task.data.clone()
    });
    data.map_or_else(unknown, |data| json_content(&json!({"code": "success", "message": "", "data": data})))
}
