"""`/v1/audio` through the public face, sync and async alike, on the local gateway: files to text, text to files."""

from __future__ import annotations

import base64
import contextlib
import email.parser
import email.policy
import enum
import inspect
import io
import json
import pathlib
import pickle
import pydoc
import wave
from typing import Any

import numpy
import pytest
from conftest import SAMPLES, Call, sample

import wenwen
from wenwen.resources.audio import Speech, Transcriptions, Translations
from wenwen.testing import LocalGateway, Reply
from wenwen.types import audio

FOLDER = SAMPLES / "7.1-audio-transcriptions"
ASKED = sample("7.1-audio-transcriptions/request.json")
SPOKEN = sample("n10-audio-speech/request.json")
WAV: bytes = base64.b64decode(ASKED["files"][0]["content_base64"])
TEXT = "你能听到我的声音吗?"
SSE = {"Content-Type": "text/event-stream"}
STREAM = (FOLDER / "stream_gpt-4o-transcribe.sse").read_bytes()
EVENTS = [json.loads(line[5:]) for line in STREAM.decode().splitlines() if line.startswith("data: {")]
# How files of each kind begin, and what a file without a name is called then.
KINDS = {
    "wav": (WAV, "file.wav", "audio/wav"),
    "mp3 with a tag": (b"ID3\x04" + bytes(20), "file.mp3", "audio/mpeg"),
    "mp3": (b"\xff\xfb\x90\x64" + bytes(20), "file.mp3", "audio/mpeg"),
    "mp3 of half the rate": (b"\xff\xf3\x84\xc4" + bytes(20), "file.mp3", "audio/mpeg"),
    "mp3 of a quarter": (b"\xff\xe3\x18\xc4" + bytes(20), "file.mp3", "audio/mpeg"),
    "flac": (b"fLaC" + bytes(20), "file.flac", "audio/flac"),
    "ogg": (b"OggS" + bytes(20), "file.ogg", "audio/ogg"),
    "m4a": (b"\0\0\0\x20ftypM4A " + bytes(20), "file.m4a", "audio/mp4"),
    "mp4": (b"\0\0\0\x20ftypisom" + bytes(20), "file.mp4", "video/mp4"),
    "webm": (b"\x1aE\xdf\xa3" + bytes(20), "file.webm", "video/webm"),
}


def form(request: Any) -> tuple[list[list[str]], list[tuple[str, str | None, str, bytes]]]:
    """The text fields and the files of a multipart request, by a parser that shares nothing with ours."""
    head = f"Content-Type: {request.header('Content-Type')}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + request.body)
    fields, files = [], []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if part.get_filename() is None:
            fields.append([name, content.decode()])
        else:
            files.append((name, part.get_filename(), part.get_content_type(), content))
    return fields, files


def transcribe(call: Call, target: Any, file: Any = WAV, **params: Any) -> Any:
    client = call.client(target, max_retries=0) if isinstance(target, LocalGateway) else target
    return call.wait(client.audio.transcriptions.create(file=file, **{"model": "whisper-1", **params}))


def speak(call: Call, target: Any, **params: Any) -> Any:
    client = call.client(target, max_retries=0) if isinstance(target, LocalGateway) else target
    return call.wait(client.audio.speech.create(**{**SPOKEN, **params}))


# ---- transcripts: what goes out ----


