//! `/mj`: tasks that are submitted, looked at until they have ended, and acted on by their buttons (REFERENCE 5, G.4).
//! A task goes one step further each time it is looked at.
use std::borrow::Cow;

use bytes::Bytes;
use serde_json::{Value, json};

use super::ask::{Ask, kind_of};
use super::content::{BodyKind, Content};
use super::envelope::{self, Wording};
use super::ids;
use super::picture::RED_DOT;
use super::tasks::Task;
use super::text;

const BANNED: [&str; 4] = ["nude", "naked", "gore", "blood"];
/// What Midjourney knows after `--`; another name fails the task.
const KNOWN: [&str; 48] = [
    "ar",
    "aspect",
    "c",
    "chaos",
    "creative",
    "cref",
    "cw",
    "draft",
    "exp",
    "fast",
    "hd",
    "iw",
    "loop",
    "motion",
    "niji",
    "no",
    "oref",
    "ow",
    "p",
    "personalize",
    "profile",
    "q",
    "quality",
    "r",
    "raw",
    "relax",
    "repeat",
    "s",
    "seed",
    "sref",
    "stop",
    "style",
    "stylize",
    "sv",
    "sw",
    "test",
    "testp",
    "tile",
    "turbo",
    "upbeta",
    "uplight",
    "v",
    "version",
    "video",
    "vibe",
    "w",
    "weird",
    "zoom",
];
/// The step at which a task has ended.
const END: u32 = 3;

/// What a submit says.
struct Submit<'a> {
    action: &'a str,
    prompt: String,
    /// What becomes of its buttons: those of four images, of one, or none.
    buttons: Buttons,
    /// Whether it waits for a modal before it begins.
    modal: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Buttons {
    Four,
    One,
    None,
}

pub(super) fn imagine(ask: &Ask) -> Content {
    respond(|| {
        ask.serves("mj_imagine")?;
        let prompt = required(ask, "prompt", "prompt_is_required")?;
        images(ask, 0..=usize::MAX)?;
        Ok(begin(ask, Submit { action: "IMAGINE", prompt, buttons: Buttons::Four, modal: false }))
    })
}

pub(super) fn blend(ask: &Ask) -> Content {
    respond(|| {
        ask.serves("mj_blend")?;
        images(ask, 2..=5)?;
        Ok(begin(ask, Submit { action: "BLEND", prompt: String::new(), buttons: Buttons::Four, modal: false }))
    })
}

pub(super) fn describe(ask: &Ask) -> Content {
    respond(|| {
        ask.serves("mj_describe")?;
        if !field(ask, "base64")?.starts_with("data:") {
            return Err(invalid("base64格式错误"));
        }
        let prompt = "1️⃣ A red dot in the middle of nothing --ar 1:1\n\n2️⃣ A single pixel, red, minimalism --ar 1:1";
        Ok(begin(ask, Submit { action: "DESCRIBE", prompt: prompt.into(), buttons: Buttons::None, modal: false }))
    })
}

pub(super) fn shorten(ask: &Ask) -> Content {
    respond(|| {
        ask.serves("mj_shorten")?;
        let prompt = field(ask, "prompt")?;
        if prompt.is_empty() {
            return Err(invalid("prompt不能为空"));
        }
        Ok(begin(ask, Submit { action: "SHORTEN", prompt, buttons: Buttons::None, modal: false }))
    })
}

/// What is wrong with its customId is told where the request is routed, for the model depends on it.
pub(super) fn action(ask: &Ask) -> Content {
    respond(|| {
        let custom = field(ask, "customId")?;
        let refuse = |detail: &str| envelope::malformed(detail, ask.asker);
        if custom.is_empty() {
            return Err(refuse("custom_id_is_required"));
        }
        let action = action_of(&custom).ok_or_else(|| refuse(&format!("unknown_action:{custom}")))?;
        ask.serves(&format!("mj_{}", action.to_lowercase()))?;
        act(ask, &field(ask, "taskId")?, action, &custom)
    })
}

pub(super) fn change(ask: &Ask) -> Content {
    respond(|| {
        let task = required(ask, "taskId", "task_id_is_required")?;
        let action = required(ask, "action", "action_is_required")?;
        let index = ask.params.get("index").map_or("0", |raw| raw.get());
        if index == "0" && action != "REROLL" {
            return Err(refused("index_is_required"));
        }
        if !["UPSCALE", "VARIATION", "REROLL"].contains(&action.as_str()) {
            return Err(invalid("action参数错误"));
        }
        ask.serves(&format!("mj_{}", action.to_lowercase()))?;
        act(ask, &task, &action, &format!("{action}::{index}"))
    })
}

