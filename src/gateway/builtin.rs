//! The tools of `/v1/responses`: what the upstream refuses about them, which of them the model uses, and the items and
//! events that this leaves behind.
use serde_json::{Map, Value, json};

use super::ids::{self, Family};
use super::rules::{Objection, functions_refused, name_refused, response_history, tools_refused};
use super::tools::{self, CallChoice};
use super::{picture, text};

/// The tools an upstream knows, each with the field it cannot do without.
const KNOWN: [(&str, &str); 16] = [
    ("function", "name"),
    ("custom", "name"),
    ("web_search", ""),
    ("web_search_preview", ""),
    ("file_search", "vector_store_ids"),
    ("code_interpreter", "container"),
    ("image_generation", ""),
    ("mcp", "server_label"),
    ("computer", ""),
    ("computer_use_preview", "environment"),
    ("local_shell", ""),
    ("shell", ""),
    ("apply_patch", ""),
    ("namespace", "name"),
    ("tool_search", ""),
    ("programmatic_tool_calling", ""),
];

const INCLUDABLE: [&str; 8] = [
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
];

/// What a request says about tools.
pub(super) struct Given<'a> {
    pub tools: &'a Value,
    pub choice: &'a Value,
    pub include: &'a Value,
    pub input: &'a Value,
    /// The last words of the user.
    pub user: &'a str,
    /// Whether the input ends with what a tool returned.
    pub answered: bool,
    /// Whether calls and their outputs may lie in an earlier response.
    pub continued: bool,
    /// Whether it may make several calls at once.
    pub several: bool,
}

/// An item of the output besides the answer: how it begins, how it ends, and the events between.
pub(super) struct OutputItem {
    pub begun: Value,
    pub done: Value,
    /// The name without `response.`, and the fields besides the item's id and index.
    pub steps: Vec<(String, Value)>,
}

/// What the model does in the end.
pub(super) enum Deed {
    /// It says what it would have said without tools.
    Plain,
    Text {
        text: String,
        annotations: Vec<Value>,
    },
    /// It calls functions, or custom tools, of the user.
    Calls(Vec<CallOfUser>),
    /// It waits for the user: its last item says for what.
    Nothing,
}

pub(super) struct CallOfUser {
    pub custom: bool,
    pub name: String,
    pub input: String,
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn field<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The type of a tool without the date some carry.
fn kind(tool: &Value) -> &str {
    let kind = field(tool, "type");
    ["_2025_03_11", "_2025_08_26"].iter().find_map(|date| kind.strip_suffix(date)).unwrap_or(kind)
}

/// Whether the user has it, and not the upstream.
fn is_own(tool: &Value) -> bool {
    matches!(kind(tool), "function" | "custom")
}

/// Whether an entry of `tool_choice` means this tool. The two names of the web search are one tool.
fn meant(tool: &Value, wanted: &Value) -> bool {
    let family = |tool| kind(tool).trim_end_matches("_preview").to_owned();
    family(tool) == family(wanted)
        && ["name", "server_label"].iter().all(|name| {
            // The `name` next to a server's label is that of one of its tools.
            let theirs = *name == "name" && kind(tool) == "mcp";
            theirs || wanted.get(name).is_none_or(|value| tool.get(name) == Some(value))
        })
}

impl Given<'_> {
    pub fn refused(&self) -> Option<Objection> {
        let quoted = |names: &[&str]| names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
        if let Some(objection) = tools_refused(list(self.tools)) {
            return Some(objection);
        }
        for (at, tool) in list(self.tools).iter().enumerate() {
            let Some((_, needed)) = KNOWN.iter().find(|(name, _)| *name == kind(tool)) else {
                let names = quoted(&KNOWN.map(|(name, _)| name));
                let message = format!("Invalid value: '{}'. Supported values are: {names}.", field(tool, "type"));
                return Some(Objection::new(message, "invalid_value", format!("tools[{at}].type")));
            };
            if *needed == "name"
                && let Some(refusal) = name_refused(tool.get("name"), format!("tools[{at}].name"))
            {
                return Some(refusal);
            }
            if !needed.is_empty() && tool.get(*needed).is_none_or(Value::is_null) {
                let param = format!("tools[{at}].{needed}");
                let message = format!("Missing required parameter: '{param}'.");
                return Some(Objection::new(message, "missing_required_parameter", param));
            }
        }
        let own = list(self.tools).iter().enumerate().filter(|(_, tool)| is_own(tool));
        if let Some(objection) = functions_refused(own.map(|(at, tool)| (at, tool, format!("tools[{at}]")))) {
            return Some(objection);
        }
        for (at, name) in list(self.include).iter().enumerate() {
            if !INCLUDABLE.iter().any(|known| name == known) {
                let names = quoted(&INCLUDABLE);
                let message = format!("Invalid value: {name}. Supported values are: {names}.");
                return Some(Objection::new(message, "invalid_value", format!("include[{at}]")));
            }
        }
        let all = field(self.choice, "type") == "allowed_tools";
        let wanted = if all { list(&self.choice["tools"]) } else { std::slice::from_ref(self.choice) };
        for choice in wanted.iter().filter(|choice| choice.is_object()) {
            if !list(self.tools).iter().any(|tool| meant(tool, choice)) {
                let name = field(choice, if choice.get("name").is_some() { "name" } else { "type" });
                let message = format!("Tool choice '{name}' not found in 'tools' parameter.");
                return Some(Objection::new(message, "", "tool_choice"));
            }
        }
        response_history(list(self.input), self.continued)
    }

