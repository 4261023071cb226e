"""Which of the peers' tests apply to this package, and why the others do not."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

# What of the tests' own helpers stands in `ours`.
PROVIDED = {"update_env", "print_obj", "assert_matches_type"}

# The files whose tests apply; of the folders, what the gateway has routes for.
FILES = {
    "openai": """
        api_resources/chat/test_completions api_resources/test_responses api_resources/beta/test_responses
        api_resources/responses/.* api_resources/beta/responses/.* api_resources/test_completions
        api_resources/test_embeddings api_resources/test_images api_resources/audio/test_(speech|trans.*)
        api_resources/test_models api_resources/test_moderations api_resources/test_videos
        test_client test_streaming test_response test_legacy_response test_module_client test_sse_framing
        test_status_error_messages test_retry_after_overflow test_multipart_encoding
        test_image_safety_identifier test_image_markup_upload test_log_levels test_response_svg_reasoning
        test_usage_cache_write test_large_payload_contract test_compaction_trigger_ids
        test_environment_credentials
        lib/chat/.* lib/responses/test_(commentary|compaction|deferred|error|image_tool|lifecycle|null|parse_as).*
        lib/responses/test_responses lib/test_audio lib/test_audio_response_format lib/test_embedding.*
        lib/test_pydantic
        lib/test_video_polling lib/test_streaming_deltas lib/test_old_api
    """,
    "anthropic": """
        api_resources/test_messages api_resources/beta/test_messages api_resources/test_models
        api_resources/beta/test_models api_resources/beta/test_output_format_conversion api_resources/test_completions
        test_client test_streaming test_response test_exceptions test_header_case_sensitivity test_required_args
        lib/streaming/.* lib/_parse/.* lib/tools/test_(functions|runners|runner_eager_tools)
        lib/test_output_format_helpers types/test_to_param
    """,
}

NOT_ROUTED = "the gateway has no such route"
ACCOUNTS = "accounts are the affair of the gateway and its operator"
FILES_ARE_FILES = "JSON in place of a file is an error here"
MODEL = "a model is always named: the gateway goes by it"
OF_HTTPX = "failures within httpx, made by hand; ours are tests/core/test_faults.py"
CONNECTIONS = "connections are the process's own: no http_client, no redirect or URL takes the key elsewhere"
BODIES = "bodies are JSON and forms, of methods that know them"
WORDS = "the words, classes and bodies of refusals are ours; error.body is the whole JSON"
ATTRIBUTES = "attributes show no secrets; base_url is the root, without a slash; None is the default"
VALIDATION = "replies are taken as they come; what is no JSON is a NotAnAPIError"
TELEMETRY = "headers by which the peer tells its server of itself"
STREAMS = "what events that contradict each other add up to has rules of our own (tests/core/test_adds_up.py)"
ASYNC = "an async client's videos are of a class of their own, AsyncVideo"
INSIDE = "made by hand of the peer's inside: a stream of a reply of httpx's"
CUT = "a stream that ends before its last event is cut short, whatever its [DONE] says: gateways write that everywhere"
NOTHING_ELSE = "a reply that has an error, or parameters, and nothing that was asked for is an error"
AHEAD = "the snapshot of a chunk is what has arrived when it is asked for: events are read ahead"
BETA = "beta.responses is responses: it asks for no beta=true"
AWAITED = "what an async client's raw reply is parsed to may be awaited too, so that its class is one derived"
READ = "files and replies are read by the core: no method of a Path is asked, and a reply is read ahead"
ONCE = "a call runs once, never where it may be cut short, and what a model is told of a failure has our words"
PATHS = "paths that begin as openai's package has them are below /v1"
KEYS = "a client without a key is refused as it is made, as openai's is; the environment adds no headers"
HELD = "a runner is made by client.messages.tool_runner; threads that the service keeps are none of the gateway's"
LAST = "what the last message of max_iterations calls does not run: nobody is told of it"
SCHEMAS = "schemas are strict here, and a tool is told them so"

LEFT_OUT: dict[str, dict[str, str]] = {
    "openai": {
        r"api_resources/chat/.*_(retrieve|update|list|delete)(_|\[|$)|create_variation": NOT_ROUTED,
        r"usage_cache_write|admin_auth|test_workload|test_non_401|test_environment_credentials": ACCOUNTS,
        r"audio/test_speech|(method|response)_download_content|lib/test_audio\.py": FILES_ARE_FILES,
        r"test_responses\.py.*test_(method|raw_response|streaming_response)_create_overload_\d\[": MODEL,
        r"lib/responses/test_parse_as|test_image_markup_upload": MODEL,
        r"helpers_forward|transcription_stream_still": CUT,
        r"error_diagnostics|svg_reasoning": NOTHING_ELSE,
        r"image_tool_error.*-True\]|async_compaction_trigger_transport.*-True\]": BETA,
        r"application_exceptions|unmapped_transport": OF_HTTPX,
        r"invalid_http_client|follow_redirects|client_timeout_option|proxy_env|http11|connection_reuse": CONNECTIONS,
        r"absolute_request_url": CONNECTIONS,
        r"binary_content|multipart_retry|repeating_array": BODIES,
        r"test_content_filter|status_error_message|api_error_code|disallows_pydantic|non_strict_tools": WORDS,
        r"max_retries_validation|invalid_request_retry_limit|retry_after_above|retry_after_numeric": WORDS,
        r"test_copy(_default_(options|headers))?(\[|$)|test_base_url|request_timeout": ATTRIBUTES,
        r"received_text_for|response_validation_error": VALIDATION,
        r"test_retries_taken|refresh_on_retry|token_refresh_async": TELEMETRY,
        r"test_null_output|test_null_content|lifecycle_replacements": STREAMS,
        r"commentary_parsing.*(preserves_unphased|still_rejects|preserves_legacy|-empty-)": STREAMS,
        r"test_stream_moderation\[(flagged|error|input_error|replacement)-": AHEAD,
        r"test_sse_framing|lib/test_embeddings|test_video_polling": INSIDE,
        r"/test_(streaming|(legacy_)?response)\.py": INSIDE,
        r"TestAsyncVideos.*_(create|edit|extend|list|remix|retrieve)(_with_all_params)?\[": ASYNC,
        r"test_async_create_uses_selected_response_class\[raw-.*-(default|json|verbose|diarized)": AWAITED,
        r"azure|bedrock": NOT_ROUTED,
        r"lib/test_pydantic": SCHEMAS,
    },
    "anthropic": {
        r"batches|none_path_param": NOT_ROUTED,
        r"test_a_runner_(made_from|takes)|compaction_param_is_refused|client_without_message_threads": HELD,
        r"http_client|follow_redirects|method_default_timeout|aiohttp|httpx_objects|absolute_request_url": CONNECTIONS,
        r"moved_to_x_api_key_by_hand": CONNECTIONS,
        r"test_hardcoded_query_params": PATHS,
        r"file_input_is_read_when": READ,
        r"binary_content|[mM]ultipart": BODIES,
        r"tool_use_invalid_json|incomplete_response|rejects_(a_)?schema_dict|rejects_both|output_format_conv": WORDS,
        r"sends_the_error_result_of_a_call|run_again_after_append|held_calls_of_a_reply_that_is_cut": ONCE,
        r"does_not_wait_for_the_reply_to_end": READ,
        r"runs_no_call_once_reading": OF_HTTPX,
        r"test_the_option_needs_stream": WORDS,
        r"test_tool_call_error|error_content_with_a_lone|returns_none_sends|tool_removal_routes.*_sync": WORDS,
        r"test_copy(_default_(options|headers)|_signature)?(\[|$)|test_base_url_(setter|env)": ATTRIBUTES,
        r"_by_hand|client_timeout_opt|request_timeout|max_retries_validation": ATTRIBUTES,
        r"with_options_headers_case|does_not_modify_the_options": ATTRIBUTES,
        r"auth_supplied_via_extra|via_custom_headers_env|explicitly_omitted\[|test_validate_headers": KEYS,
        r"received_text_for|response_validation_error|user_profile_id_header": VALIDATION,
        r"retry_count_header|test_retries_taken|method_has_the_qualifiers|every_attempt": TELEMETRY,
        r"x_stainless_helper|default_headers_option|_custom_headers_env": TELEMETRY,
        r"unknown_events_are_passed": STREAMS,
        r"run_ends_are_not_sent\[a?sync-max_iter": LAST,
        r"test_streaming|test_response\.py|parsed_union_matches|process_pool|keeps_its_attributes": INSIDE,
        r"lib/tools/test_functions": SCHEMAS,
    },
}


def applies(peer: str, name: str) -> bool:
    return any(re.fullmatch(rf"tests/{pattern}\.py", name) for pattern in FILES[peer].split())


@cache
def inside() -> dict[str, dict[str, str]]:
    return json.loads(Path("inside.json").read_text())


def reason(peer: str, node: str, function: Any) -> str | None:
    """Why a test is left out; None where it applies."""
    file, _, rest = node.partition("::")
    name = re.sub(r"\[.*", "", rest).replace("::", ".")
    if what := inside().get(file, {}).get(name):
        return f"uses {what}, which is the peer's own affair"
    for pattern, why in LEFT_OUT[peer].items():
        if re.search(pattern, node):
            return why
    return None
