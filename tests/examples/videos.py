"""A video: made, waited for, and saved."""

import os
from pathlib import Path

from wenwen import Client as OpenAI

client = OpenAI()

video = client.videos.create_and_poll(model="sora-2", prompt="A wolf howling at the moon", poll_interval_ms=10)
print("status:", video.status)
path = Path(os.environ["PICTURE"]).with_name("wolf.mp4")
client.videos.download_content(video.id).write_to_file(path)
print("saved:", path.stat().st_size > 0)