/// `ID U1`, `ID V3`, `ID R`.
pub(super) fn simple_change(ask: &Ask) -> Content {
    respond(|| {
        let content = field(ask, "content")?;
        let (task, what) = content.split_once(' ').unwrap_or_default();
        let action = match what.trim().as_bytes() {
            [b'U' | b'u', b'1'..=b'4'] => "UPSCALE",
            [b'V' | b'v', b'1'..=b'4'] => "VARIATION",
            [b'R' | b'r'] => "REROLL",
            _ => return Err(envelope::malformed("invalid_request", ask.asker)),
        };
        ask.serves(&format!("mj_{}", action.to_lowercase()))?;
        act(ask, task, action, &format!("{action}::{}", &what.trim()[1..]))
    })
}

pub(super) fn edits(ask: &Ask) -> Content {
    respond(|| {
        ask.serves("mj_edits")?;
        let prompt = required(ask, "prompt", "prompt_is_required")?;
        Ok(begin(ask, Submit { action: "EDITS", prompt, buttons: Buttons::Four, modal: false }))
    })
}

pub(super) fn video(ask: &Ask) -> Content {
    respond(|| {
        ask.serves("mj_video")?;
        let prompt = field(ask, "prompt")?;
        Ok(begin(ask, Submit { action: "VIDEO", prompt, buttons: Buttons::None, modal: false }))
    })
}

/// The upstream's answer as it is: where the pictures lie now.
pub(super) fn upload(ask: &Ask) -> Content {
    respond(|| {
        ask.serves("mj_upload")?;
        let count = images(ask, 1..=usize::MAX)?;
        let url = |_| format!("https://cdn.discordapp.com/attachments/1/{}.png", ids::task());
        let urls: Vec<String> = (0..count).map(url).collect();
        Ok(outcome(&json!({"code": 1, "description": "success", "result": urls})))
    })
}

pub(super) fn swap(ask: &Ask) -> Content {
    respond(|| {
        ask.serves("swap_face")?;
        for name in ["sourceBase64", "targetBase64"] {
            required(ask, name, "sour_base64_and_target_base64_is_required")?;
        }
        let submit = Submit { action: "SWAP_FACE", prompt: "InsightFace".into(), buttons: Buttons::None, modal: false };
        Ok(begin(ask, submit))
    })
}

pub(super) fn modal(ask: &Ask) -> Content {
    respond(|| {
        ask.serves("mj_modal")?;
        let id = required(ask, "taskId", "task_id_is_required")?;
        let prompt = field(ask, "prompt")?;
        let waiting = ask.tasks.with(&id, ask.key, |task| {
            if task.data["modal"] != true {
                return false;
            }
            task.data["modal"] = false.into();
            let shown = &mut task.data["task"];
            if !prompt.is_empty() {
                shown["prompt"] = prompt.as_str().into();
            }
            (shown["status"], shown["progress"]) = ("".into(), "0%".into());
            true
        });
        match waiting {
            None => Err(refused("task_not_found")),
            Some(false) => Err(invalid("任务状态错误")),
            Some(true) => Ok(submitted(1, "提交成功", &id, json!({}))),
        }
    })
}

pub(super) fn fetch(ask: &Ask) -> Content {
    let id = ask.args.first().map(String::as_str).unwrap_or_default();
    match ask.tasks.with(id, ask.key, |task| look(task, ask)) {
        Some(task) => json_content(200, &task),
        None => refused("task_no_found"),
    }
}

/// Those that there are, the newest first.
pub(super) fn list(ask: &Ask) -> Content {
    let ids = ask.params.get("ids").map_or("[]", |raw| raw.get());
    let Ok(ids) = serde_json::from_str::<Option<Vec<String>>>(ids) else { return refused("bind_request_body_failed") };
    let mut ids = ids.unwrap_or_default();
    ids.sort_unstable();
    ids.dedup();
    let found = ids.iter().rev().filter_map(|id| ask.tasks.with(id, ask.key, |task| look(task, ask)));
    json_content(200, &Value::Array(found.collect()))
}

pub(super) fn seed(ask: &Ask) -> Content {
    let id = ask.args.first().map(String::as_str).unwrap_or_default();
    match ask.tasks.with(id, ask.key, |task| task.data["task"]["status"] == "SUCCESS") {
        None => refused("task_no_found"),
        Some(false) => refused("task_status_not_success"),
        Some(true) => {
            let seed = (text::hash(id.bytes()) & 0xFFFF_FFFF).to_string();
            json_content(200, &json!({"code": 1, "description": "成功", "properties": {}, "result": seed}))
        }
    }
}

