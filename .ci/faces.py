"""What type checkers and editors see of the package, made of what is written once:

- `resources/_faces.pyi`: the signatures of calls, whole, streamed and as dicts; of each resource its async class and
  its raw forms; the parts of both clients;
- `__init__.pyi` and `aio.pyi`: the names of `wenwen`, the functions of `wenwen.aio`, the parts that both have.

`python .ci/faces.py` says whether they are up to date, which needs nothing but Python; with `--write` it writes them,
for which ruff has to be there. The sources are `_names.py` and the sync classes in `resources/`, whose lines under
TYPE_CHECKING say what each method returns.
"""

import ast
import builtins
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
FACES = "wenwen.resources._faces"
PACKAGE = ROOT / "python" / "wenwen"
NAME = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*")
# A raw form goes into no file.
RAW = {"DownloadVideo": "ByVideoId"}


@dataclass
class Method:
    """A method as the class has it for type checkers: an annotation, or a whole signature."""

    name: str
    type: ast.expr | None = None
    text: str = ""
    body: ast.FunctionDef | ast.AsyncFunctionDef | None = None  # as Python has it

    def decorator(self, keyword: str) -> str:
        """An argument of its decorator, as it is written; "" without one."""
        for decorator in self.body.decorator_list if self.body else ():
            for each in getattr(decorator, "keywords", ()):
                if each.arg == keyword:
                    return ast.unparse(each.value)
        return ""


@dataclass
class Resource:
    name: str
    doc: str
    module: "Module"
    inner: dict[str, str] = field(default_factory=dict)
    methods: list[Method] = field(default_factory=list)
    has_raw: bool = False


class Module:
    """Where the names of a module come from, and its resources."""

    def __init__(self, path: Path) -> None:
        self.name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        self.source = path.read_text(encoding="utf-8")
        self.imports: dict[str, str] = {}
        self.aliases: dict[str, str] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self.resources: list[Resource] = []
        package = self.name.split(".") if path.stem == "__init__" else self.name.split(".")[:-1]
        for node in statements(ast.parse(self.source).body):
            if isinstance(node, ast.ImportFrom):
                base = package[: len(package) - node.level + 1] if node.level else []
                home = ".".join([*base, *filter(None, [node.module])])
                self.imports.update({alias.asname or alias.name: home for alias in node.names})
            elif isinstance(node, ast.ClassDef):
                self.classes[node.name] = node
                if [getattr(base, "id", "") for base in node.bases] == ["Resource"]:
                    self.resources.append(self.resource(node))
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.aliases[node.targets[0].id] = ast.unparse(node)

    def resource(self, node: ast.ClassDef) -> Resource:
        found = Resource(node.name, ast.get_docstring(node, clean=False) or "", self)
        bodies = {each.name: each for each in statements(node.body, "else") if isinstance(each, FUNCTIONS)}
        for each in statements(node.body):
            if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call) and called(each.value) == "inner":
                found.inner[ast.unparse(each.targets[0])] = ast.unparse(each.value.args[0])
            elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                name = each.target.id
                if name == "with_raw_response":
                    found.has_raw = True
                elif name != "with_streaming_response":
                    body = bodies.get(name) or sys.exit(f"{self.name}.{node.name}.{name} has no body")
                    found.methods.append(Method(name, each.annotation, body=body))
            elif isinstance(each, ast.FunctionDef) and each.name in bodies:
                start = min(line.lineno for line in (each, *each.decorator_list))
                lines = self.source.splitlines()[start - 1 : each.end_lineno]
                text = "\n".join(line.removeprefix("    ") for line in lines)
                found.methods.append(Method(each.name, None, text, bodies[each.name]))
        return found

    def constant(self, name: str) -> dict[str, str]:
        """A dict of texts that the module has."""
        value: dict[str, str] = ast.literal_eval(self.aliases[name].partition(" = ")[2])
        return value


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def statements(body: Iterable[ast.stmt], branch: str = "body") -> Iterator[ast.stmt]:
    """The statements as a type checker sees them, or, of the branch "else", as Python does."""
    for node in body:
        test = ast.unparse(node.test) if isinstance(node, ast.If) else ""
        if isinstance(node, ast.If) and test in ("TYPE_CHECKING", "not TYPE_CHECKING"):
            checked = (test == "TYPE_CHECKING") == (branch == "body")
            yield from node.body if checked else node.orelse
        else:
            yield node


