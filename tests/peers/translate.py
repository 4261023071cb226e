"""Translates a peer's test suite: its imports ask `ours`, and what uses the inside of the peer is noted.

Only imports, and the names of a few variables of the environment, are changed: what the tests say stands as it is.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import left_out

MOCKS = ("respx", "tests.respx2", "inline_snapshot", "tests.utils")
# What is said of the peer itself: its telemetry, its deprecations, the words of its own refusals.
RENAMED = {
    r"(openai|anthropic)\._base_client\.BaseClient": "ours.BaseClient",
    r'\.headers\.get\("[Xx]-[Ss]tainless-[\w-]+"\) == "[^"]*"': ".headers is not None",
    r"event\.chunk\.to_dict\(\)": "ours.bare_chunk(event.chunk)",
    r"pytest\.warns\(\s*DeprecationWarning[^)]*\)": "ours.nothing()",
    r', match=r?"Expected a non-empty[^"]*"': "",
    r"My (Admin )?API Key": lambda found: found[0].replace(" ", "-"),
    "another My": "another-My",
    r'match="`default_query` and `set_default_query` arguments[^"]*"': 'match="stands in their place"',
    # What a model is told of a call that failed, and the user of one that there is no tool for.
    r'"(Error: Tool \'\w+\' not found|ValueError\(\'Invalid arguments[^"]*)"': "ours.Words()",
    r"pytest\.warns\(UserWarning, match=\"Tool '\w+' not found in tool runner\"\)": "pytest.warns(UserWarning)",
    r', match="(has a compaction edit|Message params can\'t be changed|while the conversation is being compacted)"': "",
    "Compaction produced no summary": "a compaction has no summary",
    "pending compaction was skipped": "the conversation is not compacted",
    r'"anthropic\.lib\.tools\._beta_runner"\)': '"wenwen")',
    # A thread that the service keeps, which is the peer's default.
    ",message-threads-2026-08-12": "",
    r"\"'?ValueError\('[^\"]*in f'\)\"": "ours.Words()",
}
VARIABLES = r"\"(?:OPENAI|ANTHROPIC)_(API_KEY|BASE_URL|LOG)\""
# Of the private modules: what has a name of its own here or in `ours`, or is of no consequence to a test.
KNOWN = {
    "AsyncMessageStream",
    "BaseClient",
    "BetaAsyncMessageStream",
    "BetaFunctionToolResultType",
    "BetaAsyncFunctionTool",
    "BetaAsyncStreamingToolRunner",
    "BetaAsyncToolRunner",
    "BetaFunctionTool",
    "BetaMessageStream",
    "BetaStreamingToolRunner",
    "BetaToolRunner",
    "FinalRequestOptions",
    "MessageStream",
    "ParsedBetaMessageStreamEvent",
    "ParsedMessageStreamEvent",
    "StreamAlreadyConsumed",
    "Timeout",
    "BaseAPIResponse",
    "AsyncBinaryAPIResponse",
    "BetaCompactionEvent",
    "BetaInputJsonEvent",
    "beta_async_tool",
    "make_request_options",
    "APIConnectionError",
    "APIError",
    "APIResponse",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncAPIResponse",
    "AsyncStream",
    "BaseModel",
    "BinaryAPIResponse",
    "HttpxBinaryResponseContent",
    "LegacyAPIResponse",
    "NOT_GIVEN",
    "NotGiven",
    "Omit",
    "PYDANTIC_V1",
    "PYDANTIC_V2",
    "Stream",
    "StreamedBinaryAPIResponse",
    "is_dict",
    "is_given",
    "is_list",
    "not_given",
    "omit",
    "print_obj",
    "update_env",
    "assert_matches_type",
    "pydantic_function_tool",
    "DefaultHttpxClient",
    "DefaultHttpx2Client",
    "DefaultAioHttpClient",
    "DefaultAsyncHttpxClient",
    "DefaultAsyncHttpx2Client",
    "NoneType",
    "LengthFinishReasonError",
    "ContentFilterFinishReasonError",
    "NotFoundError",
    "BadRequestError",
    "ConflictError",
    "RateLimitError",
    "InternalServerError",
    "AuthenticationError",
    "ToolError",
    "MockRouter",
    "Call",
    "type_to_text_format_param",
    "ChatCompletionStreamEvent",
    "ResponseStreamEvent",
    "beta_tool",
    "InputJsonEvent",
}


def translate(peer: str, source: Path, target: Path, own: bool) -> None:
    """Writes the tests of an unpacked sdist below `target`."""
    inside: dict[str, dict[str, str]] = {}
    for path in sorted((source / "tests").rglob("*")):
        name = path.relative_to(source).as_posix()
        to = target / name
        if path.is_dir() or "__pycache__" in name or "/respx2/" in name:
            continue
        tests = path.name.startswith("test_") and path.suffix == ".py"
        if (tests and not left_out.applies(peer, name)) or name == "tests/conftest.py":
            continue
        to.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix != ".py":
            shutil.copy(path, to)
            continue
        text, uses = translated(peer, path.read_text(), own)
        to.write_text(text)
        if tests:
            inside[name] = uses
    (target / "tests/conftest.py").write_text(
        "from ours import MAIN\nfrom suite import *\n\nbase_url = MAIN.url\napi_key = 'My-API-Key'\n"
    )
    (target / "inside.json").write_text(json.dumps(inside, indent=1))


def translated(peer: str, text: str, own: bool) -> tuple[str, dict[str, str]]:
    """The text of a file, and of its tests those that use what is private to the peer, with what that is."""
    tree = ast.parse(text)
    private = dict(private_imports(peer, tree))
    uses = used(tree, private)
    lines = text.splitlines(keepends=True)
    for node in sorted(imports(tree), key=lambda node: -node.lineno):
        if (new := replaced(peer, node)) is not None:
            indent = " " * node.col_offset
            lines[node.lineno - 1 : node.end_lineno] = [f"{indent}{each}\n" for each in new]
    text = "".join(lines)
    for old, new in RENAMED.items() if own else ():
        text = re.sub(old, new, text)
    future = "from __future__ import annotations\n"
    text = text.replace(future, f"{future}import ours\n", 1) if future in text else f"import ours\n{text}"
    if own:
        text = re.sub(VARIABLES, r'"WENWEN_\1"', text)
    return text, uses


def imports(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    return (node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom)))


def replaced(peer: str, node: ast.Import | ast.ImportFrom) -> list[str] | None:
    if isinstance(node, ast.Import):
        lines = []
        for name in node.names:
            if name.name.split(".")[0] != peer:
                return None
            top = name.name if name.asname else peer
            lines += ["import ours", f"{name.asname or peer} = ours.module({top!r})"]
        return lines
    module = node.module or ""
    if node.level:  # of a file of helpers, what is provided
        names = [each for each in node.names if each.name in left_out.PROVIDED]
        rest = [each.name + (f" as {each.asname}" if each.asname else "") for each in node.names if each not in names]
        if not names:
            return None
        own = [f"{each.asname or each.name} = ours.named('', {each.name!r})" for each in names]
        return ["import ours", *own, *([f"from {'.' * node.level}{module} import {', '.join(rest)}"] if rest else [])]
    if module.split(".")[0] == peer or module in MOCKS or module.startswith(("tests.respx2", "respx.")):
        names = [f"{each.asname or each.name} = ours.named({module!r}, {each.name!r})" for each in node.names]
        return ["import ours", *names]
    return None


def private_imports(peer: str, tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in imports(tree):
        module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        parts = module.split(".")
        for each in node.names:
            if isinstance(node, ast.Import):
                continue
            inside = any(part.startswith("_") for part in parts[1:]) or parts[1:2] in (["lib"], ["resources"])
            of_types = parts[1:2] == ["types"]
            private_name = each.name.startswith("_") and not module.startswith("tests")
            known = of_types or each.name in KNOWN or each.name.startswith("_legacy")
            if parts[0] == peer and (inside or private_name) and not known:
                yield each.asname or each.name, f"{module}.{each.name}"


def used(tree: ast.Module, private: dict[str, str]) -> dict[str, str]:
    """By the name of a function: what of the peer's inside it uses, also through other functions of the file."""
    functions: dict[str, set[str]] = {}
    found: dict[str, str] = {}
    own_names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}

    def visit(node: ast.AST, path: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                name = f"{path}{child.name}"
                if isinstance(child, ast.ClassDef) and child.name.startswith("Test"):
                    visit(child, f"{name}.")
                    continue
                note(child, name)

    def note(node: ast.AST, name: str) -> None:
        names: set[str] = set()
        for each in ast.walk(node):
            if isinstance(each, ast.Name):
                names.add(each.id)
            elif isinstance(each, ast.arg):
                names.add(each.arg)
            elif isinstance(each, ast.Attribute) and re.match(r"_[a-z]", each.attr):
                base = each.value
                of_test = isinstance(base, ast.Name) and base.id in ("self", "cls")
                if not of_test and each.attr not in ("_transport", "_build_request"):
                    found.setdefault(name, f".{each.attr}")
            elif isinstance(each, ast.Constant) and isinstance(each.value, str):
                text = each.value
                if re.match(r"(openai|anthropic)\._\S+$", text) and "BaseClient._calculate_retry_timeout" not in text:
                    found.setdefault(name, text)
        functions[name] = names
        for each in names & private.keys():
            found.setdefault(name, private[each])

    visit(tree, "")
    del own_names
    tops = {name: name.rpartition(".")[2] for name in functions}
    changed = True
    while changed:
        changed = False
        for name, names in functions.items():
            if name in found:
                continue
            for other, top in tops.items():
                if other in found and other != name and "." not in other and top in names:
                    found[name] = found[other]
                    changed = True
                    break
    return found
