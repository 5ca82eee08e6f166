// Makes the pages smoother; every one of them works without it.
"use strict";

// A form marked data-auto is sent when a choice is made with the pointer. With the keyboard a change is
// only a step on the way (arrow keys pass through choices), so there the button sends it.
for (const form of document.querySelectorAll("form[data-auto]")) {
  let pointed = false;
  form.addEventListener("pointerdown", () => { pointed = true; });
  form.addEventListener("keydown", () => { pointed = false; });
  form.addEventListener("change", (event) => {
    if (pointed && event.target.matches("select, input[type=checkbox], input[type=radio]")) form.requestSubmit();
  });
}

// Empty fields stay out of the address; filled ones of the same name stay in it.
for (const form of document.querySelectorAll("form[method=get]")) {
  form.addEventListener("formdata", ({ formData }) => {
    const entries = [...formData];
    for (const [name] of entries) formData.delete(name);
    for (const [name, value] of entries) if (value !== "") formData.append(name, value);
  });
}

// One source panel is open at a time; Escape or a click elsewhere closes it. So it goes for the menu.
const open = () => document.querySelectorAll("details.value[open], details.menu[open]");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const panel of open()) {
    panel.open = false;
    panel.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const panel of open()) {
    if (!panel.contains(event.target)) panel.open = false;
  }
});

// Paper shows what the screen folds away.
window.addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details.fold:not([open])")) {
    fold.dataset.folded = "";
    fold.open = true;
  }
});
window.addEventListener("afterprint", () => {
  for (const fold of document.querySelectorAll("details.fold[data-folded]")) {
    fold.open = false;
    delete fold.dataset.folded;
  }
});

// The link that reports an error says of which row and column the value is.
const words = (element) => {
  const copy = element?.cloneNode(true);
  for (const other of copy?.querySelectorAll("details, small") ?? []) other.remove();
  return copy?.textContent.replace(/\s+/g, " ").trim() ?? "";
};
document.addEventListener("toggle", ({ target }) => {
  const link = target.open && target.querySelector('.value-sources > a[href^="/report/?value="]');
  if (!link) return;
  const query = new URLSearchParams(link.search);
  const cell = target.closest("td, th");
  const places = cell
    ? [cell.closest("tr").querySelector("th[scope=row]"), cell.closest("table").tHead?.rows[0].cells[cell.cellIndex]]
    : [target.closest("dd")?.closest("div")?.querySelector("dt")];
  const where = places.filter((place) => place && place !== cell).map(words).filter(Boolean).join(", ");
  if (where && !query.has("about")) query.set("value", `${where}: ${query.get("value")}`.slice(0, 300));
  query.set("about", location.pathname + location.search);
  const record = target.querySelector('.value-sources a[href^="/records/"][href*="/history/"]')?.pathname.split("/");
  if (record) query.set("record", `${record[2]}/${record[3]}`);
  link.search = query;
}, true);
