"""Finds a browser and Chinese fonts for the tests, or installs them; `make test` calls it: `python -m tests.browser_setup`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from admin.report import fonts
from knowledge.errors import BadInputError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
DEBIAN = Path("/etc/debian_version")
FONTS = "fonts-noto-cjk"
NONE = (
    "No browser for the tests, and none could be installed. Install Chromium or Chrome (Debian, Ubuntu: "
    "apt install chromium fonts-noto-cjk), or name one in the variable CHROME_BIN, and repeat."
)


def browser_path() -> str | None:
    """The browser the tests start: CHROME_BIN, one of the system's, or the one playwright installed; None: there is none."""
    for found in (os.environ.get("CHROME_BIN"), *map(shutil.which, NAMES), MAC_CHROME):
        if found and Path(found).is_file():
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).is_file() else None


def fonts_missing() -> str:
    """What the yearly report as PDF lacks, in a sentence that says what to install; empty where it lacks nothing."""
    try:
        fonts.find()
    except BadInputError as error:
        return str(error)
    return ""


def install(*packages: str) -> None:
    """Try the system's package manager, where we may use it."""
    if DEBIAN.exists() and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (("update", "-q"), ("install", "-q", "-y", "--no-install-recommends", *packages)):
            if subprocess.run(["apt-get", *arguments], env=environment, check=False).returncode != 0:
                break


def main() -> int:
    """Say which browser is used; exit code 1 with a sentence that says what to do where something cannot be had."""
    if browser_path() is None:
        sys.stderr.write("No browser found; installing one for the tests ...\n")
        install("chromium", FONTS)
        if browser_path() is None:
            subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if fonts_missing():
        install(FONTS)
    if lacking := fonts_missing():
        sys.stderr.write(f"{lacking}\n")
        return 1
    found = browser_path()
    if found is None:
        sys.stderr.write(f"{NONE}\n")
        return 1
    sys.stdout.write(f"Browser for the tests: {found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