    pub fn includes(&self, name: &str) -> bool {
        list(self.include).iter().any(|included| included == name)
    }

    /// The tools the model may use, and whether it has to use one.
    fn offered(&self) -> (Vec<&Value>, bool) {
        let tools = list(self.tools).iter();
        match self.choice {
            Value::String(choice) if choice == "none" => (Vec::new(), false),
            Value::String(choice) => (tools.collect(), choice == "required"),
            Value::Object(choice) if field(self.choice, "type") == "allowed_tools" => {
                let allowed = choice.get("tools").map_or(&[] as &[Value], list);
                let offered = tools.filter(|tool| allowed.iter().any(|wanted| meant(tool, wanted))).collect();
                (offered, field(self.choice, "mode") == "required")
            }
            Value::Object(_) => (tools.filter(|tool| meant(tool, self.choice)).collect(), true),
            _ => (tools.collect(), false),
        }
    }

    /// What the model does: the items it leaves before its answer, and the answer.
    pub fn used(&self, family: &Family) -> (Vec<OutputItem>, Deed) {
        let (offered, must) = self.offered();
        let mut items = Vec::new();
        for server in offered.iter().filter(|tool| kind(tool) == "mcp") {
            let label = &server["server_label"];
            let known = |item: &Value| field(item, "type") == "mcp_list_tools" && item["server_label"] == *label;
            if !list(self.input).iter().any(known) {
                items.push(listed(server, family));
            }
        }
        let approval = list(self.input).last().filter(|item| field(item, "type") == "mcp_approval_response");
        let denied = approval.is_some_and(|approval| approval["approve"] != true);
        let able = |tool: &&&Value| match kind(tool) {
            "function" | "custom" => {
                let suits = || text::suits(field(tool, "name"), field(tool, "description"), self.user);
                !self.answered && (must || suits())
            }
            "mcp" if approval.is_some() => !denied,
            "web_search" | "web_search_preview" | "file_search" | "code_interpreter" | "image_generation" | "mcp" => {
                approval.is_none() && !self.answered && (must || suggests(kind(tool), self.user))
            }
            _ => false,
        };
        let user = text::quote(self.user, 80);
        let (item, answer) = match offered.iter().find(able) {
            None if self.answered || approval.is_some() => return (items, Deed::Plain),
            None => return (items, self.calls(&offered, CallChoice::Auto)),
            Some(tool) => match kind(tool) {
                "function" | "custom" => {
                    let choice = if must { CallChoice::Must } else { CallChoice::Auto };
                    return (items, self.calls(&offered, choice));
                }
                "file_search" => self.file_search(tool, &user, family),
                "code_interpreter" => self.code_interpreter(tool, &user, family),
                "image_generation" => self.image_generation(tool, family),
                "mcp" => self.mcp(tool, approval, &user, family),
                _ => self.web_search(tool, &user, family),
            },
        };
        items.push(item);
        (items, answer)
    }

