"""Which of the peers' tests apply to this package, and why the others do not."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

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
        lib/responses/test_responses lib/test_audio lib/test_audio_response_format lib/test_embedding.* lib/test_pydantic
        lib/test_video_polling lib/test_streaming_deltas lib/test_old_api
    """,
    "anthropic": """
        api_resources/test_messages api_resources/beta/test_messages api_resources/test_models
        api_resources/beta/test_models api_resources/beta/test_output_format_conversion api_resources/test_completions
        test_client test_streaming test_response test_exceptions test_header_case_sensitivity test_required_args
        lib/streaming/.* lib/_parse/.* lib/tools/test_(functions|runners) lib/test_output_format_helpers
    """,
}

NOT_ROUTED = "the gateway has no such route"
# What of the tests' own helpers stands in `ours`.
PROVIDED = {"update_env", "print_obj", "assert_matches_type"}

LEFT_OUT: dict[str, dict[str, str]] = {
    "openai": {
        r"api_resources/chat/.*_(retrieve|update|list|delete)(_|\[|$)": NOT_ROUTED,
        r"api_resources/test_images.*create_variation": NOT_ROUTED,
    },
    "anthropic": {},
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
