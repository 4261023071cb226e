"""Answers of a type: what `parsed` is, of each dialect, client and form."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Literal, assert_type

import wenwen
from wenwen import AsyncClient, Client
from wenwen.types._parsed import ParsedChatCompletion, ParsedContent, ParsedMessage, ParsedResponse


@dataclass
class Place:
    """A class of the user's."""

    city: str


class Colour(enum.Enum):
    """One of a few."""

    RED = "red"


def calls(client: Client) -> None:
    reply = client.responses.parse(Place, model="m", input="x")
    assert_type(reply, ParsedResponse[Place])
    assert_type(reply.parsed, Place)
    assert_type(reply.output_parsed, Place | None)
    assert_type(client.responses.parse(output=Place, model="m", input="x", retries=2).parsed, Place)
    assert_type(client.responses.parse(text_format=Place, model="m", input="x").parsed, Place)
    assert_type(client.responses.parse(list[Place], model="m", input="x").parsed, list[Place])
    assert_type(client.responses.parse(dict[str, int], model="m", input="x").parsed, dict[str, int])
    assert_type(client.responses.parse(Colour, model="m", input="x").parsed, Colour)
    assert_type(client.responses.parse(int, model="m", input="x").parsed, int)
    assert_type(client.responses.parse({"type": "object"}, model="m", input="x").parsed, Any)
    assert_type(client.responses.parse(Literal["a", "b"], model="m", input="x").parsed, Any)
    chat = client.chat.completions.parse(Place, model="m", messages=[])
    assert_type(chat, ParsedChatCompletion[Place])
    assert_type(chat.parsed, Place)
    assert_type(client.chat.completions.parse(response_format=Place, model="m", messages=[]).parsed, Place)
    message = client.messages.parse(Place, model="m", max_tokens=1, messages=[])
    assert_type(message, ParsedMessage[Place])
    assert_type(message.parsed, Place)
    assert_type(message.parsed_output, Place | None)
    assert_type(client.messages.parse(output_format=Place, model="m", max_tokens=1, messages=[]).parsed, Place)
    assert_type(client.gemini.parse(Place, model="m", contents="x"), ParsedContent[Place])
    assert_type(client.gemini.parse(response_schema=Place, model="m", contents="x").parsed, Place)


def streams(client: Client) -> None:
    with client.responses.stream(Place, model="m", input="x") as stream:
        assert_type(stream.get_final_response().parsed, Place)
    with client.responses.stream(text_format=Place, model="m", input="x") as stream:
        assert_type(stream.get_final_response(), ParsedResponse[Place])
    with client.chat.completions.stream(response_format=Place, model="m", messages=[]) as chat:
        assert_type(chat.get_final_completion().parsed, Place)
    with client.chat.completions.stream(response_format={"type": "json_object"}, model="m", messages=[]) as plain:
        assert_type(plain.get_final_completion().text, str)
    with client.messages.stream(Place, model="m", max_tokens=1, messages=[]) as message:
        assert_type(message.get_final_message().parsed, Place)
    with client.gemini.stream(output=Place, model="m", contents="x") as gemini:
        assert_type(gemini.get_final_response().parsed, Place)


def functions() -> None:
    assert_type(wenwen.parse(Place, model="m", input="x").parsed, Place)
    assert_type(wenwen.parse_chat_completion(Place, model="m", messages=[]).parsed, Place)
    assert_type(wenwen.parse_message(Place, model="m", max_tokens=1, messages=[]).parsed, Place)
    assert_type(wenwen.parse_content(Place, model="m", contents="x").parsed, Place)
    assert_type(wenwen.parse_response(Place, model="m", input="x").parsed, Place)
    with wenwen.stream(Place, model="m", input="x") as stream:
        assert_type(stream.get_final_response().parsed, Place)
    with wenwen.stream_response(Place, model="m", input="x") as stream:
        assert_type(stream.get_final_response().parsed, Place)
    with wenwen.stream_chat_completion(Place, model="m", messages=[]) as chat:
        assert_type(chat.get_final_completion().parsed, Place)
    with wenwen.stream_message(Place, model="m", max_tokens=1, messages=[]) as message:
        assert_type(message.get_final_message().parsed, Place)
    with wenwen.stream_content(Place, model="m", contents="x") as content:
        assert_type(content.get_final_response().parsed, Place)


async def awaited(async_client: AsyncClient) -> None:
    assert_type((await async_client.responses.parse(Place, model="m", input="x")).parsed, Place)
    assert_type((await async_client.chat.completions.parse(list[int], model="m", messages=[])).parsed, list[int])
    assert_type(
        (await async_client.messages.parse(Place, model="m", max_tokens=1, messages=[])).parsed_output, Place | None
    )
    assert_type((await async_client.gemini.parse(Place, model="m", contents="x")).parsed, Place)
    assert_type((await wenwen.aio.parse(Place, model="m", input="x")).parsed, Place)
    async with async_client.responses.stream(Place, model="m", input="x") as stream:
        assert_type((await stream.get_final_response()).parsed, Place)
    async with wenwen.aio.stream_chat_completion(Place, model="m", messages=[]) as chat:
        assert_type((await chat.get_final_completion()).parsed, Place)
    assert_type((await wenwen.aio.parse_response(Place, model="m", input="x")).parsed, Place)
    assert_type((await wenwen.aio.parse_chat_completion(Place, model="m", messages=[])).parsed, Place)
    assert_type((await wenwen.aio.parse_message(Place, model="m", max_tokens=1, messages=[])).parsed, Place)
    assert_type((await wenwen.aio.parse_content(Place, model="m", contents="x")).parsed, Place)
    async with wenwen.aio.stream(Place, model="m", input="x") as stream:
        assert_type((await stream.get_final_response()).parsed, Place)
    async with wenwen.aio.stream_response(Place, model="m", input="x") as stream:
        assert_type((await stream.get_final_response()).parsed, Place)
    async with wenwen.aio.stream_message(Place, model="m", max_tokens=1, messages=[]) as message:
        assert_type((await message.get_final_message()).parsed, Place)
    async with wenwen.aio.stream_content(Place, model="m", contents="x") as content:
        assert_type((await content.get_final_response()).parsed, Place)


def errors(error: wenwen.AnswerValidationError) -> None:
    assert_type(error.text, str)