    /// Of the user's own tools.
    fn calls(&self, offered: &[&Value], choice: CallChoice) -> Deed {
        let own: Vec<&Value> = offered.iter().copied().filter(|tool| is_own(tool)).collect();
        let known: Vec<(&str, &str)> =
            own.iter().map(|tool| (field(tool, "name"), field(tool, "description"))).collect();
        let called = tools::called(&known, choice, self.user, self.several);
        let calls: Vec<CallOfUser> =
            called.into_iter().filter_map(|at| own.get(at)).map(|tool| self.call(tool)).collect();
        if calls.is_empty() { Deed::Plain } else { Deed::Calls(calls) }
    }

    fn call(&self, tool: &Value) -> CallOfUser {
        let custom = kind(tool) == "custom";
        let input = if custom { self.user.to_owned() } else { tools::arguments(tool.get("parameters")).to_string() };
        CallOfUser { custom, name: field(tool, "name").to_owned(), input }
    }

    fn web_search(&self, tool: &Value, user: &str, family: &Family) -> (OutputItem, Deed) {
        let host = tool.pointer("/filters/allowed_domains/0").and_then(Value::as_str).unwrap_or("www.example.com");
        let url = format!("https://{host}/");
        let mut action = json!({"type": "search", "query": user});
        if self.includes("web_search_call.action.sources") {
            action["sources"] = json!([{"type": "url", "url": url}]);
        }
        let item =
            OutputItem::new(family, "ws", "web_search_call", ["searching"], json!({}), json!({"action": action}));
        let link = format!("([{host}]({url}))");
        let (text, start, end) = text::found(self.user, &link);
        let cited = json!({"type": "url_citation", "start_index": start, "end_index": end, "url": url, "title": host});
        (item, Deed::Text { text, annotations: vec![cited] })
    }

    fn file_search(&self, tool: &Value, user: &str, family: &Family) -> (OutputItem, Deed) {
        let (id, name) = ("file-8mQ2vXr5LdT9nBwKcYp3Hs", "notes.txt");
        let (text, start, _) = text::found(self.user, "");
        let results = match self.includes("file_search_call.results") {
            true => json!([{"attributes": {}, "file_id": id, "filename": name, "score": 0.87, "text": user,
                "vector_store_id": tool["vector_store_ids"][0]}]),
            false => Value::Null,
        };
        let item = OutputItem::new(
            family,
            "fs",
            "file_search_call",
            ["searching"],
            json!({"queries": [], "results": null}),
            json!({"queries": [user], "results": results}),
        );
        let cited = json!({"type": "file_citation", "index": start, "file_id": id, "filename": name});
        (item, Deed::Text { text, annotations: vec![cited] })
    }

    fn code_interpreter(&self, tool: &Value, user: &str, family: &Family) -> (OutputItem, Deed) {
        let container = match &tool["container"] {
            Value::String(id) => id.clone(),
            _ => family.id("cntr"),
        };
        let code = format!("question = {}\nprint(len(question))", Value::from(user));
        let logs = format!("{}\n", user.chars().count());
        let outputs = match self.includes("code_interpreter_call.outputs") {
            true => json!([{"type": "logs", "logs": logs}]),
            false => Value::Null,
        };
        let state = |code: &str, outputs: Value| json!({"code": code, "container_id": container, "outputs": outputs});
        let item = OutputItem::new(
            family,
            "ci",
            "code_interpreter_call",
            ["interpreting"],
            state("", Value::Null),
            state(&code, outputs),
        );
        let item = item.with(1, typed("code_interpreter_call_code", "code", &code));
        (item, self.says(&logs))
    }

    fn image_generation(&self, tool: &Value, family: &Family) -> (OutputItem, Deed) {
        // One pixel, and PNG whatever was asked for: enough to be decoded.
        let image = picture::RED_DOT.rsplit(',').next().unwrap_or_default();
        let asked = |name: &str, default: &str| match field(tool, name) {
            "" | "auto" => default.to_owned(),
            value => value.to_owned(),
        };
        let look = json!({"background": asked("background", "opaque"), "output_format": asked("output_format", "png"),
            "quality": asked("quality", "high"), "size": asked("size", "1024x1024")});
        let done = joined(&look, json!({"result": image, "revised_prompt": self.user}));
        let item =
            OutputItem::new(family, "ig", "image_generation_call", ["generating"], json!({"result": null}), done);
        let previews = tool["partial_images"].as_u64().unwrap_or(0).min(3);
        let previews = (0..previews).map(|index| {
            let fields = joined(&json!({"partial_image_index": index, "partial_image_b64": image}), look.clone());
            ("image_generation_call.partial_image".to_owned(), fields)
        });
        (item.with(2, previews.collect()), Deed::Plain)
    }

