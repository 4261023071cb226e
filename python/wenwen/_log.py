"""One line per attempt under the logger `wenwen`. Never a body, never the key."""

from __future__ import annotations


def emit(
    method: str,
    path: str,
    status: int | None,
    ms: float,
    request_id: str | None,
    number: int,
    failure: str | None,
    retry_in: float | None,
) -> None:
    """Writes the line of one attempt."""
    import logging

    text = f"{method} {path} {status or 'no reply'} in {ms:.0f} ms, attempt {number}"
    if request_id is not None:
        text += f", request id {request_id}"
    if failure is not None:
        text += f": {failure}"
        text += " (no retry)" if retry_in is None else f" (retry in {retry_in:.2f} s)"
    logging.getLogger("wenwen").log(logging.INFO, text)


def setup(level: str) -> None:
    """`WENWEN_LOG=info`: lines to standard error, without any setting up in the program."""
    import logging

    number = logging.getLevelNamesMapping().get(level.strip().upper())
    logger = logging.getLogger("wenwen")
    if number is None:
        logger.warning("WENWEN_LOG=%r is no level: use info, warning or debug", level)
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(number)
