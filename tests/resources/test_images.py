"""Images through the public face, sync and async alike, on the local gateway."""

from __future__ import annotations

import asyncio
import base64
import inspect
import io
import json
import pickle
import pydoc
import runpy
import sys
import types
import webbrowser
from pathlib import Path
from typing import Any

import pytest
from conftest import SAMPLES, Call, sample

import wenwen
from wenwen.testing import LocalGateway, Reply
from wenwen.types import images
from wenwen.types.images import Image, ImagesResponse

FOLDERS = {
    "4.1-images-dalle3": "generate",
    "4.2-images-gpt-image-1": "generate",
    "4.3-images-edit-dalle2": "edit",
    "4.4-images-edit-gpt-image-1": "edit",
}
STREAMS = {"4.2-images-gpt-image-1": "generate", "4.4-images-edit-gpt-image-1": "edit"}
DALL_E: dict[str, Any] = {"model": "dall-e-3", "prompt": "A colorful sunset over the mountains"}
GPT: dict[str, Any] = {"model": "gpt-image-1", "prompt": "一只可爱的小海獭"}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


PNG = base64.b64decode(sample("4.1-images-dalle3/response_b64.json")["data"][0]["b64_json"])


def keywords(request: dict[str, Any]) -> dict[str, Any]:
    """The call that makes a request of the samples: JSON, or a form as the samples describe it."""
    if "files" not in request:
        return request
    files = [(each["filename"], base64.b64decode(each["content_base64"])) for each in request["files"]]
    fields = {name: int(value) if name == "n" else value for name, value in request["fields"]}
    return {**fields, "image": files if len(files) > 1 else files[0]}


def size_of(png: bytes) -> tuple[int, int]:
    pil = pytest.importorskip("PIL.Image")
    with pil.open(io.BytesIO(png)) as picture:
        picture.load()  # all of it can be read
        assert picture.format == "PNG"
        size: tuple[int, int] = picture.size
        return size


class Face:
    """`client.images`, each call made to its end."""

    def __init__(self, call: Call, gateway: LocalGateway, **options: Any) -> None:
        self.call = call
        self.client = call.client(gateway, **options)

    def __getattr__(self, name: str) -> Any:
        def method(**params: Any) -> Any:
            if name == "edit":
                params = {"image": PNG, **params}
            return self.call.wait(getattr(self.client.images, name)(**params))

        return method

    def events(self, name: str, **params: Any) -> list[Any]:
        return list(self.call.each(getattr(self, name)(stream=True, **params)))

    def bytes(self, image: Any) -> bytes:
        return self.call.wait(image.abytes()) if self.call.is_async else image.bytes

    def save(self, image: Any, path: Any) -> Any:
        return self.call.wait(image.asave(path)) if self.call.is_async else image.save(path)


@pytest.fixture
def face(call: Call, wenwen_gateway: LocalGateway) -> Face:
    return Face(call, wenwen_gateway, max_retries=0)


@pytest.fixture
def gateway(wenwen_gateway: LocalGateway) -> LocalGateway:
    return wenwen_gateway


# ---- replies ----


def test_types_of_the_parts(gateway: LocalGateway) -> None:
    gateway.script(sample("4.4-images-edit-gpt-image-1/response.json"))
    reply = gateway.client().images.generate(**GPT)
    assert isinstance(reply.usage, images.ImageUsage)
    assert isinstance(reply.usage.input_tokens_details, images.ImageUsageInputTokensDetails)
    assert reply.usage.input_tokens_details.image_tokens == 646
    assert reply.usage.output_tokens_details is None
    assert (reply.size, reply.quality, reply.background, reply.output_format) == (
        "1024x1024", "high", "opaque", "png",
    )  # fmt: skip
    assert wenwen.types.ImagesResponse is ImagesResponse
    assert wenwen.types.Image is Image


def test_odd_replies(face: Face, gateway: LocalGateway) -> None:
    gateway.script({"created": 1, "data": []}, {"created": 1, "data": None}, {"created": 1.5, "data": ["x", None, {}]})
    gateway.script({"created": 1, "data": {"url": "x"}})
    assert face.generate(**DALL_E).data == []
    assert face.generate(**DALL_E).data is None
    reply = face.generate(**DALL_E)
    assert reply.data[:2] == ["x", None]
    with pytest.raises(ValueError, match="no picture here: b64_json and url are both missing or empty"):
        face.bytes(reply.data[2])
    assert face.generate(**DALL_E).data["url"] == "x"


# ---- what an image can do ----


