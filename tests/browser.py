"""A real browser for tests: Debian's Chromium, headless, at the widths of an office PC and of a phone."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.common.exceptions import ElementClickInterceptedException, StaleElementReferenceException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM = "/usr/bin/chromium"
CHROMEDRIVER = "/usr/bin/chromedriver"
DESK = (1280, 800)
PHONE = (390, 844)
WAIT_S = 15.0
_ON_THE_MOVE = (StaleElementReferenceException, ElementClickInterceptedException)
"""A part of the page was put in anew between looking and pressing: look again."""
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
    "--lang=vi",
    "--force-prefers-reduced-motion",
)


def require_chromium() -> None:
    if not (Path(CHROMIUM).exists() and Path(CHROMEDRIVER).exists()):
        pytest.fail(
            "Debian's chromium and chromium-driver are not installed: make test installs them as root"
        )


@contextmanager
def browser(
    size: tuple[int, int] = DESK, *, script: bool = True, flags: Sequence[str] = ()
) -> Iterator[Browser]:
    """Start a browser with a new, empty profile; `script` False turns JavaScript off."""
    profile = tempfile.mkdtemp(prefix="chromium-")
    options = Options()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, *flags, f"--user-data-dir={profile}", f"--window-size={size[0]},{size[1]}"):
        options.add_argument(flag)
    if not script:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(CHROMEDRIVER))
    try:
        made = Browser(driver)
        made.resize(size)
        yield made
    finally:
        driver.quit()
        shutil.rmtree(profile, ignore_errors=True)


def are_wanted() -> bool:
    """Return whether somebody wants pictures to look at: nothing is photographed for nobody."""
    return any(name.endswith("_PICTURES") for name in os.environ)


class Browser:
    """One person's browser, spoken to in the words that stand on the page."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def resize(self, size: tuple[int, int]) -> None:
        """Set the page's own size, whatever the window's frame takes; narrower than a window can be."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 500},
        )

    def open(self, address: str) -> None:
        self.driver.get(address)

    @property
    def text(self) -> str:
        """Return what can be read on the page now."""
        return str(self.driver.execute_script("return document.body ? document.body.innerText : ''"))

    @property
    def heading(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "h1").text

    def field(self, label: str) -> WebElement:
        """Return the field whose label begins with `label`."""
        path = f'//label[starts-with(normalize-space(.), "{label}")]'
        found = self.driver.find_element(By.XPATH, path).get_attribute("for")
        return self.driver.find_element(By.ID, str(found))

    def fill(self, label: str, text: str) -> None:
        field = self.field(label)
        if field.tag_name == "textarea" or field.get_attribute("type") in ("date", "time"):
            self._paste(field, text)
            return
        field.clear()
        field.send_keys(text)

    def choose(self, label: str) -> None:
        """Tick the box, or pick the choice, that `label` names."""
        field = self.field(label)
        if not field.is_selected():
            field.click()

    def press(self, words: str) -> None:
        """Press the first visible button or link that says `words`, as soon as it can be pressed.

        It is brought to the middle first, as a person does: under the bar that stays on top nothing is hit.
        """

        def pressed(_: webdriver.Chrome) -> bool:
            button = self.button(words)
            self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
            button.click()
            return True

        self.until(pressed, f"button “{words}” free to be pressed")

    def button(self, words: str) -> WebElement:
        path = f'//*[self::button or self::a or self::summary][normalize-space(.)="{words}"]'

        def visible(driver: webdriver.Chrome) -> WebElement | None:
            return next((each for each in driver.find_elements(By.XPATH, path) if each.is_displayed()), None)

        found: WebElement = self.until(visible, f"button “{words}”")
        return found

    def wait_for(self, words: str, seconds: float = WAIT_S) -> None:
        """Wait until `words` stand on the page."""
        self.until(lambda _: words in self.text, f"“{words}”", seconds)

    def until(self, condition: object, what: str, seconds: float = WAIT_S) -> WebElement:
        message = f"{what} not seen on {self.driver.current_url}"
        waiting = WebDriverWait(self.driver, seconds, 0.1, ignored_exceptions=_ON_THE_MOVE)
        return waiting.until(condition, message)  # type: ignore[arg-type]

    def hear_out(self, sound: WebElement) -> None:
        """Play `sound` to its end, sixteen times as fast as it is."""
        self.driver.execute_script("arguments[0].playbackRate = 16; arguments[0].play()", sound)
        self.until(lambda driver: driver.execute_script("return arguments[0].ended", sound), "its end", 60)

    def sign_in(self, base: str, login: str, password: str) -> None:
        self.open(f"{base}/dang-nhap")
        self.fill("Tên đăng nhập", login)
        self.fill("Mật khẩu", password)
        self.press("Đăng nhập")

    def screenshot(self, file: Path, *, whole: bool = True) -> None:
        """Write a PNG of the whole page, or of what is in sight."""
        if not are_wanted():
            return
        if not whole:
            self.driver.save_screenshot(str(file))
            return
        height = self.driver.execute_script("return document.documentElement.scrollHeight")
        size = self.driver.execute_script("return [innerWidth, innerHeight]")
        self.resize((size[0], max(size[1], height)))
        self.driver.save_screenshot(str(file))
        self.resize((size[0], size[1]))

    def complaints(self) -> list[str]:
        """Return what the browser's console objected to: refused scripts, missing files."""
        return [each["message"] for each in self.driver.get_log("browser") if each["level"] == "SEVERE"]

    def _paste(self, field: WebElement, text: str) -> None:
        """Put `text` in at once, as pasting does; typing a long one key by key takes minutes."""
        self.driver.execute_script(
            "arguments[0].value = arguments[1];"
            "arguments[0].dispatchEvent(new Event('input', {bubbles: true}));"
            "arguments[0].dispatchEvent(new Event('change', {bubbles: true}));",
            field,
            text,
        )