def called(node: ast.expr) -> str:
    return getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""


MODULES = {path.stem: Module(path) for path in sorted((PACKAGE / "resources").glob("[!_]*.py"))}
RESOURCES = {resource.name: resource for module in MODULES.values() for resource in module.resources}
NAMES, LOOP, *RUNS = (Module(PACKAGE / f"{name}.py") for name in ("_names", "_loop", "_run_async", "_runner"))
# The async form of each class that has one, and where it is.
ASYNC = {
    name: module.name
    for module in (*MODULES.values(), LOOP, *RUNS, *(Module(path) for path in sorted((PACKAGE / "types").glob("*.py"))))
    for name in module.classes
    if name.startswith("Async")
}


def mapped(text: str) -> str:
    """A type as an async client has it."""

    def twin(match: re.Match[str]) -> str:
        name = match[0]
        marked = f"_Async{name[1:]}" if name.startswith("_") else f"Async{name}"
        known = marked in ASYNC or name in RESOURCES or any(marked in module.aliases for module in MODULES.values())
        return marked if known else name

    return NAME.sub(twin, text)


def arguments(type: ast.expr) -> tuple[str, list[str]]:
    """Of a protocol: its name, and its arguments."""
    if not isinstance(type, ast.Subscript):
        sys.exit(f"{ast.unparse(type)} is no protocol with the types of its results")
    inner = type.slice.elts if isinstance(type.slice, ast.Tuple) else [type.slice]
    return ast.unparse(type.value), [ast.unparse(each) for each in inner]


def face(method: Method, awaits: bool) -> str:
    """The type of a method of a client."""
    if method.type is None:
        sys.exit(f"{method.name} is a function")
    if isinstance(method.type, ast.Name):
        return f"Async{method.type.id}" if awaits else method.type.id
    protocol, types = arguments(method.type)
    if awaits:
        types = [f"Coroutine[Any, Any, {mapped(each)}]" for each in types]
        types[0] = method.decorator("page") or types[0]
    return f"{protocol}[{', '.join(types)}]"


# Of a call: what its flags are, and which of the results (whole, as a dict; streamed, as dicts) it may then have.
NOT, NOT_OR_NULL, ONLY, EITHER = "Literal[False] = ...", "Literal[False] | None = ...", "Literal[True]", "bool = ..."
DICTS = [(NOT, (0,)), (ONLY, (1,)), (EITHER, (0, 1))]
STREAMS = [(NOT_OR_NULL, (0,)), (ONLY, (2,)), ("bool | None = ...", (0, 2))]
VARIABLES = ("R_co", "D_co", "S_co", "SD_co")