def test_every_field(call: Call, gateway: LocalGateway, tmp_path: pathlib.Path) -> None:
    class Model(enum.StrEnum):
        WHISPER = "whisper-1"

    (tmp_path / "ann.wav").write_bytes(WAV)
    gateway.script({"text": ""})
    transcribe(
        call,
        gateway,
        model=Model.WHISPER,
        language="zh",
        languages=["zh", "en"],
        prompt="声音",
        keywords=("a", "b"),
        temperature=0.5,
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
        include=["logprobs"],
        chunking_strategy={"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300},
        known_speaker_names=["Ann", "Bo", "Cy"],
        known_speaker_references=[tmp_path / "ann.wav", WAV, "data:audio/wav;base64,AAAA"],
        extra_body={"own": None, "more": True},
    )
    fields, files = form(gateway.last_request)
    uri = "data:audio/wav;base64," + base64.b64encode(WAV).decode()
    assert sorted(fields) == sorted(
        [
            ["model", "whisper-1"],
            ["language", "zh"],
            ["languages[]", "zh"],
            ["languages[]", "en"],
            ["prompt", "声音"],
            ["keywords[]", "a"],
            ["keywords[]", "b"],
            ["temperature", "0.5"],
            ["response_format", "verbose_json"],
            ["timestamp_granularities[]", "word"],
            ["timestamp_granularities[]", "segment"],
            ["include[]", "logprobs"],
            ["chunking_strategy[type]", "server_vad"],
            ["chunking_strategy[threshold]", "0.5"],
            ["chunking_strategy[prefix_padding_ms]", "300"],
            ["known_speaker_names[]", "Ann"],
            ["known_speaker_names[]", "Bo"],
            ["known_speaker_names[]", "Cy"],
            ["known_speaker_references[]", uri],
            ["known_speaker_references[]", uri],
            ["known_speaker_references[]", "data:audio/wav;base64,AAAA"],
            ["more", "true"],
        ]
    )
    assert [file[0] for file in files] == ["file"]
    transcribe(call, gateway, chunking_strategy="auto", prompt=None)
    assert ["chunking_strategy", "auto"] in form(gateway.last_request)[0]
    assert "prompt" not in dict(form(gateway.last_request)[0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_a_name_gets_one(call: Call, gateway: LocalGateway, kind: str) -> None:
    data, name, content_type = KINDS[kind]
    for file in (data, bytearray(data), memoryview(data), io.BytesIO(data), (None, data)):
        assert transcribe(call, gateway, file).text == TEXT
        assert form(gateway.last_request)[1] == [("file", name, content_type, data)]


@pytest.mark.parametrize("ending", ["flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "wav", "webm"])
def test_files_with_names(call: Call, gateway: LocalGateway, tmp_path: pathlib.Path, ending: str) -> None:
    data = next((data for kind, (data, *_) in KINDS.items() if kind == ending), KINDS["mp3"][0])
    path = tmp_path / f"会议 1.{ending}"
    path.write_bytes(data)
    named = io.BytesIO(data)
    named.name = str(path)
    with path.open("rb") as file:
        for given in (path, file, named, (path.name, data), (path.name, io.BytesIO(data))):
            assert transcribe(call, gateway, given).text == TEXT
            ((field, name, _, content),) = form(gateway.last_request)[1]
            assert (field, name, content) == ("file", path.name, data)
    transcribe(call, gateway, (path.name, data, "audio/x-own"))
    assert form(gateway.last_request)[1] == [("file", path.name, "audio/x-own", data)]


def test_what_is_no_file(call: Call, gateway: LocalGateway) -> None:
    samples = numpy.zeros(3)
    for file, message in [
        (samples, r"file is array\(.*\) \(ndarray\): give Path\(…\), bytes, an open file"),
        ((16000, samples), r"file: a tuple is \(name, content\) .* its name is 16000"),
        (("a.wav", samples), r"file is array\("),
        (io.StringIO("text"), "file is a file that is read as text, not bytes: open the file in binary mode"),
        (17, "file is 17"),
        (__file__, r"file is a text of .*: give Path\(…\), bytes or an open file"),
        (("a.wav", __file__), r"file is a text of .*: give Path"),
        (None, "misses its required keyword argument 'file'"),
    ]:
        with pytest.raises(TypeError, match=message):
            transcribe(call, gateway, file)
    with pytest.raises(ValueError, match="file is empty"):
        transcribe(call, gateway, b"")
    with pytest.raises(FileNotFoundError, match=r"file.*no-such\.wav"):
        transcribe(call, gateway, pathlib.Path("no-such.wav"))
    with pytest.raises(TypeError, match=r"prompt: bytes is binary data, which only file, known_speaker_references"):
        transcribe(call, gateway, prompt=b"bytes")
    with pytest.raises(TypeError, match="Did you mean 'timestamp_granularities'"):
        transcribe(call, gateway, timestamp_granularity=["word"])
    with pytest.raises(TypeError, match="required keyword argument 'model'"):
        call.wait(call.client(gateway).audio.transcriptions.create(WAV))
    with pytest.raises(TypeError, match="'file'"):
        call.wait(call.client(gateway).audio.transcriptions.create(model="whisper-1"))
    assert gateway.requests == []


# ---- transcripts: what comes back ----


def test_verbose(call: Call, gateway: LocalGateway) -> None:
    reply = transcribe(call, gateway, response_format="verbose_json")
    assert reply.to_dict() == sample("7.1-audio-transcriptions/response_verbose.json")
    assert type(reply.segments[0]) is audio.TranscriptionSegment and reply.segments[0].end == 2.95
    assert type(reply.usage) is audio.TranscriptionUsageDuration and reply.usage.seconds == 3
    assert reply.words is None
    reply = transcribe(call, gateway, response_format="verbose_json", timestamp_granularities=["word"])
    assert reply.segments is None
    assert {type(word) for word in reply.words} == {audio.TranscriptionWord}
    assert "".join(word.word for word in reply.words) == TEXT and reply.words[-1].end == 2.95
    both = ["word", "segment"]
    reply = transcribe(call, gateway, response_format="verbose_json", timestamp_granularities=both)
    assert reply.segments and reply.words
    gateway.script({"text": "x", "duration": "2.95"})  # it has been a string
    assert transcribe(call, gateway, response_format="verbose_json").duration == "2.95"


@pytest.mark.parametrize("format", ["text", "srt", "vtt"])
def test_text(call: Call, gateway: LocalGateway, format: Any) -> None:
    body = (FOLDER / f"response.{'txt' if format == 'text' else format}").read_bytes()
    reply = transcribe(call, gateway, response_format=format)
    assert type(reply) is str
    assert gateway.last_request.header("Accept") == "*/*"
    assert reply.rstrip("\n") == body.decode().rstrip("\n")
    plain = {"Content-Type": "text/plain; charset=utf-8"}
    # A transcript may look like anything.
    for text in (body.decode(), "", '{"error": "he said"}\n', "[1]", "data: what we need\n", "id", "null", "<b>"):
        gateway.script(Reply(body=text.encode(), headers=plain))
        assert transcribe(call, gateway, response_format=format) == text
        gateway.script(Reply(body=text.encode(), headers=plain))
        assert transcribe(call, gateway, response_format=format, as_dict=True) == text
    transcriptions = call.client(gateway).audio.transcriptions
    raw = call.wait(transcriptions.with_raw_response.create(file=WAV, model="whisper-1", response_format=format))
    assert raw.parse() == raw.text == reply
    # JSON that says that it is JSON.
    gateway.script({"text": "json"})
    assert transcribe(call, gateway, response_format=format) == {"text": "json"}
    gateway.script({"error": {"message": "no", "type": "t", "code": "c"}})
    with pytest.raises(wenwen.APIError, match="no"):
        transcribe(call, gateway, response_format=format)
    gateway.script(Reply(body=b"<!doctype html>", headers={"Content-Type": "text/html"}))
    with pytest.raises(wenwen.NotAnAPIError, match="base_url"):
        transcribe(call, gateway, response_format=format)


def test_a_format_from_an_enum(call: Call, gateway: LocalGateway) -> None:
    class Format(enum.Enum):
        SRT = "srt"

    assert transcribe(call, gateway, response_format=Format.SRT).startswith("1\n00:00:00,000 --> ")
    assert ["response_format", "srt"] in form(gateway.last_request)[0]


def test_models_paid_by_the_token(call: Call, gateway: LocalGateway) -> None:
    reply = transcribe(call, gateway, model="gpt-4o-transcribe", include=["logprobs"])
    assert type(reply) is audio.Transcription
    assert type(reply.usage) is audio.TranscriptionUsageTokens
    assert type(reply.usage.input_token_details) is audio.TranscriptionInputTokenDetails
    assert reply.usage.total_tokens == reply.usage.input_tokens + reply.usage.output_tokens
    assert "".join(token.token for token in reply.logprobs) == TEXT
    assert bytes(reply.logprobs[0].bytes).decode() == reply.logprobs[0].token
    speakers = transcribe(call, gateway, model="gpt-4o-transcribe-diarize", response_format="diarized_json")
    assert type(speakers) is audio.TranscriptionDiarized
    assert type(speakers.segments[0]) is audio.TranscriptionDiarizedSegment
    assert speakers.segments[0].speaker == "A"


def test_translations(call: Call, gateway: LocalGateway) -> None:
    translations = call.client(gateway).audio.translations
    reply = call.wait(translations.create(file=WAV, model="whisper-1", prompt="p", temperature=0))
    assert type(reply) is audio.Translation and reply.text == "Can you hear my voice?"
    assert gateway.last_request.path == "/v1/audio/translations"
    fields, files = form(gateway.last_request)
    assert sorted(fields) == [["model", "whisper-1"], ["prompt", "p"], ["temperature", "0"]]
    assert files[0][1] == "file.wav"
    verbose = call.wait(translations.create(WAV, model="whisper-1", response_format="verbose_json"))
    assert type(verbose) is audio.TranslationVerbose
    assert (verbose.task, verbose.language) == ("translate", "english")
    assert type(verbose.segments[0]) is audio.TranscriptionSegment
    assert call.wait(translations.create(WAV, model="whisper-1", response_format="text")) == reply.text + "\n"
    assert call.wait(translations.create(WAV, model="whisper-1", as_dict=True)) == {"text": reply.text}
    raw = call.wait(call.client(gateway).audio.with_raw_response.translations.create(WAV, model="whisper-1"))
    assert isinstance(raw.parse(), audio.Translation)  # of an async client one that may be awaited
    with call.open(translations.with_streaming_response.create(WAV, model="whisper-1")) as response:
        assert call.wait(response.parse()) == reply


def test_functions(call: Call, gateway: LocalGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENWEN_API_KEY", "sk-test")
    monkeypatch.setenv("WENWEN_BASE_URL", gateway.base_url)
    monkeypatch.setattr("wenwen._client._default", None)
    module: Any = wenwen.aio if call.is_async else wenwen
    assert call.wait(module.transcribe(WAV, model="whisper-1")).text == TEXT
    assert call.wait(module.translate_audio(WAV, model="whisper-1")).text == "Can you hear my voice?"
    spoken = call.wait(module.speak("你好,世界!", model="tts-1", voice="alloy", response_format="wav"))
    assert type(spoken) is wenwen.BinaryContent
    # What was spoken is heard: a reply is a file like any other.
    assert call.wait(module.transcribe(spoken, model="whisper-1", response_format="text")) == "你好,世界!\n"
    assert form(gateway.last_request)[1] == [("file", "file.wav", "audio/wav", spoken.content)]


# ---- transcripts: streams ----


def test_stream(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(body=STREAM, headers=SSE, times=2))
    events = list(call.each(transcribe(call, gateway, model="gpt-4o-transcribe", stream=True)))
    assert ["stream", "true"] in form(gateway.last_request)[0]
    assert gateway.last_request.header("Accept") == "text/event-stream"
    assert [event.to_dict() for event in events] == EVENTS
    assert [type(event) for event in events] == [
        *[audio.TranscriptionTextDeltaEvent] * 2,
        audio.TranscriptionTextDoneEvent,
    ]
    assert events[-1].usage.input_token_details.audio_tokens == 14
    assert pickle.loads(pickle.dumps(events)) == events
    stream = transcribe(call, gateway, model="gpt-4o-transcribe", stream=True, as_dict=True)
    assert list(call.each(stream)) == EVENTS


def test_stream_of_the_gateway(call: Call, gateway: LocalGateway) -> None:
    events = list(call.each(transcribe(call, gateway, model="gpt-4o-mini-transcribe", stream=True)))
    assert "".join(event.delta for event in events[:-1]) == events[-1].text == TEXT
    params: Any = {"model": "gpt-4o-transcribe-diarize", "response_format": "diarized_json", "stream": True}
    events = list(call.each(transcribe(call, gateway, **params)))
    (segment,) = [event for event in events if type(event) is audio.TranscriptionTextSegmentEvent]
    assert (segment.text, segment.speaker) == (TEXT, "A")
    raw = call.client(gateway).audio.transcriptions.with_raw_response
    response = call.wait(raw.create(file=WAV, model="gpt-4o-transcribe", stream=True))
    assert list(call.each(response.parse()))[-1].text == TEXT
    body = call.client(gateway).audio.transcriptions.with_streaming_response
    with call.open(body.create(file=WAV, model="gpt-4o-transcribe", stream=True)) as response:
        assert next(call.each(response.iter_lines())).startswith('data: {"type":"transcript.text.delta"')


@pytest.mark.parametrize("format", ["json", "verbose_json", "text", "srt"])
def test_a_model_that_does_not_stream(call: Call, gateway: LocalGateway, format: Any) -> None:
    whole = transcribe(call, gateway, response_format=format)
    (event,) = call.each(transcribe(call, gateway, response_format=format, stream=True))
    assert type(event) is audio.TranscriptionTextDoneEvent
    if isinstance(whole, str):
        assert event.text == whole
        gateway.script(Reply(body=b'{"text": 1', headers={"Content-Type": "text/plain"}))
        (event,) = call.each(transcribe(call, gateway, response_format=format, stream=True))
        assert event.text == '{"text": 1'
    else:
        assert event.to_dict() == {**whole.to_dict(), "type": "transcript.text.done"}


def test_a_stream_that_nobody_asked_for(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(body=STREAM, headers=SSE, times=2))
    reply = transcribe(call, gateway)
    assert type(reply) is audio.Transcription
    assert reply.to_dict() == {name: value for name, value in EVENTS[-1].items() if name != "type"}
    with pytest.raises(wenwen.APIError, match="answered with an event stream"):
        transcribe(call, gateway, response_format="srt")


def test_streams_that_break_off(call: Call, gateway: LocalGateway) -> None:
    cut = STREAM[: STREAM.index(b'data: {"type":"transcript.text.done"')]
    for body, text in [
        (cut, TEXT),
        (cut + b"data: [DONE]\n\n", TEXT),  # the gateway says so of broken streams too
        (STREAM[: cut.rindex(b"data:")], TEXT[:4]),
        (STREAM[: len(cut) + 40], TEXT),
    ]:
        gateway.script(Reply(body=body, headers=SSE))
        stream = call.each(transcribe(call, gateway, stream=True))
        with pytest.raises(wenwen.IncompleteStreamError) as caught:
            list(stream)
        assert type(caught.value.partial) is audio.Transcription
        assert caught.value.partial.text == text
        assert pickle.loads(pickle.dumps(caught.value)).partial.text == text
    gateway.script(Reply(body=b"", headers=SSE))
    with pytest.raises(wenwen.IncompleteStreamError, match="without a single event"):
        list(call.each(transcribe(call, gateway, stream=True)))
    segment = {"type": "transcript.text.segment", "id": "seg_0", "start": 0, "end": 1, "text": "hi", "speaker": "A"}
    gateway.script(Reply(events=[segment]))
    with pytest.raises(wenwen.IncompleteStreamError) as caught:
        list(call.each(transcribe(call, gateway, stream=True, response_format="diarized_json")))
    assert caught.value.partial.segments[0].speaker == "A"


def test_errors_in_streams(call: Call, gateway: LocalGateway) -> None:
    error = {"error": {"message": "too quiet", "type": "server_error", "code": "c"}}
    line = json.dumps(error).encode()
    first = STREAM[: STREAM.index(b"\n\n") + 2]
    for tail in (b"data: " + line + b"\n\n", b"event: error\ndata: " + line + b"\n\n", line):
        gateway.script(Reply(body=first + tail, headers=SSE))
        stream = call.each(transcribe(call, gateway, stream=True))
        assert next(stream).delta == "你能听到"
        with pytest.raises(wenwen.APIError, match="too quiet") as caught:
            next(stream)
        assert caught.value.code == "c"


# ---- transcripts: refusals ----


@pytest.mark.parametrize(
    ("params", "status", "message"),
    [
        ({"file": ("a.txt", WAV)}, 400, "Invalid file format. Supported formats"),
        ({"file": b"no audio at all"}, 400, "Invalid file format"),
        ({"file": ("a.wav", b"no audio at all")}, 500, r"duration of \*\*\*\.wav"),
        ({"file": ("a.wav", WAV[:30])}, 500, r"duration of \*\*\*\.wav"),
        ({"response_format": "lrc"}, 400, "'lrc'"),
        ({"response_format": "diarized_json"}, 400, "not compatible with model 'whisper-1'"),
        ({"response_format": "srt", "model": "gpt-4o-transcribe"}, 400, "not compatible"),
        ({"response_format": "vtt", "model": "gpt-4o-transcribe-diarize"}, 400, "not compatible"),
        ({"temperature": 1.5}, 400, "between 0 and 1"),
        ({"language": "chinese"}, 400, "ISO-639-1"),
        ({"timestamp_granularities": ["word"]}, 400, "verbose_json"),
        ({"include": ["logprobs"]}, 400, "logprobs"),
        ({"model": ""}, 400, "Model name not specified"),
    ],
)
def test_refusals(call: Call, gateway: LocalGateway, params: Any, status: int, message: str) -> None:
    with pytest.raises(wenwen.APIStatusError, match=message) as caught:
        transcribe(call, call.client(gateway), **{"file": WAV, **params})
    assert caught.value.status_code == status
    assert len(gateway.requests) == 1  # none of these is worth a second attempt
    if status == 500:
        assert caught.value.code == "count_audio_tokens_failed"


def test_a_file_that_is_missing(gateway: LocalGateway) -> None:
    body = b'--X\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--X--\r\n'
    kind = "multipart/form-data; boundary=X"
    import urllib.error
    import urllib.request

    request = urllib.request.Request(
        gateway.base_url.removesuffix("/v1") + "/v1/audio/transcriptions",
        body,
        {"Content-Type": kind, "Authorization": "Bearer sk-x"},
    )
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    with caught.value as error:
        told = json.loads(error.read())["error"]
    assert told["message"].startswith("file is required") and told["code"] == "invalid_request"


def test_a_file_that_is_too_large(call: Call, gateway: LocalGateway) -> None:
    with pytest.raises(wenwen.RequestTooLargeError, match="26214400"):
        transcribe(call, gateway, WAV + bytes(25 << 20))


# ---- speech ----

MAGIC = {
    "mp3": ("audio/mpeg", b"\xff\xf3"),
    "opus": ("audio/opus", b"OggS"),
    "aac": ("audio/aac", b"\xff\xf1"),
    "flac": ("audio/flac", b"fLaC"),
    "wav": ("audio/wav", b"RIFF"),
    "pcm": ("audio/pcm", b"\0\0"),
}


def test_the_sample_of_speech(call: Call, gateway: LocalGateway, tmp_path: pathlib.Path) -> None:
    reply = speak(call, gateway)
    request = gateway.last_request
    assert (request.method, request.path, request.json()) == ("POST", "/v1/audio/speech", SPOKEN)
    assert type(reply) is wenwen.BinaryContent
    assert reply.content_type == "audio/mpeg" and reply.request_id
    assert reply.content == reply.read() == bytes(reply) == b"".join(reply.iter_bytes()) and len(reply) > 100
    assert len(next(reply.iter_bytes(chunk_size=100))) == 100
    for write in (reply.save, reply.write_to_file, reply.stream_to_file):
        write(tmp_path / "speech.mp3")
        assert (tmp_path / "speech.mp3").read_bytes() == reply.content
    copy = pickle.loads(pickle.dumps(reply))
    assert (copy.content, copy.content_type, copy.request_id) == (reply.content, "audio/mpeg", reply.request_id)


@pytest.mark.parametrize("format", MAGIC)
def test_formats_of_speech(call: Call, gateway: LocalGateway, format: Any) -> None:
    kind, magic = MAGIC[format]
    reply = speak(call, gateway, response_format=format)
    assert reply.content_type == kind and reply.content.startswith(magic)
    assert speak(call, gateway, response_format=format).content == reply.content
    shown = reply._repr_html_()
    if format == "pcm":
        assert shown is None and len(reply) % 2 == 0
    else:
        data = base64.b64encode(reply.content).decode()
        assert shown == f'<audio controls src="data:{kind};base64,{data}"></audio>'
    if format == "wav":
        with wave.open(io.BytesIO(reply.content)) as file:
            assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (24000, 2, 1)
            slow = speak(call, gateway, response_format="wav", speed=0.5)
            assert file.getnframes() * 96 < len(slow) * 24 < file.getnframes() * 97 + 10000
        assert speak(call, gateway, response_format="wav", voice="echo").content != reply.content


def test_what_a_notebook_shows(call: Call, gateway: LocalGateway) -> None:
    png = b"\x89PNG\r\n\x1a\n" + bytes(8)
    for kind, body, begin in [
        ("image/png", png, '<img src="data:image/png;base64,'),
        ("application/octet-stream", png, '<img src="data:image/png;base64,'),
        ("video/mp4; codecs=x", b"....", '<video controls src="data:video/mp4;base64,'),
        ("AUDIO/MPEG", b"ID3", '<audio controls src="data:audio/mpeg;base64,'),
        ('audio/"><script>', b"ID3", None),
        ("application/zip", b"PK", None),
        ("audio/mpeg", bytes((16 << 20) + 1), None),
    ]:
        gateway.script(Reply(body=body, headers={"Content-Type": kind}))
        shown = speak(call, gateway)._repr_html_()
        assert (shown is None) if begin is None else shown.startswith(begin)


def test_speech_in_pieces(call: Call, gateway: LocalGateway, tmp_path: pathlib.Path) -> None:
    client = call.client(gateway)
    whole = speak(call, client, response_format="wav").content
    path = tmp_path / "speech.wav"
    streaming = client.audio.speech.with_streaming_response
    params = {**SPOKEN, "response_format": "wav"}
    with call.open(streaming.create(**params)) as reply:
        assert (reply.status_code, reply.headers["content-type"]) == (200, "audio/wav")
        call.wait(reply.stream_to_file(path))
    assert path.read_bytes() == whole
    assert sorted(tmp_path.iterdir()) == [path]
    with call.open(streaming.create(**params)) as reply:
        call.wait(reply.stream_to_file(str(path), chunk_size=1000))
    assert path.read_bytes() == whole
    with call.open(streaming.create(**params)) as reply:
        pieces = list(call.each(reply.iter_bytes(chunk_size=1000)))
    assert b"".join(pieces) == whole and {len(piece) for piece in pieces[:-1]} == {1000}
    assert 0 < len(pieces[-1]) <= 1000
    with call.open(streaming.create(**params)) as reply, pytest.raises(ValueError, match="chunk_size is 0"):
        list(call.each(reply.iter_bytes(0)))
    with call.open(streaming.create(**params)) as reply:
        assert call.wait(reply.parse()).content == whole
    gateway.script(Reply(body=whole, cut=2000, headers={"Content-Type": "audio/wav"}))
    with pytest.raises(wenwen.APIConnectionError), call.open(streaming.create(**params)) as reply:
        call.wait(reply.stream_to_file(tmp_path / "broken.wav"))
    assert sorted(tmp_path.iterdir()) == [path]
    raw = call.wait(client.audio.speech.with_raw_response.create(**params))
    assert raw.content == raw.parse().content == whole


@pytest.mark.parametrize("body", [False, True])
def test_errors_in_place_of_audio(call: Call, gateway: LocalGateway, body: bool) -> None:
    speech = call.client(gateway, max_retries=0).audio.speech

    def run() -> None:
        if body:
            with call.open(speech.with_streaming_response.create(**SPOKEN)):
                pass
        else:
            call.wait(speech.create(**SPOKEN))

    gateway.script({"error": {"message": "no voice", "type": "t", "code": "c"}})
    with pytest.raises(wenwen.APIError, match="no voice") as caught:
        run()
    assert caught.value.code == "c"
    gateway.script({"audio": "elsewhere"})
    with pytest.raises(wenwen.APIError, match="answered with JSON"):
        run()
    gateway.script(Reply(status=503))
    with pytest.raises(wenwen.ServiceUnavailableError):
        run()
    gateway.script(Reply(body=b"<html>", headers={"Content-Type": "text/html"}))
    with pytest.raises(wenwen.NotAnAPIError):
        run()
    # Nor is it sound under another name.
    for kind in ("audio/mpeg", "audio/pcm", "text/plain", "application/octet-stream"):
        for content, words in ((b'{"error": "no voice"}', "no voice"), (b"{}", "with JSON"), (b"null", "with JSON")):
            gateway.script(Reply(body=content, headers={"Content-Type": kind}))
            with pytest.raises(wenwen.APIError, match=words):
                run()
        gateway.script(Reply(body=b"<!DOCTYPE HTML><html>", headers={"Content-Type": kind}))
        with pytest.raises(wenwen.NotAnAPIError):
            run()
    # Samples may look like anything else.
    for content in (b"data: 1\n\n", b"{\0", b"id", b"7", b'"\1'):
        gateway.script(Reply(body=content, headers={"Content-Type": "audio/pcm"}))
        assert speak(call, gateway).content == content


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"input": "x" * 4097}, "maximum length 4096, but got a string with length 4097"),
        ({"input": ""}, "string too short"),
        ({"voice": "nobody"}, "'voice'"),
        ({"speed": 0.2}, ">= 0.25"),
        ({"speed": 4.5}, "<= 4.0"),
        ({"response_format": "midi"}, "'midi'"),
        ({"stream_format": "sse"}, "not supported for model 'tts-1'"),
        ({"model": ""}, "Model name not specified"),
    ],
)
def test_refusals_of_speech(call: Call, gateway: LocalGateway, params: Any, message: str) -> None:
    with pytest.raises(wenwen.BadRequestError, match=message):
        speak(call, gateway, **params)
    assert len(gateway.requests) == 1


def test_arguments_of_speech(call: Call, gateway: LocalGateway) -> None:
    speech = call.client(gateway).audio.speech
    with pytest.raises(TypeError, match="required keyword argument 'voice'"):
        call.wait(speech.create("Hello", model="tts-1"))
    with pytest.raises(TypeError, match="'input'"):
        call.wait(speech.create(model="tts-1", voice="alloy"))
    with pytest.raises(TypeError, match="Did you mean 'response_format'"):
        speak(call, gateway, format="wav")
    with pytest.raises(TypeError, match="input is 17: give str"):
        speak(call, gateway, input=17)
    with pytest.raises(ValueError, match="with_streaming_response"):
        speak(call, gateway, stream=True, stream_format="audio")
    with pytest.raises(ValueError, match="leave out one of them"):
        speak(call, gateway, stream=False, stream_format="sse")
    assert gateway.requests == []
    speak(call, gateway, voice={"id": "voice_1"}, instructions=None, extra_body={"own": 1})
    assert gateway.last_request.json() == {**SPOKEN, "voice": {"id": "voice_1"}, "instructions": None, "own": 1}
    speak(call, gateway, stream=False)
    assert gateway.last_request.json() == SPOKEN


@pytest.mark.parametrize("how", [{"stream": True}, {"stream_format": "sse"}, {"stream": True, "stream_format": "sse"}])
def test_speech_as_events(call: Call, gateway: LocalGateway, how: Any) -> None:
    params = {"model": "gpt-4o-mini-tts", "response_format": "wav"}
    whole = speak(call, gateway, **params).content
    events = list(call.each(speak(call, gateway, **params, **how)))
    assert gateway.last_request.json() == {**SPOKEN, **params, "stream_format": "sse"}
    *deltas, done = events
    assert len(deltas) > 1 and {type(event) for event in deltas} == {audio.SpeechAudioDeltaEvent}
    assert b"".join(event.audio_bytes for event in deltas) == whole
    assert type(done) is audio.SpeechAudioDoneEvent and type(done.usage) is audio.SpeechUsage
    dicts = list(call.each(speak(call, gateway, **params, **how, as_dict=True)))
    assert dicts == [event.to_dict() for event in events]
    speech = call.client(gateway).audio.speech
    with call.open(speech.with_streaming_response.create(**{**SPOKEN, **params, **how})) as reply:
        lines = list(call.each(reply.iter_lines()))
    assert lines[0].startswith("data: {") and '"speech.audio.done"' in lines[-2]


def test_streams_of_speech_that_break_off(call: Call, gateway: LocalGateway) -> None:
    delta = {"type": "speech.audio.delta", "audio": base64.b64encode(b"ab").decode()}
    gateway.script(Reply(events=[delta, delta]))
    stream = call.each(speak(call, gateway, stream=True))
    assert next(stream).audio_bytes == next(stream).audio_bytes == b"ab"
    with pytest.raises(wenwen.IncompleteStreamError) as caught:
        next(stream)
    assert type(caught.value.partial) is audio.SpeechAudioDeltaEvent
    assert caught.value.partial.audio_bytes == b"abab"
    gateway.script(Reply(events=[{"error": {"message": "no voice"}}]))
    with pytest.raises(wenwen.APIError, match="no voice"):
        speak(call, gateway, stream=True)


def test_audio_where_events_were_asked_for(call: Call, gateway: LocalGateway) -> None:
    gateway.script(Reply(body=b"ID3\xff", headers={"Content-Type": "audio/mpeg"}))
    delta, done = call.each(speak(call, gateway, stream=True))
    assert delta.audio_bytes == b"ID3\xff"
    assert type(done) is audio.SpeechAudioDoneEvent and done.usage is None


def test_help() -> None:
    """The file or the text comes first, then what must be there, then the rest: each with its line."""
    for resource, first in [(Transcriptions, "file"), (Translations, "file"), (Speech, "input")]:
        names = [name for name in inspect.signature(resource.create).parameters if name != "self"]
        assert names[:2] == [first, "model"]
        text = pydoc.plain(pydoc.render_doc(resource.create))
        for name in names:
            assert f"    {name}: " in text, name
    assert "file, *, model: str, " in str(inspect.signature(wenwen.transcribe))


def test_journal_of_forms(wenwen_gateway: LocalGateway) -> None:
    sound = b"ID3\0" + bytes(range(256))
    params: Any = {
        "model": "whisper-1",
        "response_format": "verbose_json",
        "timestamp_granularities": ["word", "segment"],
    }
    with contextlib.suppress(wenwen.APIStatusError):  # the sound is none
        wenwen.transcribe(("歌.mp3", sound), **params, max_retries=0)
    assert wenwen_gateway.last_request.form() == {
        "file": [("歌.mp3", "audio/mpeg", sound)],
        "model": ["whisper-1"],
        "response_format": ["verbose_json"],
        "timestamp_granularities[]": ["word", "segment"],
    }
    wenwen.create_response(model="gpt-5", input="Hello!")
    with pytest.raises(ValueError, match="the body is no form"):
        wenwen_gateway.last_request.form()
