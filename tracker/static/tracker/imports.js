// Imports: what the first row of the file would put into each column, while one chooses. Every form works without it.
"use strict";

const columns = document.getElementById("columns-form");

if (columns) {
  const first = JSON.parse(columns.dataset.first);
  const BRACED = /\{([^{}]*)\}/g;

  const named = (pattern) => Array.from(pattern.matchAll(BRACED), ([, name]) => name);

  const patternOf = (row) => {
    const select = row.querySelector("select");
    return select.value === "=" ? row.querySelector("input").value : select.value;
  };

  // As `history.sheets.filled` does it: empty where every column that is named is empty.
  const filled = (pattern) => {
    const names = named(pattern);
    if (names.some((name) => !(name in first))) return "";
    if (names.length && names.every((name) => !first[name])) return "";
    return pattern.replaceAll(BRACED, (_, name) => first[name]);
  };

  const show = (row) => {
    const pattern = patternOf(row);
    row.querySelector("output").textContent = filled(pattern);
    row.classList.toggle("map-filled", Boolean(pattern));
  };

  const unused = document.getElementById("unused");
  const all = JSON.parse(columns.dataset.header);

  const showUnused = () => {
    const used = new Set(Array.from(columns.querySelectorAll(".map-row"), patternOf).flatMap(named));
    const left = all.filter((name) => !used.has(name));
    const head = document.createElement("strong");
    head.textContent = "Not used of the file:";
    unused.replaceChildren(...(left.length ? [head, ` ${left.join(", ")}`] : ["Every column of the file is used."]));
  };

  columns.addEventListener("input", (event) => {
    const row = event.target.closest(".map-row");
    if (!row) return;
    show(row);
    showUnused();
  });
}

document.querySelector(".wrongs[tabindex]")?.focus();
