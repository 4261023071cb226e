"""Speech, and back to text: written for openai's client; the import line alone is changed."""

from pathlib import Path
from tempfile import TemporaryDirectory

from wenwen import Client as OpenAI

client = OpenAI()

with TemporaryDirectory() as folder:
    speech_file = Path(folder) / "speech.wav"

    # The audio goes into the file as it arrives.
    with client.audio.speech.with_streaming_response.create(
        model="tts-1",
        voice="alloy",
        response_format="wav",
        input="The quick brown fox jumped over the lazy dogs.",
    ) as response:
        response.stream_to_file(speech_file)

    transcription = client.audio.transcriptions.create(model="whisper-1", file=speech_file)
    print("transcription:", transcription.text)

    with speech_file.open("rb") as opened:
        translation = client.audio.translations.create(model="whisper-1", file=opened)
    print("translation:", translation.text)
