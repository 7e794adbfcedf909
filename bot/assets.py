"""The site's own style sheet, script and picture: read once, compressed once, kept by browsers until they change."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

YEAR_SECONDS = 31_536_000


@dataclass(frozen=True)
class Asset:
    """One file as it is sent."""

    body: bytes
    packed: bytes
    kind: str
    digest: str


class Assets:
    """The files of one folder, by name."""

    def __init__(self, folder: Path) -> None:
        self._files = {path.name: _read(path) for path in sorted(folder.iterdir()) if path.is_file()}

    def address(self, name: str) -> str:
        """Where a page finds a file; a changed file has a new address."""
        return f"/static/{name}?v={self._files[name].digest}"

    async def send(self, request: web.Request) -> web.Response:
        """A file of the pages' own."""
        found = self._files.get(request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        packs = "gzip" in request.headers.get("Accept-Encoding", "")
        headers = {"Vary": "Accept-Encoding", "ETag": f'"{found.digest}"'}
        # Asked for without its digest it may be old tomorrow.
        kept = f"public, max-age={YEAR_SECONDS}, immutable" if request.query.get("v") == found.digest else "no-cache"
        headers["Cache-Control"] = kept
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        if packs:
            headers["Content-Encoding"] = "gzip"
        body = found.packed if packs else found.body
        charset = None if found.kind.startswith("image/") else "utf-8"
        return web.Response(body=body, content_type=found.kind, charset=charset, headers=headers)


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(body, gzip.compress(body, mtime=0), kind, hashlib.sha256(body).hexdigest()[:16])