/// Anybody may look at a picture who knows the id of its task.
pub(super) fn image(ask: &Ask) -> Content {
    let id = ask.args.first().map(String::as_str).unwrap_or_default();
    let there = ask.tasks.with_any(id, |task| task.data["task"]["imageUrl"] != "");
    if there != Some(true) {
        return json_content(400, &json!({"error": "midjourney_task_not_found"}));
    }
    let encoded = RED_DOT.split_once(',').map_or("", |(_, data)| data);
    let png = base64_simd::STANDARD.decode_to_vec(encoded).unwrap_or_default();
    let mut content = Content::new(200, BodyKind::Bytes, png.into());
    content.headers.push((Cow::Borrowed("Content-Type"), "image/png".into()));
    content
}

fn respond(answer: impl FnOnce() -> Result<Content, Content>) -> Content {
    answer().unwrap_or_else(|refusal| refusal)
}

/// The gateway's own refusal.
fn refused(message: &str) -> Content {
    envelope::relay(Wording::Midjourney, 400, message, "", "", "")
}

/// The upstream's refusal, which the gateway passes on with status 200.
fn invalid(description: &str) -> Content {
    outcome(&json!({"code": 4, "description": description, "result": null, "properties": {}}))
}

/// Submit replies are written without a type, which makes them text.
fn outcome(body: &Value) -> Content {
    Content::new(200, BodyKind::Text, Bytes::from(body.to_string()))
}

fn json_content(status: u16, body: &Value) -> Content {
    Content::new(status, BodyKind::Json, Bytes::from(body.to_string()))
}

/// The id is a number here, as the reference's page has it.
fn submitted(code: u8, description: &str, id: &str, properties: Value) -> Content {
    let result = id.parse::<u64>().map_or_else(|_| id.into(), Value::from);
    outcome(&json!({"code": code, "description": description, "properties": properties, "result": result}))
}

/// A text field, empty if there is none.
fn field(ask: &Ask, name: &str) -> Result<String, Content> {
    let Some(raw) = ask.params.get(name) else { return Ok(String::new()) };
    let text =
        serde_json::from_str::<Option<String>>(raw.get()).map_err(|_| mistyped(ask, name, raw.get(), "string"))?;
    Ok(text.unwrap_or_default())
}

fn required(ask: &Ask, name: &str, refusal: &str) -> Result<String, Content> {
    field(ask, name).and_then(|text| if text.is_empty() { Err(refused(refusal)) } else { Ok(text) })
}

/// Found where the request is routed.
fn mistyped(ask: &Ask, name: &str, raw: &str, wanted: &str) -> Content {
    let (kind, field) = (kind_of(raw), format!("Go struct field MidjourneyRequest.{name} of type {wanted}"));
    envelope::malformed_midjourney(&format!("json: cannot unmarshal {kind} into {field}"), ask.asker)
}

/// How many there are.
fn images(ask: &Ask, allowed: std::ops::RangeInclusive<usize>) -> Result<usize, Content> {
    let raw = ask.params.get("base64Array").map_or("[]", |raw| raw.get());
    let images = serde_json::from_str::<Option<Vec<String>>>(raw);
    let images = images.map_err(|_| mistyped(ask, "base64Array", raw, "[]string"))?;
    let images = images.unwrap_or_default();
    match images.iter().all(|image| image.starts_with("data:image/") && image.contains(";base64,")) {
        _ if !allowed.contains(&images.len()) => Err(invalid("base64List参数错误")),
        true => Ok(images.len()),
        false => Err(invalid("base64格式错误")),
    }
}

/// What a button does, by its customId.
fn action_of(custom: &str) -> Option<&'static str> {
    let mut parts = custom.split("::");
    let name = match (parts.next()?, parts.next()?) {
        ("MJ", "JOB") => parts.next()?,
        ("MJ", name) => name,
        _ => return None,
    };
    Some(match name {
        _ if name.contains("low_variation") => "LOW_VARIATION",
        _ if name.contains("high_variation") => "HIGH_VARIATION",
        _ if name.contains("upsample") => "UPSCALE",
        _ if name.contains("variation") => "VARIATION",
        _ if name.contains("reroll") => "REROLL",
        _ if name.contains("pan") => "PAN",
        "Outpaint" => "ZOOM",
        "CustomZoom" => "CUSTOM_ZOOM",
        "Inpaint" => "INPAINT",
        _ => return None,
    })
}

