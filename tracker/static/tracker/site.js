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
