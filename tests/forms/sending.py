"""What a browser would send of a form, read from the page."""

from __future__ import annotations

from typing import Any

import html5lib

HTML = "{http://www.w3.org/1999/xhtml}"


def sent(content: bytes, form_id: str = "record-form") -> dict[str, list[str]]:
    """The fields of a form as the page shows them: no buttons, nothing inside a template."""
    root = html5lib.parse(content)
    forms = [form for form in root.iter(f"{HTML}form") if form.get("id") == form_id or not form_id]
    assert forms, "the page has no such form"
    found: dict[str, list[str]] = {}
    _read(forms[-1], found)
    found.pop("csrfmiddlewaretoken", None)
    return found


def _read(element: Any, found: dict[str, list[str]]) -> None:
    for child in element:
        tag = str(child.tag).removeprefix(HTML)
        name = child.get("name") if isinstance(child.tag, str) else None
        if tag == "template":
            continue
        if tag == "input" and name and child.get("type") not in ("submit", "button"):
            if child.get("type") not in ("checkbox", "radio") or child.get("checked") is not None:
                found.setdefault(name, []).append(child.get("value", "on" if child.get("type") == "checkbox" else ""))
        elif tag == "textarea" and name:
            # A browser sends line breaks as two characters.
            text = (child.text or "").removeprefix("\n")
            found.setdefault(name, []).append(text.replace("\n", "\r\n"))
        elif tag == "select" and name:
            options = list(child.iter(f"{HTML}option"))
            chosen = [option for option in options if option.get("selected") is not None] or options[:1]
            found.setdefault(name, []).append(chosen[-1].get("value", "") if chosen else "")
        else:
            _read(child, found)
