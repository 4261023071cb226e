"""Files that replies name by URL: `wenwen.download`, `client.download`."""

from __future__ import annotations

from .._core import send
from ..types._schema import endpoint
from ..types.shared import RequestOptions
from ._base import AsyncResource, Resource, documented, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from .._core import BinaryContent
    from ..types._calls import Download

DOWNLOAD = endpoint("download", params=RequestOptions)


class Downloads(Resource):
    """Files at other places."""

    if TYPE_CHECKING:
        download: Download[BinaryContent, None]
    else:

        @documented(RequestOptions, "url", "path", dicts=False)
        def download(self, url, path=None, **options):
            """Fetches a file that a reply names by its URL, an image for example, without sending the key there.

            Returns a `BinaryContent`; with a `path`, writes the file there piece by piece and returns None. Redirects
            are followed. Such URLs expire, mostly within an hour. Without a path the file may have `max_response_bytes`
            (256 MiB), with one any size. Raises APIError and its kin, OSError for the path."""
            if path is None:
                return send(self._settings, DOWNLOAD, options, path=url)
            with written(path) as file:
                body = send(self._settings, DOWNLOAD, options, (), "body", path=url)
                try:
                    file.writelines(body)
                finally:
                    body.close()
            return None


class AsyncDownloads(AsyncResource):
    """Files at other places, awaited."""

    if TYPE_CHECKING:
        download: Download[Coroutine[Any, Any, BinaryContent], Coroutine[Any, Any, None]]
    else:

        @documented(RequestOptions, "url", "path", dicts=False, like=Downloads.download)
        async def download(self, url, path=None, **options):
            if path is None:
                return await self._call(self._settings, DOWNLOAD, options, path=url)
            from .._loop import body_chunk

            with written(path) as file:
                body = await self._call(self._settings, DOWNLOAD, options, (), "body", path=url)
                try:
                    while (chunk := await body_chunk(body)) is not None:
                        file.write(chunk)
                finally:
                    body.close()
            return None


# What `wenwen` and `wenwen.aio` have of it.
FUNCTIONS = {"download": "Downloads.download"}