def test_empty_texts_are_absent() -> None:
    image = Image(url="", b64_json=b64(PNG), revised_prompt="")
    assert (image.url, image.revised_prompt, image.bytes) == (None, None, PNG)
    assert (image["url"], image.to_dict()["revised_prompt"]) == ("", "")
    assert Image(url="https://example.com/x", b64_json="").b64_json is None
    assert Image().content_type is None


def test_bytes_and_save(face: Face, gateway: LocalGateway, tmp_path: Path) -> None:
    image = face.generate(**GPT).data[0]
    assert face.bytes(image) == base64.b64decode(image.b64_json)
    assert size_of(face.bytes(image)) == (1024, 1024)
    assert image.content_type == "image/png"
    assert face.save(image, tmp_path / "猫") is None
    assert (tmp_path / "猫").read_bytes() == image.bytes
    face.save(image, str(tmp_path / "猫"))
    assert len(gateway.requests) == 1
    with pytest.raises(FileNotFoundError, match="no such directory"):
        face.save(image, tmp_path / "no such directory" / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["猫"]


def test_an_image_at_a_url(face: Face, gateway: LocalGateway, tmp_path: Path) -> None:
    reply = face.generate(**DALL_E, size="1792x1024")
    image = reply.data[0]
    assert (image.b64_json, image.content_type) == (None, None)
    assert image.url.startswith(gateway.root + "/files/")
    assert image.revised_prompt.startswith(DALL_E["prompt"])
    data = face.bytes(image)
    assert size_of(data) == (1792, 1024)
    face.save(image, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == data
    assert [request.method for request in gateway.requests] == ["POST", "GET", "GET"]
    for request in gateway.requests[1:]:
        sent = repr(request.headers)
        assert gateway.api_key not in sent and "authorization" not in sent.lower()
    again = pickle.loads(pickle.dumps(image))  # knows no client any more: the default one's way
    assert face.bytes(again) == data


def test_it_is_fetched_the_client_s_way(call: Call, gateway: LocalGateway) -> None:
    """Its limits count, its key and headers do not go along."""
    face = Face(call, gateway, max_retries=3, timeout=30, default_headers={"X-Mine": "1"})
    image = face.generate(**DALL_E).data[0]
    gateway.script(500, 502, None)
    assert face.bytes(image).startswith(b"\x89PNG")
    assert len(gateway.requests) == 4
    assert gateway.last_request and gateway.last_request.header("x-mine") is None
    face = Face(call, gateway, max_retries=0, timeout=0.2)
    image = face.generate(**DALL_E).data[0]
    gateway.script(Reply(delay=30))
    with pytest.raises(wenwen.APITimeoutError):
        face.bytes(image)


def test_a_url_that_has_expired(face: Face, gateway: LocalGateway, tmp_path: Path) -> None:
    image = face.generate(**DALL_E).data[0]
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    page = Reply(status=403, text="<Error><Code>AuthenticationFailed</Code></Error>")
    gateway.script(page, page, Reply(body=PNG * 1000, cut=5000))
    with pytest.raises(wenwen.PermissionDeniedError):
        face.bytes(image)
    with pytest.raises(wenwen.PermissionDeniedError):
        face.save(image, path)
    with pytest.raises(wenwen.APIConnectionError, match="broke off"):
        face.save(image, path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("field", ["b64_json", "url"])
def test_data_uris(field: str, tmp_path: Path) -> None:
    """Some upstreams put one where base64 or a URL belongs."""
    image = Image({field: "data:image/png;base64," + b64(PNG)})
    assert (image.bytes, image.content_type) == (PNG, "image/png")
    image.save(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == PNG
    assert image._repr_mimebundle_()["image/png"] == b64(PNG)


def test_broken_base64() -> None:
    for text in ("a", "A" * 101):
        with pytest.raises(ValueError, match="the picture's base64 is broken"):
            _ = Image(b64_json=text).bytes


@pytest.mark.parametrize(("format", "kind"), [("png", "png"), ("jpeg", "jpeg"), ("webp", "webp")])
def test_formats(face: Face, format: str, kind: str) -> None:
    reply = face.generate(**GPT, output_format=format)
    assert reply.output_format == format
    assert reply.data[0].content_type == f"image/{kind}"
    pil = pytest.importorskip("PIL.Image")
    with pil.open(io.BytesIO(reply.data[0].bytes)) as picture:
        picture.load()
        assert picture.format == format.upper()


def test_show(gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    client = gateway.client()
    reply = [client.images.generate(**GPT).data[0], client.images.generate(**DALL_E).data[0]]
    pil = pytest.importorskip("PIL.Image")
    shown: list[Any] = []
    monkeypatch.setattr(pil.Image, "show", lambda picture: shown.append(picture.size))
    for image in reply:
        image.show()
    assert shown == [(1024, 1024)] * 2
    # Without PIL: a file for the viewer.
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    monkeypatch.setattr(webbrowser, "open", lambda url: shown.append(url))
    reply[0].show()
    path = Path(shown[-1].removeprefix("file://"))
    assert path.suffix == ".png"
    assert path.read_bytes() == reply[0].bytes
    path.unlink()


def test_in_a_notebook(gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    client = gateway.client()
    near, far = client.images.generate(**GPT).data[0], client.images.generate(**DALL_E).data[0]
    gateway.clear()
    assert near._repr_mimebundle_() == {"text/plain": repr(near), "image/png": near.b64_json}
    assert far._repr_mimebundle_(include=None, exclude=None) == {"text/plain": repr(far)}
    assert gateway.requests == []  # nothing is fetched to be looked at
    shown: list[Any] = []
    shell = types.SimpleNamespace(kernel=object())
    display = types.SimpleNamespace(display=lambda bundle, raw: shown.append((bundle, raw)))
    ipython = types.SimpleNamespace(get_ipython=lambda: shell, display=display)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    near.show()
    far.show()
    assert [(set(bundle), raw) for bundle, raw in shown] == [({"text/plain", "image/png"}, True)] * 2
    assert base64.b64decode(shown[1][0]["image/png"]) == far.bytes


def test_reprs_are_short(gateway: LocalGateway) -> None:
    reply = gateway.client().images.generate(**GPT)
    assert len(repr(reply)) < 1500
    huge = Image(b64_json="A" * 10_000_000)
    assert len(repr(huge)) < 700


# ---- streams ----


@pytest.mark.parametrize("folder", STREAMS)
@pytest.mark.parametrize("done", [b"", b"data: [DONE]\n\n"])
@pytest.mark.parametrize("names", [True, False])
def test_streams_of_the_samples(face: Face, gateway: LocalGateway, folder: str, done: bytes, names: bool) -> None:
    body = (SAMPLES / folder / "stream.sse").read_bytes() + done
    sent = [json.loads(line[6:]) for line in body.decode().splitlines() if line.startswith("data: {")]
    if not names:
        body = b"".join(line for line in body.splitlines(True) if not line.startswith(b"event:"))
    gateway.script(*(Reply(events=body, chunk_size=size) for size in (1, 1000)), Reply(events=body))
    method = STREAMS[folder]
    for _ in range(2):
        events = face.events(method, **GPT)
        assert [event.to_dict() for event in events] == sent
        prefix = "ImageGen" if method == "generate" else "ImageEdit"
        assert [type(event).__name__ for event in events] == [f"{prefix}PartialImageEvent", f"{prefix}CompletedEvent"]
        assert [event.bytes for event in events] == [PNG, PNG]
        assert events[0].partial_image_index == 0
        assert events[1].usage.input_tokens_details.text_tokens == 50
        assert pickle.loads(pickle.dumps(events)) == events
    assert face.events(method, **GPT, as_dict=True) == sent


@pytest.mark.parametrize("method", ["generate", "edit"])
def test_events_of_other_names_are_pictures_too(face: Face, gateway: LocalGateway, tmp_path: Path, method: str) -> None:
    """An upstream that answers whole to a streamed edit has it called a generation."""
    kinds = ["image_generation.partial_image", "image_edit.partial_image", "image_edit.completed", "image.done", None]
    sent = [{"type": kind, "b64_json": b64(PNG)} for kind in [*kinds, "image_generation.completed"]]
    gateway.script(Reply(events=[*sent, "data: [DONE]\n\n"]), Reply(events=[*sent, "data: [DONE]\n\n"]))
    events = face.events(method, **GPT)
    assert [type(event).__name__ for event in events] == [
        "ImageGenPartialImageEvent", "ImageEditPartialImageEvent", "ImageEditCompletedEvent", "Image", "Image",
        "ImageGenCompletedEvent",
    ]  # fmt: skip
    for event in events:
        face.save(event, tmp_path / "a.png")
        assert (tmp_path / "a.png").read_bytes() == event.bytes == PNG
    assert face.events(method, **GPT, as_dict=True) == sent


@pytest.mark.parametrize(
    "text",
    [b64(PNG) + '" onerror="alert(1)', b64(PNG)[:40] + "<script>" + b64(PNG)[40:], b64(b"<svg onload=alert(1)>"),
     "data:image/svg+xml,<svg/>", "<b>", b64(PNG)[:-3] + "\n", "é", b64(b"GIF8")[:5]],
)  # fmt: skip
def test_a_notebook_gets_a_picture_or_none(text: str) -> None:
    for picture in (Image(b64_json=text), Image(url="data:image/png;base64," + text)):
        bundle = picture._repr_mimebundle_()
        assert set(bundle) <= {"text/plain", "image/png", "image/gif"}
        for kind, data in bundle.items():
            assert kind == "text/plain" or base64.b64encode(base64.b64decode(data, validate=True)).decode() == data


@pytest.mark.parametrize("method", ["generate", "edit"])
def test_streams_of_the_gateway(face: Face, gateway: LocalGateway, tmp_path: Path, method: str) -> None:
    events = face.events(method, **GPT, partial_images=2, size="1536x1024")
    stem = "image_generation" if method == "generate" else "image_edit"
    assert [event.type for event in events] == [f"{stem}.partial_image"] * 2 + [f"{stem}.completed"]
    assert [event.partial_image_index for event in events[:2]] == [0, 1]
    assert len({event.bytes for event in events}) == 3
    for event in events:
        face.save(event, tmp_path / "a.png")
        assert size_of((tmp_path / "a.png").read_bytes()) == (1536, 1024)
    assert events[-1].bytes == getattr(face, method)(**GPT, size="1536x1024").data[0].bytes
    assert events[-1].usage.output_tokens == 1568
    sent = gateway.requests[0]
    assert sent.header("accept") == "text/event-stream"


def test_several_images_in_one_stream(face: Face) -> None:
    events = face.events("generate", **GPT, n=2, partial_images=1)
    assert [event.type.partition(".")[2] for event in events] == ["partial_image", "completed"] * 2


def test_a_stream_that_breaks_off(face: Face, gateway: LocalGateway) -> None:
    body = (SAMPLES / "4.2-images-gpt-image-1/stream.sse").read_bytes()
    first = body[: body.index(b"\n\n") + 2]
    for broken in (first, first + b"data: [DONE]\n\n", first + body[len(first) : -20]):
        gateway.script(Reply(events=broken))
        got: list[Any] = []
        with pytest.raises(wenwen.IncompleteStreamError) as raised:
            got.extend(face.call.each(face.generate(**GPT, stream=True)))
        partial: Any = raised.value.partial
        assert isinstance(partial, ImagesResponse)
        assert partial.data[0].bytes == PNG
        assert partial.size == "1024x1024"
    gateway.script(Reply(events=": PING\n\n"))
    with pytest.raises(wenwen.IncompleteStreamError, match="without a single event") as none:
        face.events("generate", **GPT)
    assert none.value.partial is None


def test_errors_inside_of_a_stream(face: Face, gateway: LocalGateway) -> None:
    body = (SAMPLES / "4.2-images-gpt-image-1/stream.sse").read_text()
    first = body[: body.index("\n\n") + 2]
    error = {"type": "error", "error": {"code": "moderation_blocked", "message": "Your request was rejected."}}
    for tail in (f"event: error\ndata: {json.dumps(error)}\n\n", f"data: {json.dumps(error)}\n\n", json.dumps(error)):
        gateway.script(Reply(events=first + tail))
        with pytest.raises(wenwen.APIError, match="Your request was rejected") as raised:
            face.events("generate", **GPT)
        assert raised.value.code == "moderation_blocked"


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_plain_reply_to_a_stream(face: Face, gateway: LocalGateway, folder: str) -> None:
    want = sample(f"{folder}/response.json")
    method = FOLDERS[folder]
    pings = Reply(events=[": PING\n\n", json.dumps(want)])
    gateway.script(want, pings, pings)
    kind = "image_generation.completed" if method == "generate" else "image_edit.completed"
    for _ in range(2):
        (event,) = face.events(method, **GPT)
        assert event.type == kind
        assert isinstance(event, images.ImageGenCompletedEvent | images.ImageEditCompletedEvent)
        assert event.created_at == want["created"]
        for name, value in want["data"][0].items():
            assert event[name] == value
        assert event.get("usage") == want.get("usage")
    assert getattr(face, method)(**GPT).to_dict() == want


def test_a_stream_for_a_plain_call(face: Face, gateway: LocalGateway) -> None:
    gateway.script(Reply(events=(SAMPLES / "4.2-images-gpt-image-1/stream.sse").read_bytes()))
    reply = face.generate(**GPT)
    assert isinstance(reply, ImagesResponse)
    assert reply.to_dict() == sample("4.2-images-gpt-image-1/response.json")


@pytest.mark.slow
def test_large_events(gateway: LocalGateway) -> None:
    data = "A" * (64 << 20)
    event = f'data: {{"type":"image_generation.completed","b64_json":"{data}","created_at":1}}\n\n'.encode()
    gateway.script(Reply(events=event))
    (got,) = gateway.client().images.generate(**GPT, stream=True)
    assert got.b64_json == data


def test_dall_e_knows_no_stream(face: Face) -> None:
    (event,) = face.events("generate", **DALL_E)
    assert event.type == "image_generation.completed"
    assert face.bytes(event).startswith(b"\x89PNG")


# ---- the local gateway ----


def test_shapes_of_the_default_answers(face: Face) -> None:
    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shape(each) for name, each in value.items()}
        return [shape(each) for each in value] if isinstance(value, list) else type(value).__name__

    def keys(reply: Any) -> list[str]:
        return sorted(reply.to_dict())

    for folder, method in FOLDERS.items():
        request = keywords(sample(f"{folder}/request.json"))
        got, want = getattr(face, method)(**request), sample(f"{folder}/response.json")
        assert shape(got.to_dict()) == shape(want)
        assert keys(got) == sorted(want)
    b64_shape = shape(face.generate(**DALL_E, response_format="b64_json").to_dict())
    assert b64_shape == shape(sample("4.1-images-dalle3/response_b64.json"))


def test_the_same_prompt_makes_the_same_image(face: Face) -> None:
    first = face.generate(**GPT, n=3)
    data = [image.bytes for image in first.data]
    assert len(set(data)) == 3
    assert [image.bytes for image in face.generate(**GPT, n=3).data] == data
    assert face.generate(**{**GPT, "prompt": "another"}).data[0].bytes not in data
    assert first.usage.output_tokens == 3 * 1056
    assert first.usage.total_tokens == first.usage.input_tokens + first.usage.output_tokens


def test_converted_replies(face: Face) -> None:
    """Another vendor's: all fields of the gateway's struct, empty or not."""
    raw = face.generate(model="seedream-4", prompt="x", as_dict=True)
    assert raw["data"][0]["b64_json"] == raw["data"][0]["revised_prompt"] == ""
    image = face.generate(model="seedream-4", prompt="x", response_format="b64_json").data[0]
    assert image["url"] == "" and image.url is None
    assert size_of(image.bytes) == (1024, 1024)


REFUSALS: list[tuple[str, dict[str, Any], int, str, str]] = [
    ("generate", {**DALL_E, "size": "1024×1024"}, 500, "invalid_request", "instead of the multiplication sign"),
    ("generate", {**DALL_E, "size": "512x512"}, 500, "invalid_request", "for dall-e-3"),
    ("generate", {**DALL_E, "model": "dall-e-2", "size": "1792x1024"}, 500, "invalid_request", "for dall-e-2"),
    ("generate", {**GPT, "size": "512x512"}, 400, "invalid_value", "Supported values are: '1024x1024'"),
    ("generate", {**GPT, "response_format": "url"}, 400, "unknown_parameter", "'response_format'"),
    ("generate", {**GPT, "style": "vivid"}, 400, "unknown_parameter", "'style'"),
    ("generate", {**DALL_E, "background": "opaque"}, 400, "unknown_parameter", "'background'"),
    ("generate", {**DALL_E, "n": 2}, 400, "integer_out_of_range", "'n'"),
    ("generate", {**GPT, "n": 11}, 400, "integer_out_of_range", "'n'"),
    ("generate", {**GPT, "partial_images": 4}, 400, "integer_out_of_range", "'partial_images'"),
    ("generate", {**GPT, "quality": "hd"}, 400, "invalid_value", "'low', 'medium', 'high', 'auto'"),
    ("generate", {**GPT, "background": "transparent", "output_format": "jpeg"}, 400, "invalid_value", "jpeg"),
    ("generate", {**GPT, "prompt": ""}, 400, "missing_required_parameter", "'prompt'"),
    ("generate", {**GPT, "prompt": "猫" * 32001}, 400, "string_above_max_length", "32001"),
    ("generate", {**DALL_E, "prompt": "猫" * 4001}, 400, "string_above_max_length", "4000"),
    ("generate", {**DALL_E, "model": "dall-e-2", "prompt": "x" * 1001}, 400, "string_above_max_length", "1000"),
    ("generate", {**GPT, "model": ""}, 400, "", "Model name not specified"),
    ("generate", {**GPT, "extra_body": {"n": "2"}}, 500, "invalid_request", "cannot unmarshal string"),
    ("edit", {**GPT, "image": b"no image at all"}, 400, "invalid_image_file", "image 1"),
    ("edit", {**GPT, "image": [PNG, ("b.png", b"no image")]}, 400, "invalid_image_file", "image 2"),
    ("edit", {**GPT, "image": [PNG] * 17}, 400, "array_above_max_length", "17"),
    ("edit", {**GPT, "response_format": "url"}, 400, "unknown_parameter", "'response_format'"),
    ("edit", {**GPT, "prompt": ""}, 400, "missing_required_parameter", "'prompt'"),
    ("edit", {**GPT, "extra_body": {"n": "many"}}, 400, "invalid_type", "'n'"),
    ("edit", {**GPT, "image": PNG, "mask": b"RIFF1234WEBP"}, 400, "invalid_mask_image_format", "must be a PNG"),
    ("edit", {**DALL_E, "model": "dall-e-2", "image": [PNG, PNG]}, 400, "duplicate_parameter", "'image'"),
    ("edit", {**DALL_E, "model": "dall-e-2", "image": ("a.jpg", PNG)}, 400, "unsupported_file_mimetype", "image/jpeg"),
    ("edit", {**DALL_E, "model": "dall-e-2", "image": PNG + bytes(4 << 20)}, 400, "invalid_image", "4 MB"),
    ("edit", {**DALL_E, "image": PNG}, 400, "invalid_value", "Value must be 'dall-e-2'"),
    ("edit", {**GPT, "model": ""}, 400, "", "Model name not specified"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "params", "status", "code", "words"), REFUSALS)
def test_refusals(
    face: Face, gateway: LocalGateway, method: str, params: dict[str, Any], status: int, code: str, words: str
) -> None:
    with pytest.raises(wenwen.APIStatusError) as raised:
        getattr(face, method)(**params)
    error = raised.value
    assert (error.status_code, error.code or "") == (status, code)
    assert words in error.message
    assert error.request_id and error.attempts == 1
    assert len(gateway.requests) == 1


def test_refused_without_a_retry(call: Call, gateway: LocalGateway) -> None:
    """500 means "once more" unless its code says that the request itself is wrong."""
    with pytest.raises(wenwen.InternalServerError, match="multiplication sign"):
        Face(call, gateway, max_retries=2).generate(**DALL_E, size="1024×1024")
    assert len(gateway.requests) == 1


def test_masks_and_shapes(face: Face) -> None:
    pil = pytest.importorskip("PIL.Image")
    wide, square = pil.new("RGBA", (8, 4)), pil.new("RGBA", (4, 4))
    assert face.edit(**GPT, image=wide, mask=wide).data
    with pytest.raises(wenwen.BadRequestError, match="mask size does not match"):
        face.edit(**GPT, image=wide, mask=square)
    dall_e = {**DALL_E, "model": "dall-e-2"}
    assert face.edit(**dall_e, image=square, size="256x256").data[0].url
    with pytest.raises(wenwen.BadRequestError, match="square"):
        face.edit(**dall_e, image=wide)
    assert face.edit(**GPT, image=[wide, square]).usage.input_tokens_details.image_tokens == 646


def test_which_files_the_gateway_takes(gateway: LocalGateway) -> None:
    """`image`, else `image[]`, else any `image[…]`; a text field is no file; JSON does in newer builds."""
    import urllib.error
    import urllib.request

    def post(kind: str, body: bytes) -> tuple[int, Any]:
        request = urllib.request.Request(gateway.root + "/v1/images/edits", body, {"Content-Type": kind})
        request.add_header("Authorization", "Bearer sk-1")
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def form(*files: tuple[str, bytes]) -> tuple[int, Any]:
        head = b'--XX\r\nContent-Disposition: form-data; name="'
        parts = [head + name.encode() + b'"\r\n\r\n' + value + b"\r\n"
                 for name, value in (("model", b"gpt-image-1"), ("prompt", b"x"))]  # fmt: skip
        for name, data in files:
            filename = b'"; filename="a.png"' if data.startswith(b"\x89") else b'"'
            parts.append(head + name.encode() + filename + b"\r\n\r\n" + data + b"\r\n")
        return post("multipart/form-data; boundary=XX", b"".join(parts) + b"--XX--\r\n")

    def seen(answer: tuple[int, Any]) -> int:
        status, body = answer
        assert status == 200, body
        count: int = body["usage"]["input_tokens_details"]["image_tokens"] // 323
        return count

    assert seen(form(("image", PNG))) == 1
    assert seen(form(("image[]", PNG), ("image[]", PNG), ("image", PNG))) == 1
    assert seen(form(("image[]", PNG), ("image[]", PNG))) == 2
    assert seen(form(("image[0]", PNG), ("image[1]", PNG), ("image[2]", PNG))) == 3
    for wrong in (form(), form(("image[]", b"incense-kit.png"))):
        assert wrong[0] == 500
        assert wrong[1]["error"]["code"] == "convert_request_failed"
        assert "image is required" in wrong[1]["error"]["message"]

    def linked(**fields: Any) -> tuple[int, Any]:
        return post("application/json", json.dumps({"model": "gpt-image-1", "prompt": "x", **fields}).encode())

    assert seen(linked(image="data:image/png;base64," + b64(PNG))) == 1
    assert (
        seen(linked(images=[{"image_url": "https://example.com/a.png"}, {"image_url": "https://example.com/b"}])) == 2
    )
    assert linked()[1]["error"]["code"] == "missing_required_parameter"
    assert linked(image="a text")[1]["error"]["code"] == "invalid_image_file"


def test_files_of_the_gateway(gateway: LocalGateway) -> None:
    with pytest.raises(wenwen.NotFoundError):
        wenwen.download(gateway.root + "/files/img-nothing.png")
    with pytest.raises(wenwen.NotFoundError):
        wenwen.download(gateway.root + "/files/img-00-99999x99999.png")
    assert wenwen.download(gateway.root + "/files/img-2a-640x480.png").content_type == "image/png"


# ---- parameters ----


def test_wrong_kinds_are_refused_by_name(face: Face, gateway: LocalGateway) -> None:
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("generate", {**GPT, "n": "2"}, "n is '2': give int"),
        ("generate", {**GPT, "size": 1024}, "size is 1024: give str"),
        ("generate", {**GPT, "prompt": ["x"]}, "prompt is .*: give str"),
        ("generate", {**GPT, "stream": "yes"}, "stream is 'yes'"),
        ("generate", {**GPT, "sise": "1024x1024"}, "Did you mean 'size'"),
        ("generate", {"model": "x"}, r"generate\(\) misses its required keyword argument 'prompt'"),
        ("edit", {**GPT, "output_compression": "80"}, "output_compression is '80': give int"),
        ("edit", {**GPT, "masc": PNG}, "Did you mean 'mask'"),
    ]
    for method, params, message in wrong:
        with pytest.raises(TypeError, match=message):
            getattr(face, method)(**params)
    with pytest.raises(TypeError, match=r"edit\(\) misses its required keyword argument 'image'"):
        face.call.wait(face.client.images.edit(**GPT))
    assert gateway.requests == []


def test_every_parameter_is_sent(face: Face, gateway: LocalGateway) -> None:
    params: dict[str, Any] = {
        **GPT, "n": 1, "size": "auto", "quality": "low", "output_format": "webp", "output_compression": 50,
        "background": "transparent", "moderation": "low", "partial_images": 1, "user": "u", "timeout": 20,
    }  # fmt: skip
    face.generate(**params)
    del params["timeout"]
    assert gateway.last_request and gateway.last_request.json() == params
    face.generate(**DALL_E, style="natural", response_format="url", user=None)
    assert gateway.last_request.json() == {**DALL_E, "style": "natural", "response_format": "url", "user": None}
    del params["moderation"]
    face.edit(**params, input_fidelity="high")
    for name, value in {**params, "input_fidelity": "high"}.items():
        assert f'name="{name}"\r\n\r\n{value}\r\n'.encode() in gateway.last_request.body


# ---- the other faces ----


def test_module_level_functions(gateway: LocalGateway) -> None:
    assert wenwen.generate_image(**GPT).data[0].bytes
    assert wenwen.generate_image(**GPT, as_dict=True)["data"][0]["b64_json"]
    assert [event.type for event in wenwen.edit_image(**GPT, image=PNG, stream=True)] == ["image_edit.completed"]

    async def main() -> None:
        first = (await wenwen.aio.generate_image(**GPT)).data[0]
        reply = await wenwen.aio.edit_image(**GPT, image=first, mask=first)
        assert await reply.data[0].abytes()
        stream = await wenwen.aio.generate_image(**GPT, stream=True, as_dict=True)
        assert [event["type"] async for event in stream] == ["image_generation.completed"]

    asyncio.run(main())


def test_raw_and_streaming_response(gateway: LocalGateway, call: Call) -> None:
    client = call.client(gateway)
    raw = call.wait(client.images.with_raw_response.generate(**DALL_E))
    assert raw.status_code == 200 and raw.headers["openai-processing-ms"]
    image = raw.parse().data[0]
    assert (call.wait(image.abytes()) if call.is_async else image.bytes).startswith(b"\x89PNG")
    assert call.wait(client.images.with_raw_response.edit(**GPT, image=PNG)).parse().usage.total_tokens
    with call.open(client.images.with_streaming_response.generate(**GPT, stream=True)) as response:
        assert call.wait(response.text()).startswith("event: image_generation.completed\ndata: {")
    with call.open(client.images.with_streaming_response.edit(**GPT, image=PNG)) as response:
        assert call.wait(response.parse()).data[0].b64_json


def test_help() -> None:
    from wenwen.resources.images import AsyncImages, Images

    for function in (wenwen.generate_image, wenwen.aio.generate_image, Images.generate, AsyncImages.generate):
        names = [name for name in inspect.signature(function).parameters if name != "self"]
        assert names[:2] == ["model", "prompt"]
        text = pydoc.plain(pydoc.render_doc(function))
        assert all(f"    {name}: " in text for name in names)
        assert "https://wenwen-ai.apifox.cn/305836915e0" in text
    for function in (wenwen.edit_image, wenwen.aio.edit_image, Images.edit, AsyncImages.edit):
        names = [name for name in inspect.signature(function).parameters if name != "self"]
        assert names[:3] == ["model", "image", "prompt"]
        text = pydoc.plain(pydoc.render_doc(function))
        assert all(f"    {name}: " in text for name in names)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the example leaves files open, as people do
def test_the_example(
    gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(Path(__file__).parents[1] / "examples/images.py"), run_name="__main__")
    assert capsys.readouterr().out.startswith(gateway.root + "/files/")
    names = ["boat.png", "final.png", "frog.png", "partial_0.png", "partial_1.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert all(size_of(path.read_bytes()) == (1024, 1024) for path in tmp_path.iterdir())
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 4  # the finished boat twice


def test_the_default_model_is_sent(face: Face, gateway: LocalGateway) -> None:
    """As openai's API chooses it: builds of the gateway differ in what they take without one."""
    gateway.script(Reply(json={"created": 1, "data": []}, times=None))

    def model(method: str, **params: Any) -> Any:
        getattr(face, method)(prompt="x", **params)
        sent = gateway.last_request
        return sent.form()["model"][0] if method == "edit" else sent.json().get("model")

    assert model("generate") == model("generate", stream=False, n=1, size="256x256") == "dall-e-2"
    assert model("generate", quality="high") == model("generate", output_format="webp") == "gpt-image-1"
    assert model("generate", model="dall-e-3", quality="high") == "dall-e-3"
    assert model("generate", extra_body={"model": "mine"}) == "mine"
    assert model("edit", image=PNG) == model("edit", image=[PNG]) == "dall-e-2"
    assert model("edit", image=[PNG, PNG]) == model("edit", image=PNG, background="opaque") == "gpt-image-1"


URL = {"image_url": "https://example.com/cat.png"}


@pytest.mark.parametrize(
    ("params", "sent"),
    [
        ({"image": URL}, {"images": [URL]}),
        ({"image": [URL, {"file_id": "file-1"}]}, {"images": [URL, {"file_id": "file-1"}]}),
        ({"image": [URL], "mask": URL, "n": 1}, {"images": [URL], "mask": URL, "n": 1}),
        ({"image": URL, "mask": None, "markup": wenwen.omit, "size": wenwen.omit}, {"images": [URL], "mask": None}),
    ],
    ids=["one", "several", "mask", "null"],
)
@pytest.mark.parametrize("streams", [False, True], ids=["whole", "streamed"])
def test_edits_of_references_are_json(
    call: Call, gateway: LocalGateway, params: dict[str, Any], sent: dict[str, Any], streams: bool
) -> None:
    images = call.client(gateway).images
    given = {"prompt": "a hat", **params, **({"stream": True} if streams else {})}
    gateway.script({"created": 1, "data": [{"b64_json": "aGk="}]})
    reply = call.wait(images.edit(**given))
    pictures = list(call.each(reply)) if streams else reply.data
    assert [picture.bytes for picture in pictures] == [b"hi"]
    body = gateway.requests[0].json()
    assert body.pop("model") == "gpt-image-1" and body.pop("stream", False) is streams
    assert body == {"prompt": "a hat", **sent}


def test_edits_of_files_and_references_together_are_refused(call: Call, gateway: LocalGateway) -> None:
    images = call.client(gateway).images
    for params in ({"image": [URL, b"x"]}, {"image": URL, "mask": b"x"}, {"image": b"x", "mask": URL}):
        with pytest.raises(TypeError, match="mixed"):
            call.wait(images.edit(prompt="a hat", **params))
    with pytest.raises(TypeError, match="promt"):
        call.wait(images.edit(promt="a hat", image=URL))
    assert gateway.requests == []
