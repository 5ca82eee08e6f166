// Editing: rows that come and go, searchable lists in them, warnings, who else is here, the matrix by keyboard.
// Every form works without it. Loaded before pickers.js, which makes the searchable lists.
"use strict";

const form = document.getElementById("record-form");

// Lists that stand in the page once are copied into the rows that need them.
function fill(within) {
  for (const select of within.querySelectorAll("select[data-options]")) {
    const list = document.querySelector(`template[data-list="${select.dataset.options}"]`);
    const chosen = select.value;
    if (!list || select.options.length > 2) continue;
    const known = chosen && select.options[select.selectedIndex].cloneNode(true);
    select.append(list.content.cloneNode(true));
    if (chosen) {
      select.remove(1);
      if (!Array.from(select.options).some((option) => option.value === chosen)) select.append(known);
      select.value = chosen;
    }
  }
}

// The field that one types in: for a list that was made searchable it stands before it.
const typedIn = (field) => (field.hidden ? field.previousElementSibling?.querySelector("input") ?? field : field);

function focusFirst(row) {
  const field = row.querySelector("input:not([type=hidden], [type=checkbox]), select, textarea");
  if (field) typedIn(field).focus();
}

function addRow(button) {
  const name = button.dataset.add;
  const part = button.closest("section, details");
  const template = part.querySelector(`template[data-row="${name}"]`);
  const total = part.querySelector(`input[data-total="${name}"]`);
  const number = total.value;
  const holder = document.createElement("div");
  holder.innerHTML = template.innerHTML.replaceAll(button.dataset.placeholder, number);
  const row = holder.firstElementChild;
  part.querySelector(`[data-rows="${name}"]`).append(row);
  total.value = String(Number(number) + 1);
  fill(row);
  for (const select of row.querySelectorAll("select[data-search]")) searching(select);
  focusFirst(row);
}

if (form) {
  fill(document);

  let dirty = form.dataset.dirty === "1";
  let sent = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("change", (event) => {
    dirty = true;
    if (!event.target.matches("[data-remove]")) return;
    const row = event.target.closest(".record-row");
    if (row.matches(".record-new")) {
      const after = row.parentElement.closest("section, details").querySelector(":scope > .record-add button");
      row.remove();
      after?.focus();
    } else row.classList.toggle("record-removed", event.target.checked);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-add]");
    if (!button) return;
    event.preventDefault();
    dirty = true;
    addRow(button);
  });
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  // Back from the next page, the form can be sent again.
  window.addEventListener("pageshow", () => { sent = false; });
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !sent) event.preventDefault();
  });

  // Where the field is that was asked for, or what is wrong.
  window.addEventListener("DOMContentLoaded", () => {
    for (const select of form.querySelectorAll("select[hidden]")) {
      const input = typedIn(select);
      if (select.getAttribute("aria-invalid")) input.setAttribute("aria-invalid", "true");
      if (select.autofocus) input.focus();
    }
    document.getElementById("wrongs")?.focus();
    const asked = form.querySelector("[autofocus]");
    if (asked && !asked.hidden) {
      asked.focus();
      asked.select?.();
    }
  });
  document.getElementById("wrongs")?.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    event.preventDefault();
    if (field.matches("input, select, textarea")) field.focus();
    else field.scrollIntoView();
  });
}

// Who else has the record open.
if (form?.dataset.presence) {
  const note = document.getElementById("presence");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const body = (more = {}) => {
    const data = new FormData();
    for (const [name, value] of Object.entries({ csrfmiddlewaretoken: token, ...more })) data.append(name, value);
    return data;
  };
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(form.dataset.presence, { method: "POST", body: body(), credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      const { others } = await answer.json();
      const said = others.map(({ name, since }) => `${name} has this open since ${since}`).join(", ");
      const text = said && `${said}.`;
      if (note.textContent.trim() !== text) note.textContent = text;
      note.hidden = !said;
    } catch { /* No answer: nothing is known of the others. */ }
  };
  ask();
  setInterval(ask, 20000);
  window.addEventListener("pagehide", () => navigator.sendBeacon(form.dataset.presence, body({ leave: "1" })));
}

// The list of records behind a page is read when it is opened.
for (const fold of document.querySelectorAll("details[data-behind]")) {
  fold.addEventListener("toggle", async () => {
    const place = fold.querySelector(".behind-list");
    if (!fold.open || place.dataset.read) return;
    place.dataset.read = "1";
    try {
      const answer = await fetch(fold.dataset.behind, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = answer.ok && page.getElementById("behind");
      if (found) place.replaceChildren(found);
    } catch { delete place.dataset.read; }
  });
}

// The matrix by keyboard: arrows move, Enter edits, Space shows the sources.
for (const table of document.querySelectorAll("table:has(td[data-edit])")) {
  const rows = Array.from(table.tBodies).flatMap((body) => Array.from(body.rows))
    .map((row) => Array.from(row.querySelectorAll("td[data-edit]"))).filter((cells) => cells.length);
  table.setAttribute("role", "grid");
  let current = rows[0][0];
  for (const cell of rows.flat()) {
    cell.tabIndex = -1;
    for (const inner of cell.querySelectorAll("summary, a.new-cell")) inner.tabIndex = -1;
  }
  const go = (cell) => {
    current.tabIndex = -1;
    current = cell;
    current.tabIndex = 0;
  };
  go(current);
  const hint = document.createElement("p");
  hint.className = "matrix-hint";
  hint.textContent = "In the table the arrow keys move from cell to cell, Enter edits, the space bar shows the sources.";
  table.closest(".table-frame").before(hint);
  table.addEventListener("focusin", ({ target }) => { if (target.matches("td[data-edit]")) go(target); });
  table.addEventListener("keydown", (event) => {
    if (!event.target.matches("td[data-edit]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const y = rows.findIndex((cells) => cells.includes(current));
    const x = rows[y].indexOf(current);
    const next = {
      ArrowRight: () => rows[y][x + 1], ArrowLeft: () => rows[y][x - 1],
      ArrowDown: () => rows[y + 1]?.[x], ArrowUp: () => rows[y - 1]?.[x],
      Home: () => rows[y][0], End: () => rows[y].at(-1),
    }[event.key];
    if (next) {
      event.preventDefault();
      next()?.focus();
    } else if (event.key === "Enter") {
      event.preventDefault();
      window.location.assign(current.dataset.edit);
    } else if (event.key === " ") {
      event.preventDefault();
      const panel = current.querySelector("details");
      if (!panel) return;
      panel.open = !panel.open;
      if (panel.open) panel.querySelector(".value-sources a")?.focus();
    }
  });
}

// Back at the value that was edited; once the browser has gone there itself, which takes the focus away.
window.addEventListener("load", () => requestAnimationFrame(() => {
  const back = document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
  if (!back?.matches("td[data-edit], details.value")) return;
  (back.matches("td") ? back : back.querySelector("summary")).focus({ preventScroll: true });
  back.scrollIntoView({ block: "center", inline: "center" });
}));
