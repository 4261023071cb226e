"""Code as people write it for openai's SDK: only the import line is another. Run by `test_images.py`."""

import base64
from pathlib import Path

from wenwen import Client as OpenAI

client = OpenAI()


def at_a_url() -> None:
    answer = client.images.generate(
        model="dall-e-3", prompt="A lighthouse in a storm, oil painting", size="1024x1024", quality="standard", n=1
    )
    print(answer.data[0].url)
    print(answer.data[0].revised_prompt)


def in_base64() -> None:
    answer = client.images.generate(model="gpt-image-1", prompt="A paper boat on a pond")
    Path("boat.png").write_bytes(base64.b64decode(answer.data[0].b64_json))


def edited() -> None:
    answer = client.images.edit(
        model="gpt-image-1",
        image=[open("boat.png", "rb"), open("boat.png", "rb")],  # noqa: SIM115
        prompt="Put a frog on the boat",
    )
    Path("frog.png").write_bytes(base64.b64decode(answer.data[0].b64_json))


def streamed() -> None:
    for event in client.images.generate(
        model="gpt-image-1", prompt="A paper boat on a pond", stream=True, partial_images=2
    ):
        if event.type == "image_generation.partial_image":
            Path(f"partial_{event.partial_image_index}.png").write_bytes(base64.b64decode(event.b64_json))
        elif event.type == "image_generation.completed":
            Path("final.png").write_bytes(base64.b64decode(event.b64_json))


if __name__ == "__main__":
    at_a_url()
    in_base64()
    edited()
    streamed()