/// A new task that is made of another one.
fn act(ask: &Ask, parent: &str, action: &str, custom: &str) -> Result<Content, Content> {
    let found = ask.tasks.with(parent, ask.key, |task| {
        let prompt = task.data["task"]["prompt"].as_str().unwrap_or_default().to_owned();
        (task.data["task"]["status"] == "SUCCESS", prompt, task.data["made"][custom].as_str().map(str::to_owned))
    });
    let (ready, prompt, made) = found.ok_or_else(|| refused("task_not_found"))?;
    if !ready {
        return Err(refused("task_status_not_success"));
    }
    // The same upscale again is the one that there is. The gateway makes of its code 21 a 1.
    let made = made.filter(|_| action == "UPSCALE");
    let finished = made.and_then(|id| {
        let shown = ask.tasks.with(&id, ask.key, |task| task.data["task"].clone())?;
        (shown["status"] == "SUCCESS").then_some((id, shown))
    });
    if let Some((id, shown)) = finished {
        let properties = json!({"status": "SUCCESS", "imageUrl": shown["imageUrl"]});
        return Ok(submitted(1, "任务已存在", &id, properties));
    }
    let modal = matches!(action, "CUSTOM_ZOOM" | "INPAINT");
    let buttons = if action == "UPSCALE" { Buttons::One } else { Buttons::Four };
    let id = insert(ask, &Submit { action, prompt: prompt.clone(), buttons, modal });
    ask.tasks.with(parent, ask.key, |task| task.data["made"][custom] = id.as_str().into());
    Ok(match modal {
        true => {
            let properties = json!({"finalPrompt": prompt, "remix": true});
            submitted(21, "Waiting for window confirm", &id, properties)
        }
        false => submitted(1, "提交成功", &id, json!({})),
    })
}

/// A new task, unless its prompt holds a banned word.
fn begin(ask: &Ask, submit: Submit) -> Content {
    let lower = submit.prompt.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    if let Some(word) = words.find(|word| BANNED.contains(word)) {
        return outcome(&json!({"code": 24, "description": "可能包含敏感词", "result": null,
            "properties": {"promptEn": submit.prompt, "bannedWord": word}}));
    }
    submitted(1, "提交成功", &insert(ask, &submit), json!({}))
}

fn insert(ask: &Ask, submit: &Submit) -> String {
    let id = ids::task();
    let state = field(ask, "state").unwrap_or_default();
    let status = if submit.modal { "MODAL" } else { "" };
    let task = json!({
        "id": id, "action": submit.action, "customId": "", "botType": "", "prompt": submit.prompt, "promptEn": "",
        "description": "Submit success", "state": state, "submitTime": ids::now_ms(), "startTime": 0, "finishTime": 0,
        "imageUrl": "", "status": status, "progress": "0%", "failReason": "", "buttons": null, "maskBase64": "",
        "properties": null,
    });
    let buttons = submit.buttons as u8;
    ask.tasks.insert(&id, ask.key, json!({"task": task, "buttons": buttons, "modal": submit.modal, "made": {}}));
    id
}

/// The task as it is now; the next look finds it a step further.
fn look(task: &mut Task, ask: &Ask) -> Value {
    if task.data["modal"] == true {
        return task.data["task"].clone();
    }
    let buttons = task.data["buttons"].clone();
    let Some(shown) = task.data.get_mut("task") else { return Value::Null };
    let id = shown["id"].as_str().unwrap_or_default().to_owned();
    let url = format!("http://{}/mj/image/{id}", ask.request.header("host").unwrap_or("localhost"));
    match task.polls {
        1 => {
            (shown["status"], shown["startTime"]) = ("SUBMITTED".into(), ids::now_ms().into());
            (shown["promptEn"], shown["buttons"]) = (shown["prompt"].clone(), json!([]));
            shown["properties"] = json!({"finalPrompt": "", "finalZhPrompt": ""});
        }
        2 => {
            (shown["status"], shown["progress"]) = ("IN_PROGRESS".into(), "46%".into());
            shown["imageUrl"] = format!("{url}?rand={}000000", ids::now_ms()).into();
        }
        END => {
            let prompt = shown["prompt"].as_str().unwrap_or_default().to_owned();
            (shown["progress"], shown["finishTime"]) = ("100%".into(), ids::now_ms().into());
            shown["properties"]["finalPrompt"] = prompt.as_str().into();
            match unknown_parameter(&prompt) {
                Some(name) => {
                    (shown["status"], shown["imageUrl"]) = ("FAILURE".into(), "".into());
                    let reason = format!("[Invalid parameter] Unrecognized parameter(s): `--{name}`");
                    shown["failReason"] = reason.into();
                }
                None => {
                    (shown["status"], shown["imageUrl"]) = ("SUCCESS".into(), url.into());
                    shown["buttons"] = buttons_of(buttons.as_u64(), &id);
                }
            }
        }
        _ => {}
    }
    task.polls = (task.polls + 1).min(END + 1);
    shown.clone()
}

