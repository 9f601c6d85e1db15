"""A page in a browser with the network off, and everything it should not do."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str | None:
    """Return the path of a Chromium, if there is one."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    return found or ("/usr/bin/chromium" if Path("/usr/bin/chromium").exists() else None)


class Watched:
    """A page with the network off that remembers everything that should not happen."""

    def __init__(self, browser: Any, *, width: int = 1440, height: int = 900, **options: Any) -> None:
        size = {"width": width, "height": height}
        self.context = browser.new_context(viewport=size, offline=True, accept_downloads=True, **options)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.faults: list[str] = []
        self.page.on(
            "request",
            lambda request: (
                self.requests.append(request.url) if not request.url.startswith(("data:", "blob:")) else None
            ),
        )
        self.page.on("requestfailed", lambda request: self.faults.append(f"failed {request.url[:80]}"))
        self.page.on("pageerror", lambda error: self.faults.append(f"error {str(error)[:200]}"))
        self.page.on(
            "console",
            lambda message: (
                self.faults.append(f"console {message.text[:200]}") if message.type == "error" else None
            ),
        )
        self.page.on("dialog", self._dialog)

    def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def open(self, path: Path, fragment: str = "") -> Any:
        self.page.goto(f"file://{path}{fragment}")
        self.page.wait_for_selector("body[data-ready=yes]", timeout=30_000)
        return self.page

    def check(self) -> None:
        """Nothing was asked for but the file itself, and nothing went wrong."""
        outside = [url for url in self.requests if not url.startswith("file:")]
        assert outside == []
        assert len({url.split("#")[0] for url in self.requests}) == 1
        assert self.faults == []
