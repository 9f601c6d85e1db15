"""Sources named in full: addresses, letters and orders, with their ids."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlparse

from amurgeo.errors import InputError


def source_id_of(text: str) -> str:
    """Return the id of a source by its address, or by the name of a letter or order; raise InputError.

    >>> source_id_of("https://www.amur.info/news/1"), source_id_of("Письмо Росгранстроя № 15")
    ('amur_info_92e468', 'letter_15_feb97e')
    """
    text = _source_text(text)
    host = _host(text)
    # A letter or order has a number or a date.
    if not host and (" " not in text or not re.search(r"\d", text) or not re.search(r"[^\W\d]", text)):
        raise InputError(
            f"source is invalid: '{text:.80}'; expected an address such as https://…, a letter or order with "
            "its number or date, such as 'Letter of the border agency № 15', or the id of a known source"
        )
    name = re.sub(r"^(www|m|amp)\.", "", host) if host else f"letter_{' '.join(re.findall(r'[0-9]+', text))}"
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:28]
    return f"{slug}_{hashlib.sha1(text.encode()).hexdigest()[:6]}"


def _source_text(text: str) -> str:
    """Return a source without needless blanks, and an address with its scheme."""
    text = " ".join(text.split())
    return f"https://{text}" if re.fullmatch(r"(?:www\.\S+|(?:[\w-]+\.)+[a-z]{2,}/\S*)", text) else text


def _host(text: str) -> str:
    """Return the host of a web address; empty for other text."""
    try:
        parts = urlparse(text)
    except ValueError:
        return ""
    return parts.hostname or "" if parts.scheme in ("http", "https") and " " not in text else ""


def source_row(text: str, title: str, day: str) -> dict[str, str]:
    """Return the row of ``sources`` for an address, letter or order that was read on a day."""
    text = _source_text(text)
    host = _host(text)
    return {
        "id": source_id_of(text),
        "title": title if host else text,
        "publisher": host or text,
        "address": text,
        "licence": "web page, facts only" if host else "letter or order, facts only",
        "published": day,
        "retrieved": day,
    }