    fn mcp(&self, server: &Value, approval: Option<&Value>, user: &str, family: &Family) -> (OutputItem, Deed) {
        let label = &server["server_label"];
        let asked = approval.map(|approval| &approval["approval_request_id"]);
        let request = list(self.input)
            .iter()
            .find(|item| field(item, "type") == "mcp_approval_request" && Some(&item["id"]) == asked);
        let (name, arguments) = match request {
            Some(request) => (field(request, "name").to_owned(), field(request, "arguments").to_owned()),
            None => (tools_of(server).swap_remove(0), json!({"query": user}).to_string()),
        };
        let whole = |fields: Value| joined(&json!({"server_label": label, "name": name}), fields);
        // Leave is needed unless the request says otherwise, as the real one has it.
        if approval.is_none() && !allowed(&server["require_approval"], &name) {
            let asks = whole(json!({"arguments": arguments}));
            return (OutputItem::new(family, "mcpr", "mcp_approval_request", [], asks.clone(), asks), Deed::Nothing);
        }
        let output = json!({"found": user}).to_string();
        let state = |arguments: &str, output: Value| {
            whole(json!({"arguments": arguments, "output": output, "error": null, "approval_request_id": asked}))
        };
        let (begun, done) = (state("", Value::Null), state(&arguments, output.as_str().into()));
        let item = OutputItem::new(family, "mcp", "mcp_call", [], begun, done);
        (item.with(1, typed("mcp_call_arguments", "arguments", &arguments)), self.says(&output))
    }

    fn says(&self, output: &str) -> Deed {
        Deed::Text { text: text::after_tools(&[output], self.user), annotations: Vec::new() }
    }
}

impl OutputItem {
    /// The item and its progress: `in_progress`, `states`, `completed`. Requests for approval have none, nor a status.
    fn new<const N: usize>(
        family: &Family,
        prefix: &str,
        kind: &str,
        states: [&str; N],
        begun: Value,
        done: Value,
    ) -> Self {
        let id = family.id(prefix);
        let state = |status: &str, fields: Value| {
            let head = match kind.ends_with("_call") {
                true => json!({"id": id, "type": kind, "status": status}),
                false => json!({"id": id, "type": kind}),
            };
            joined(&head, fields)
        };
        let mut item = Self { begun: state("in_progress", begun), done: state("completed", done), steps: Vec::new() };
        if !["mcp_approval_request", "reasoning"].contains(&kind) {
            let names = ["in_progress"].into_iter().chain(states).chain(["completed"]);
            item.steps = names.map(|name| (format!("{kind}.{name}"), json!({}))).collect();
        }
        item
    }

    pub fn reasoning(family: &Family) -> Self {
        let fields = json!({"summary": []});
        Self::new(family, "rs", "reasoning", [], fields.clone(), fields)
    }

    /// More events, before the one at `at`.
    fn with(mut self, at: usize, more: Vec<(String, Value)>) -> Self {
        self.steps.splice(at..at, more);
        self
    }
}

/// The events of a text that arrives in pieces.
pub(super) fn typed(stem: &str, field: &str, text: &str) -> Vec<(String, Value)> {
    let mut events = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.char_indices().nth(8).map_or(rest.len(), |(at, _)| at));
        events.push((format!("{stem}.delta"), json!({"delta": piece})));
        rest = after;
    }
    events.push((format!("{stem}.done"), json!({field: text})));
    events
}

fn joined(head: &Value, tail: Value) -> Value {
    let mut fields = head.as_object().cloned().unwrap_or_default();
    if let Value::Object(tail) = tail {
        fields.extend(tail);
    }
    Value::Object(fields)
}

