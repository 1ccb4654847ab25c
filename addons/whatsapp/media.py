"""What `GET` and `HEAD` of a media link answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sanic.response import HTTPResponse, raw

if TYPE_CHECKING:
    from billing.media import MediaLinks, MediaStore

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
}


def media_answer(token: str, links: MediaLinks, store: MediaStore) -> HTTPResponse:
    """Answer for a link; blocks for as long as the database takes.

    Args:
        token: The last part of the path.
        links: Checks it.
        store: Holds the file.

    Returns:
        The file under its name; the same 404 for a link that is forged, expired, or leads to nothing.
        For `HEAD` Sanic sends the headers alone.
    """
    media_id = links.media_id_of(token)
    found = store.get(media_id) if media_id else None
    if found is None:
        return raw(b"", status=404, headers=_HEADERS, content_type="text/plain")
    # WhatsApp names a document by this header.
    name = re.sub(r"[^\w.-]", "_", found.filename, flags=re.ASCII)
    headers = _HEADERS | {"Content-Disposition": f'inline; filename="{name}"'}
    return raw(found.content, headers=headers, content_type=found.content_type)