def protocol(name: str, method: Method, others: list[Method]) -> list[str]:
    """The signature of a call, as its body and its decorator have it."""
    assert isinstance(method.body, FUNCTIONS)
    assert method.type is not None
    args = method.body.args
    defaults = [*[None] * (len(args.args) - len(args.defaults)), *args.defaults]
    ids = [
        f"{each.arg}: {ast.unparse(each.annotation)}{' = ...' if default else ''}, "
        for each, default in [*zip(args.args, defaults, strict=True)][1:]
        if each.annotation
    ]
    params = ast.unparse(method.body.decorator_list[0].args[0])  # type: ignore[attr-defined]
    streams = STREAMS if method.decorator("streams") else [("", (0,))]
    variables = VARIABLES[: len(streams) // 3 * 2 + 2]
    if len(variables) != len(arguments(method.type)[1]):
        sys.exit(f"{name} has {len(variables)} kinds of results: {', '.join(variables)}")
    docs = [ast.get_docstring(each.body) or "" for each in (method, *others) if each.body]
    doc = docs[0] if not others else "\n\n".join(each.partition("\n\n")[0] for each in docs)
    lines = [
        f"class {name}(Protocol[{', '.join(variables)}]):",
        *(f"    {line}" for line in f'"""{doc}"""'.splitlines()),
    ]
    for stream, kinds in streams:
        for dicts, forms in DICTS:
            result = " | ".join(variables[kind + form] for kind in kinds for form in forms)
            flags = (f"stream: {stream}, " if stream else "") + f"as_dict: {dicts}"
            lines.append("    @overload")
            lines.append(
                f"    def __call__(self, {''.join(ids)}*, {flags}, **params: Unpack[{params}]) -> {result}: ..."
            )
    return lines


def without(stub: "Stub", module: Module, params: str, keyword: str) -> str:
    """Parameters without the one that is a class here: the name of those, which `stub` has from now on."""
    home = Module(PACKAGE / "types" / f"{module.name.rpartition('.')[2]}.py")
    fields = [each for each in home.classes[params].body if isinstance(each, ast.AnnAssign)]
    name = f"_{params}"
    if keyword not in (ast.unparse(each.target) for each in fields):
        return params
    if name not in stub.own:
        stub.own.add(name)
        stub.imports.update(dict.fromkeys(("Required",), "typing"))
        lines = [f"class {name}(RequestOptions, total=False):"]
        lines += [f"    {ast.unparse(each)}" for each in fields if ast.unparse(each.target) != keyword]
        for used in [*NAME.findall("\n".join(line.partition(":")[2] for line in lines)), "RequestOptions"]:
            if used not in stub.own:
                stub.imports[used] = home.imports.get(used, home.name)
        stub.lines += lines
    return name


def without_of_a_run(stub: "Stub", module: Module, params: str, keyword: str) -> str:
    """The same of a run's parameters, which are those of a call and the options."""
    home = Module(PACKAGE / "types" / f"{module.name.rpartition('.')[2]}.py")
    call, options = (ast.unparse(base) for base in home.classes[params].bases)
    cut = without(stub, module, call, keyword)
    if cut == call:
        return params
    if f"_{params}" not in stub.own:
        stub.own.add(f"_{params}")
        stub.imports[options] = home.imports[options]
        stub.lines += [f"class _{params}({cut}, {options}, total=False): ..."]
    return f"_{params}"


def of_a_run(stub: "Stub", method: Method, resource: Resource) -> list[str]:
    """The signatures of a call that becomes several, of both clients: made of those of `create`."""
    assert isinstance(method.body, FUNCTIONS)
    create = next(each for each in resource.methods if isinstance(each.type, ast.Subscript))
    reply, _, stream, _ = arguments(create.type)[1]  # type: ignore[arg-type]
    event = stream.removeprefix("Stream[").removesuffix("]")
    typed = method.body.decorator_list[0].args[0]  # type: ignore[attr-defined]
    params, keyword = ast.unparse(typed.args[0]), ast.literal_eval(typed.args[1])
    lines: list[str] = []
    protocol = ast.unparse(method.type)  # type: ignore[arg-type]
    parsed = f"Parsed{protocol.removeprefix('Run')}"
    for awaits in (False, True):
        lines.append(f"class {'Async' if awaits else ''}{protocol}(Protocol):")
        lines += [f"    {line}" for line in f'"""{ast.get_docstring(method.body)}"""'.splitlines()]
        for given, whole in (
            ("output: type[T], ", f"{parsed}[T]"),
            (f"{keyword}: type[T], ", f"{parsed}[T]"),
            ("", reply),
            ("output: Any, ", f"{parsed}[Any]"),
        ):
            answer = f"Coroutine[Any, Any, {whole}]" if awaits else whole
            run = f"{'Async' if awaits else ''}ToolRun[{event}, {whole}]"
            retries = "retries: int = ..., " if given else ""
            own = without_of_a_run(stub, resource.module, params, keyword) if given else params
            forms = [(NOT_OR_NULL, answer), (ONLY, run), ("bool | None = ...", f"{answer} | {run}")]
            # A flag that is no literal would take what `output: Any` says otherwise.
            for flag, result in forms[:2] if "type[T]" in given else forms:
                flags = f"{given}{retries}stream: {flag}"
                lines.append("    @overload")
                lines.append(f"    def __call__(self, *, {flags}, **params: Unpack[{own}]) -> {result}: ...")
    return lines


def of_a_class(stub: "Stub", module: Module, name: str, method: Method) -> list[str]:
    """The signatures of a call whose answer is of a class, of both clients: the class decides what comes back."""
    assert isinstance(method.body, FUNCTIONS)
    typed = method.body.decorator_list[0].args[0]  # type: ignore[attr-defined]
    params, keyword = ast.unparse(typed.args[0]), ast.literal_eval(typed.args[1])
    others = without(stub, module, params, keyword)
    flags = {flag.arg for flag in typed.keywords}
    retries = "retries: int = ..., " if "retries" in flags else ""
    doc = [f"    {line}" for line in f'"""{ast.get_docstring(method.body)}"""'.splitlines()]
    opens = method.decorator("opens").removeprefix("opening(").removesuffix(")").split(", ")
    lines: list[str] = []
    for awaits in (False, True):
        lines += [f"class {'Async' if awaits else ''}{name}(Protocol):", *doc]
        if opens != [""]:
            plain = opens[awaits]
            made = f"AsyncParsed{plain.removeprefix('Async')}" if awaits else f"Parsed{plain}"
            result = f"{made}[{{}}]"
        else:
            plain, made = "", f"Parsed{name.removeprefix('Parse')}"
            result = f"Coroutine[Any, Any, {made}[{{}}]]" if awaits else f"{made}[{{}}]"
        named = retries and f"*, {retries}"
        forms = [(f"output: type[T], {named}", "T"), (f"*, {keyword}: type[T], {retries}", "T")]
        if "reads" in flags:  # the class that is read is not the one whose schema is sent
            sent = f"output: Any = ..., *, {keyword}: Any = ..., "
            forms = [(f"{sent}parse_as: type[T], ", "T"), (f"{sent}parse_as: None, ", "None"), *forms]
        forms += [("", "")] if plain else []
        forms += [(f"output: Any, {named}", "Any"), (f"*, {keyword}: Any, {retries}", "Any")]
        forms += [] if plain else [(named, "Any")]
        for given, answer in forms:
            returned = result.format(answer) if answer else plain
            own = params if not answer else others
            lines += ["    @overload", f"    def __call__(self, {given}**params: Unpack[{own}]) -> {returned}: ..."]
    return lines


def fields_of(home: Module, params: str) -> list[ast.AnnAssign]:
    """The fields of parameters and of those that they extend, but for the options of every call."""
    node = home.classes[params]
    bases = [ast.unparse(base) for base in node.bases]
    inherited = [field for base in bases if base in home.classes for field in fields_of(home, base)]
    return [*inherited, *(each for each in node.body if isinstance(each, ast.AnnAssign))]


def of_a_map(stub: "Stub", module: Module, name: str, method: Method) -> list[str]:
    """The signatures of a call of many rows, of both clients: the parameters that rows do not fill, none of which must
    be given, and the options of jobs."""
    assert isinstance(method.body, FUNCTIONS)
    made = method.body.decorator_list[0].args[0]  # type: ignore[attr-defined]
    params, *filled = ast.unparse(made.args[0]), *map(ast.literal_eval, made.args[1:]), "data", "prompt"
    home = Module(PACKAGE / "types" / f"{module.name.rpartition('.')[2]}.py")
    options = Module(PACKAGE / "types" / "jobs.py")
    base = "AnswerJobOptions" if made.keywords else "JobOptions"
    taken = {ast.unparse(each.target) for each in fields_of(options, base)}
    stub.imports |= {base: options.name, "Callable": "collections.abc"}
    stub.imports |= dict.fromkeys(("AsyncJob", "Job"), "wenwen._jobs")
    lines = [f"class _{name}({base}, total=False):"]
    for each in fields_of(home, params):
        field = ast.unparse(each.target)
        if field not in taken and field not in filled:
            text = ast.unparse(each.annotation).replace("os.PathLike", "PathLike")
            text = text.removeprefix("Required[").removesuffix("]") if text.startswith("Required[") else text
            lines.append(f"    {field}: {text}")
    for used in NAME.findall("\n".join(re.sub(r"'[^']*'", "", line.partition(":")[2]) for line in lines)):
        if used not in stub.own:
            stub.imports[used] = "os" if used == "PathLike" else home.imports.get(used, home.name)
    stub.own.add(f"_{name}")
    stub.lines += lines
    text = []
    prompt = "str | Callable[[Any], Any] | None"
    for awaits in ("", "Async"):
        text += [f"class {awaits}{name}(Protocol):"]
        text += [f"    {line}" for line in f'"""{ast.get_docstring(method.body)}"""'.splitlines()]
        arguments = f"data: object, prompt: {prompt} = ..., *, as_dict: bool = ..., **params: Unpack[_{name}]"
        text += [f"    def __call__(self, {arguments}) -> {awaits}Job: ..."]
    return text


def raw_of_a_class(stub: "Stub", module: Module, method: Method) -> str:
    """The signature of the same in a raw form, whose `parse` gives the answer."""
    typed = method.body.decorator_list[0].args[0]  # type: ignore[attr-defined, union-attr]
    params, keyword = ast.unparse(typed.args[0]), ast.literal_eval(typed.args[1])
    reads = "parse_as: Any = ..., " if any(flag.arg == "reads" for flag in typed.keywords) else ""
    others = without(stub, module, params, keyword)
    return f"def parse(self, output: Any = ..., *, {keyword}: Any = ..., {reads}**params: Unpack[{others}]) -> R: ..."


def raw(method: Method) -> str:
    assert method.type is not None
    protocol, types = arguments(method.type)
    return f"{RAW.get(protocol, protocol)}[{', '.join('R' for _ in types)}]"


class Stub:
    """A file, whose imports are those of the modules that its lines are taken from."""

    def __init__(self, path: Path, own: Iterable[str] = ()) -> None:
        self.path = path
        self.own = {*own, *dir(builtins)}
        self.imports: dict[str, str] = {}
        self.aliases: dict[str, str] = {}
        self.heads: list[str] = []
        self.lines: list[str] = []

    def add(self, line: str, module: Module | None = None) -> None:
        self.lines.append(line)
        for name in NAME.findall(re.sub(r"#.*", "", line).partition("=")[0] if module is None else line):
            self.need(name, module)

    def need(self, name: str, module: Module | None) -> None:
        common = {"Any": "typing", "Coroutine": "collections.abc", "APIResponse": "wenwen._core"}
        common |= {"AsyncResource": "wenwen.resources._base", "Generic": "typing", "TypeVar": "typing"}
        common |= {"StreamingResponse": "wenwen.resources._base", "AsyncStreamingResponse": "wenwen.resources._base"}
        if name in self.own or name in self.aliases:
            return
        if name in ASYNC:
            home = ASYNC[name]
        elif name in RESOURCES:
            home = RESOURCES[name].module.name
        elif name.startswith("Async") and name.removeprefix("Async") in RESOURCES:
            home = FACES
        elif name in common:
            home = common[name]
        elif module is not None and module.imports.get(name.removeprefix("Async")) == FACES:
            home = FACES
        elif module is not None and name in module.imports:
            home = module.imports[name]
        elif module is not None and name in module.classes:
            home = module.name
        elif module is not None and name in module.aliases:
            self.aliases[name] = module.aliases[name]
            for other in NAME.findall(module.aliases[name].partition(" = ")[2]):
                self.need(other, module)
            return
        else:
            return
        if self.imports.setdefault(name, home) != home:
            sys.exit(f"{name} is from {home} and from {self.imports[name]}")

    def text(self) -> str:
        by_home: dict[str, list[str]] = {}
        for name, home in self.imports.items():
            by_home.setdefault(home, []).append(name)
        lines = ["# Made by .ci/faces.py."]
        for home in sorted(by_home, key=lambda home: (home.startswith("wenwen"), home)):
            lines.append(f"from {home} import {', '.join(sorted(by_home[home], key=order))}")
        return "\n".join([*lines, *self.heads, *self.aliases.values(), *self.lines, ""])


def order(name: str) -> tuple[int, str]:
    """Constants, classes, functions: as isort sorts them."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    return kind, name


def faces() -> Stub:
    calls: dict[str, list[tuple[Resource, Method]]] = {}
    for resource in RESOURCES.values():
        for method in resource.methods:
            name = "" if method.type is None else ast.unparse(method.type).partition("[")[0]
            if resource.module.imports.get(name) == FACES:
                calls.setdefault(name, []).append((resource, method))
    own = {f"{prefix}{name}" for name in RESOURCES for prefix in ("Async", "Raw")}
    own |= {*calls, *(f"Async{name}" for name in calls), *VARIABLES, "R", "T", "Parts", "AsyncParts"}
    stub = Stub(PACKAGE / "resources" / "_faces.pyi", own)
    stub.imports.update(dict.fromkeys(("Literal", "Protocol", "TypeVar", "Unpack", "overload"), "typing"))
    meanings = ("the typed reply", "the reply as a dict", "the stream of typed events", "the stream of dicts")
    for name, meaning in zip(VARIABLES, meanings, strict=True):
        stub.lines.append(f'{name} = TypeVar("{name}", covariant=True)  # {meaning}')
    stub.lines.append('R = TypeVar("R")  # what a raw form returns')
    stub.lines.append('T = TypeVar("T")  # a class of the user\'s')
    for name, methods in calls.items():
        (resource, method), *others = methods
        module = resource.module
        is_plain = isinstance(method.type, ast.Subscript)
        if method.decorator("lazy") == "True":
            text = of_a_map(stub, module, name, method)
        elif method.decorator("whole") == "True":
            text = of_a_run(stub, method, resource)
        elif is_plain:
            text = protocol(name, method, [each for _, each in others])
        else:
            text = of_a_class(stub, module, name, method)
        for _, other in others:
            if protocol(name, other, [])[-2:] != text[-2:]:
                sys.exit(f"{name}: {method.name} and {other.name} are called in different ways")
        for line in text:
            if line.startswith(("class", "    def", "    @")):
                stub.add(line, module)
            else:
                stub.lines.append(line)
    with_raw = [resource for resource in RESOURCES.values() if resource.has_raw]
    with_raw += [RESOURCES[name] for each in with_raw for name in each.inner.values() if not RESOURCES[name].has_raw]
    for resource in sorted(with_raw, key=[*RESOURCES.values()].index):
        stub.add(f"class Raw{resource.name}(Generic[R]):")
        stub.lines.append(f'    """The methods of `{resource.name}`, each with the same kind of result."""')
        for name, cls in resource.inner.items():
            stub.lines.append(f"    {name}: Raw{cls}[R]")
        for method in resource.methods:
            if isinstance(method.type, ast.Subscript):
                stub.add(f"    {method.name}: {raw(method)}", resource.module)
            elif method.name == "parse":
                stub.add(f"    {raw_of_a_class(stub, resource.module, method)}", resource.module)
    for resource in RESOURCES.values():
        stub.add(f"class Async{resource.name}(AsyncResource):")
        stub.lines.append(f'    """{awaited(resource.doc)}"""')
        for name, cls in resource.inner.items():
            stub.lines.append(f"    {name}: Async{cls}")
        for method in resource.methods:
            if method.type is not None:
                stub.add(f"    {method.name}: {face(method, True)}", resource.module)
            else:
                text = mapped(method.text)
                stub.add(
                    text.replace("def ", "async def ", 1) if isinstance(method.body, ast.AsyncFunctionDef) else text,
                    resource.module,
                )
        if resource.has_raw:
            stub.add(f"    with_raw_response: Raw{resource.name}[Coroutine[Any, Any, APIResponse]]", resource.module)
            stub.add(f"    with_streaming_response: Raw{resource.name}[AsyncStreamingResponse]", resource.module)
    for awaits in (False, True):
        stub.lines.append("class AsyncParts:" if awaits else "class Parts:")
        for part, home in NAMES.constant("PARTS").items():
            _, owner, *attribute = home.split(".")
            resource = RESOURCES[owner]
            if attribute:
                stub.add(f"    {part}: {face(found(resource, attribute[0]), awaits)}", resource.module)
            else:
                stub.add(f"    {part}: {'Async' if awaits else ''}{owner}", resource.module)
    return stub


def awaited(doc: str) -> str:
    """As `awaited` in resources/_base.py says it."""
    cut = min(place for place in (doc.find(": "), doc.find(". "), len(doc) - 1) if place > 0)
    return f"{doc[:cut]}, awaited{doc[cut:]}"


def found(resource: Resource, name: str) -> Method:
    return next(method for method in resource.methods if method.name == name)


def functions(stub: Stub, awaits: bool) -> Stub:
    for name, home in {**NAMES.constant("FUNCTIONS"), **NAMES.constant("MAPS")}.items():
        _, owner, attribute = home.split(".")
        resource = RESOURCES[owner]
        stub.add(f"{name}: {face(found(resource, attribute), awaits)}", resource.module)
    for part, home in NAMES.constant("PARTS").items():
        if part not in NAMES.constant("FUNCTIONS"):
            owner = home.split(".")[1]
            stub.add(f"{part}: {'Async' if awaits else ''}{owner}", RESOURCES[owner].module)
    return stub


def top() -> Stub:
    names: list[str] = []
    heads: list[str] = []
    for home, text in NAMES.constant("NAMES").items():
        for name in sorted(text.split(), key=order):
            heads.append(f"from .{home} import {name} as {name}")
            names.append(name)
    heads += [
        f"from . import {name} as {name}"
        for name in ast.literal_eval(NAMES.aliases["ENGINES"].partition(" = ")[2]).split()
    ]
    stub = functions(Stub(PACKAGE / "__init__.pyi", names), False)
    stub.heads = heads
    names += NAMES.constant("FUNCTIONS")
    public = sorted((name for name in names if not name.startswith("_")), key=order)
    stub.lines += [f"{name} = {ours}" for name, ours in NAMES.constant("PEERS").items()]
    stub.lines.append(f"__all__ = {public}")
    return stub


def main() -> int:
    made: list[Callable[[], Stub]] = [faces, top, lambda: functions(Stub(PACKAGE / "aio.pyi"), True)]
    stale = []
    for make in made:
        stub = make()
        text = stub.text()
        if "--write" in sys.argv:
            name = ["--stdin-filename", str(stub.path)]
            for command in (["check", "--quiet", "--fix", "--select", "I"], ["format", "--quiet"]):
                run = subprocess.run(
                    ["ruff", *command, *name, "-"], input=text, capture_output=True, text=True, cwd=ROOT
                )
                text = run.stdout or sys.exit(run.stderr)
            stub.path.write_text(text, encoding="utf-8")
        elif not stub.path.exists() or told(stub.path.read_text(encoding="utf-8")) != told(text):
            stale.append(str(stub.path.relative_to(ROOT)))
    if stale:
        print(f"not up to date: {', '.join(stale)}; python .ci/faces.py --write", file=sys.stderr)
    return 1 if stale else 0


def told(text: str) -> tuple[list[str], list[str]]:
    """What a stub says, however it is laid out and its imports are sorted."""
    imports, others = [], []
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom):
            imports += [f"{'.' * node.level}{node.module}: {alias.name} as {alias.asname}" for alias in node.names]
        else:
            others.append(re.sub(r"(\\n|\s)+", " ", ast.dump(node)))  # docstrings are laid out too
    return sorted(imports), others


if __name__ == "__main__":
    sys.exit(main())
