"""Files that replies name by URL: `wenwen.download`, `client.download`."""

from __future__ import annotations

from ..types._schema import endpoint
from ..types.shared import DownloadOptions, DownloadParams
from ._base import Resource
from ._methods import awaited, documented

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .._core import BinaryContent
    from ..types._calls import Download
    from ._faces import AsyncDownloads as AsyncDownloads

DOWNLOAD = endpoint("download", params=DownloadOptions)


class Downloads(Resource):
    """Files at other places."""

    if TYPE_CHECKING:
        download: Download[BinaryContent, None]
    else:

        @documented(DownloadParams, "url", "path", dicts=False)
        async def download(self, url, path=None, **options):
            """Fetches a file that a reply names by its URL, an image for example, without sending the key there.

            Returns a `BinaryContent`; with a `path`, writes the file there piece by piece and returns None. Such URLs
            expire, mostly within an hour. Without a path the file may have `max_response_bytes` (256 MiB), with one any
            size.

            Up to five redirects are followed, none from https to http; headers of yours go along to another host only
            if they are known to be harmless. Addresses of this machine and its network are refused (APIConnectionError)
            without `allow_private=True`, unless the gateway has one of the same kind. A proxy looks names up itself:
            there only the addresses that a URL spells out are refused.

            Raises APIError and its kin, OSError for the path."""
            if path is None:
                options.pop("progress", None)
                return await self._ask(DOWNLOAD, options, path=url)
            return await self._write(path, DOWNLOAD, options, path=url)


if not TYPE_CHECKING:
    AsyncDownloads = awaited(Downloads)