fn tools_of(server: &Value) -> Vec<String> {
    let allowed = &server["allowed_tools"];
    let names = list(if allowed.is_array() { allowed } else { &allowed["tool_names"] });
    let mut names: Vec<String> = names.iter().filter_map(|name| Some(name.as_str()?.to_owned())).collect();
    if names.is_empty() {
        names.push("search".to_owned());
    }
    names
}

/// Whether a server's tool may be called without asking.
fn allowed(required: &Value, name: &str) -> bool {
    let named = |list_of: &str| list(&required[list_of]["tool_names"]).iter().any(|tool| tool == name);
    required == "never" || named("never")
}

fn listed(server: &Value, family: &Family) -> OutputItem {
    let tools: Vec<Value> = tools_of(server)
        .iter()
        .map(|name| {
            json!({"name": name, "description": format!("The tool {name} of the server"), "annotations": {"read_only": true},
                "input_schema": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}})
        })
        .collect();
    let state = |tools: Value| json!({"server_label": server["server_label"], "tools": tools});
    OutputItem::new(family, "mcpl", "mcp_list_tools", [], state(json!([])), state(tools.into()))
}

/// Whether the words of the user make the model reach for a tool by itself.
fn suggests(kind: &str, user: &str) -> bool {
    let words: &[&str] = match kind {
        "code_interpreter" => {
            &["code", "python", "run", "comput", "calculat", "solve", "plot", "代码", "计算", "求", "运行"]
        }
        "image_generation" => &["draw", "image", "picture", "paint", "logo", "画", "图"],
        _ => &[
            "?", "?", "search", "find", "look up", "latest", "news", "today", "weather", "搜", "查", "今天", "最新",
            "新闻",
        ],
    };
    let user = user.to_lowercase();
    words.iter().any(|word| user.contains(word))
}

/// The tools as the reply repeats them: with their defaults, and without secrets.
pub(super) fn repeated(tools: &Value) -> Vec<Value> {
    let place = |country: Option<&str>| json!({"type": "approximate", "city": null, "country": country, "region": null, "timezone": null});
    let tools = list(tools).iter().map(|tool| {
        let defaults = match kind(tool) {
            "web_search_preview" => json!({"search_context_size": "medium", "user_location": place(Some("US"))}),
            "web_search" => {
                json!({"filters": null, "search_context_size": "medium", "user_location": place(Some("US"))})
            }
            "file_search" => json!({"filters": null, "max_num_results": 20,
                "ranking_options": {"ranker": "auto", "score_threshold": 0.0}}),
            "image_generation" => json!({"background": "auto", "moderation": "auto", "output_compression": 100,
                "output_format": "png", "quality": "auto", "size": "auto"}),
            "mcp" => json!({"allowed_tools": null, "headers": null, "require_approval": "always"}),
            "custom" => json!({"format": {"type": "text"}}),
            _ => json!({}),
        };
        let mut given: Map<String, Value> = tool.as_object().cloned().unwrap_or_default();
        if let Some(location) = given.get_mut("user_location").filter(|location| location.is_object()) {
            *location = joined(&place(None), location.clone());
        }
        if kind(tool) == "mcp" {
            given.retain(|name, _| name != "authorization" && name != "headers");
        }
        // The type first, as the samples have it.
        joined(&joined(&json!({"type": tool["type"]}), defaults), given.into())
    });
    tools.collect()
}

/// A token with its likelihood, and the `most` likeliest in its place. Events carry no bytes.
pub(super) fn logprob(token: &str, most: usize, event: bool) -> Value {
    const OTHERS: [&str; 19] = [
        " the", " a", " and", " to", " of", ",", ".", " in", " is", " it", " that", " for", " you", " I", " with",
        " on", " as", " be", " not",
    ];
    let one = |token: &str, rank: usize| {
        let mut fields = json!({"token": token, "logprob": -0.05 - 1.5 * rank as f64});
        if !event {
            fields["bytes"] = token.as_bytes().into();
        }
        fields
    };
    let others = OTHERS.iter().copied().filter(|other| *other != token);
    let top: Vec<Value> =
        std::iter::once(token).chain(others).take(most).enumerate().map(|(rank, token)| one(token, rank)).collect();
    joined(&one(token, 0), json!({"top_logprobs": top}))
}

/// A fresh id for a call.
pub(super) fn call_id() -> String {
    ids::letters("call_", 24)
}