fn unknown_parameter(prompt: &str) -> Option<&str> {
    let names = prompt.split_whitespace().filter_map(|word| word.strip_prefix("--"));
    names.into_iter().find(|name| !name.is_empty() && !KNOWN.contains(&name.to_lowercase().as_str()))
}

fn buttons_of(set: Option<u64>, id: &str) -> Value {
    let hash = ids::uuid(text::hash(id.bytes()));
    let button = |custom: String, emoji: &str, label: &str| json!({"customId": custom, "emoji": emoji, "label": label, "type": 2, "style": 2});
    let job = |name: &str, emoji: &str, label: &str| button(format!("MJ::JOB::{name}::{hash}::SOLO"), emoji, label);
    let numbered = |name: &str, letter: &str| {
        let one = |n| button(format!("MJ::JOB::{name}::{n}::{hash}"), "", &format!("{letter}{n}"));
        (1..=4).map(one).collect::<Vec<_>>()
    };
    if set == Some(Buttons::Four as u64) {
        let reroll = vec![job("reroll::0", "🔄", "")];
        return [numbered("upsample", "U"), reroll, numbered("variation", "V")].concat().into();
    }
    if set != Some(Buttons::One as u64) {
        return json!([]);
    }
    json!([
        job("upsample_v6_2x_subtle::1", "upscale_1", "Upscale (Subtle)"),
        job("upsample_v6_2x_creative::1", "upscale_1", "Upscale (Creative)"),
        job("low_variation::1", "🪄", "Vary (Subtle)"),
        job("high_variation::1", "🪄", "Vary (Strong)"),
        button(format!("MJ::Inpaint::1::{hash}::SOLO"), "🖌️", "Vary (Region)"),
        button(format!("MJ::Outpaint::50::1::{hash}::SOLO"), "🔍", "Zoom Out 2x"),
        button(format!("MJ::Outpaint::75::1::{hash}::SOLO"), "🔍", "Zoom Out 1.5x"),
        button(format!("MJ::CustomZoom::{hash}"), "🔍", "Custom Zoom"),
        job("pan_left::1", "⬅️", ""),
        job("pan_right::1", "➡️", ""),
        job("pan_up::1", "⬆️", ""),
        job("pan_down::1", "⬇️", ""),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_of_custom_ids() {
        for (custom, action) in [
            ("MJ::JOB::upsample::1::3785da15", Some("UPSCALE")),
            ("MJ::JOB::variation::4::3785da15", Some("VARIATION")),
            ("MJ::JOB::reroll::0::3785da15::SOLO", Some("REROLL")),
            ("MJ::JOB::low_variation::1::3785da15::SOLO", Some("LOW_VARIATION")),
            ("MJ::JOB::high_variation::1::3785da15::SOLO", Some("HIGH_VARIATION")),
            ("MJ::JOB::pan_left::1::3785da15::SOLO", Some("PAN")),
            ("MJ::Outpaint::50::1::3785da15::SOLO", Some("ZOOM")),
            ("MJ::CustomZoom::3785da15", Some("CUSTOM_ZOOM")),
            ("MJ::Inpaint::1::3785da15::SOLO", Some("INPAINT")),
            ("MJ::BOOKMARK::3785da15", None),
            ("MJ::JOB", None),
            ("U1", None),
        ] {
            assert_eq!(action_of(custom), action, "{custom}");
        }
    }

    #[test]
    fn parameters_of_prompts() {
        assert_eq!(unknown_parameter("a cat --ar 16:9 --v 6.1 -- --No dogs"), None);
        assert_eq!(unknown_parameter("a cat --colour red"), Some("colour"));
    }

    #[test]
    fn every_button_does_something() {
        for set in [Buttons::Four, Buttons::One] {
            let buttons = buttons_of(Some(set as u64), "1");
            for button in buttons.as_array().unwrap() {
                assert!(action_of(button["customId"].as_str().unwrap()).is_some(), "{button}");
            }
        }
    }
}
