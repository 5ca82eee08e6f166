"""What every page is held to: no offence to axe, and nothing wider than the window."""

from axe_playwright_python.sync_playwright import Axe

# Colours hang on the scheme and the order of a page on its width: these two views show both of each.
VIEWS = [(1280, "light"), (390, "dark")]


def assert_fits(page, where: str) -> None:
    """The page as it is now, with what is open in it; `where` names it when it fails."""
    # What axe says of passes and of what it cannot decide takes most of its time on a large table.
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found] == [], where
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{where}: {overflow} px wider than the window"
