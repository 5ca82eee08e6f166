// Makes a text field with suggestions (input[data-search], whose list is a datalist) and a long list
// (select[data-search]) searchable with the keyboard. Without it they are what the browser makes of them.
// The combobox itself is the vendored accessible-autocomplete.
"use strict";

// One spelling for all: no capitals, no accents, one kind of apostrophe.
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[‘’]/g, "'").toLowerCase().trim();

const escaped = (text) => {
  const span = document.createElement("span");
  span.textContent = text;
  return span.innerHTML;
};

// What has the typed words in it: first what begins with them, then what has a word that does, then the rest.
// `also` holds other names and codes, which are searched too (data-also of a suggestion, with semicolons).
function matches(choices, typed) {
  const wanted = plain(typed);
  const rank = (choice) => {
    const text = plain(choice.text);
    if (text.startsWith(wanted) || choice.also?.includes(wanted)) return 0;
    const at = text.indexOf(wanted);
    if (at > 0) return /[\s(-]/.test(text[at - 1]) ? 1 : 2;
    return choice.also?.some((name) => name.startsWith(wanted)) ? 3 : -1;
  };
  return choices.map((choice) => [rank(choice), choice]).filter(([at]) => at >= 0)
    .sort(([one], [other]) => one - other).map(([, choice]) => choice);
}

// A suggestion, with the part that was found in bold.
function drawn({ text, found = "", group = "", current = false }) {
  // Accents that are letters of their own would shift the place: then nothing is bold.
  const at = found && plain(text).length === text.length ? plain(text).indexOf(plain(found)) : -1;
  const end = at + plain(found).length;
  const name = at < 0 ? escaped(text)
    : `${escaped(text.slice(0, at))}<b>${escaped(text.slice(at, end))}</b>${escaped(text.slice(end))}`;
  const remark = [current ? "chosen" : "", group].filter(Boolean).join(" · ");
  return `<span>${name}</span>${remark ? ` <small>${escaped(remark)}</small>` : ""}`;
}

// The combobox in the place of `field`. `entered` answers Enter where no suggestion is highlighted: true means
// that it was dealt with, otherwise the form is sent.
function combobox(field, { entered = () => false, ...options }) {
  const holder = document.createElement("div");
  const help = document.getElementById(field.getAttribute("aria-describedby"))?.textContent ?? "";
  const { id } = field;
  let box;
  field.before(holder);
  field.removeAttribute("id");
  accessibleAutocomplete({
    element: holder,
    id,
    ref: (component) => { box = component ?? box; },
    cssNamespace: "picker",
    displayMenu: "overlay",
    dropdownArrow: () => "",
    menuAttributes: { "aria-label": "Suggestions", "aria-labelledby": null },
    templates: { inputValue: (choice) => choice?.full ?? choice?.text, suggestion: (choice) => choice?.text ? drawn(choice) : "" },
    tAssistiveHint: () => `${help} Suggestions appear as you type: move with the arrow keys, take one with Enter.`.trim(),
    tStatusNoResults: () => "No suggestion",
    ...options,
  });
  const input = holder.querySelector("input");
  for (const name of ["aria-required", "maxlength", "spellcheck"]) {
    if (field.hasAttribute(name)) input.setAttribute(name, field.getAttribute(name));
  }
  // What stands in the field has been chosen: no suggestion of it when the field is entered.
  box.setState({ options: [], validChoiceMade: true });

  // Where the window has no room for the list to the right of the field's beginning, it ends with the field.
  const room = field.list ? 310 : 500;
  for (const event of ["focusin", "input"]) {
    holder.addEventListener(event, () => {
      holder.classList.toggle("picker-end", holder.getBoundingClientRect().left > window.innerWidth - room);
    });
  }
  holder.addEventListener("keydown", (event) => {
    const { menuOpen, selected } = box.state;
    if (event.key === "Escape" && menuOpen) {
      // The highlighted suggestion had the focus, and is not taken.
      input.focus();
      box.setState({ selected: -1 });
    } else if (event.key === "Enter" && event.target === input && !event.isComposing && !(menuOpen && selected >= 0)) {
      if (entered(event)) {
        event.preventDefault();
        event.stopPropagation();
      } else box.setState({ menuOpen: false });
    }
  }, true);
  return { holder, box };
}

// Free text, with suggestions for the part after the last comma.
function suggesting(field) {
  const choices = Array.from(field.list.options, ({ value, dataset }) => ({
    text: value, also: dataset.also?.split(";").map(plain),
  }));
  combobox(field, {
    name: field.name,
    defaultValue: field.value,
    placeholder: field.placeholder,
    minLength: 1,
    showNoOptionsFound: false,
    source: (query, show) => {
      const start = query.lastIndexOf(",") + 1;
      const before = query.slice(0, start);
      const typed = query.slice(start).trim();
      const taken = before.split(",").map(plain);
      const found = typed ? matches(choices, typed).filter(({ text }) => !taken.includes(plain(text))) : [];
      const complete = found.length === 1 && plain(found[0].text) === plain(typed);
      show(complete ? [] : found.slice(0, 8).map((choice) => (
        { text: choice.text, found: typed, full: before ? `${before} ${choice.text}` : choice.text }
      )));
    },
  });
  field.remove();
}

// One of a list. The select stays, unseen, and is what the form sends.
function searching(select) {
  const choices = Array.from(select.options, (option) => ({
    text: option.text, value: option.value, group: option.closest("optgroup")?.label,
  }));
  let current = choices[select.selectedIndex];
  const choose = (choice) => {
    if (!choice || choice.value === current.value) return;
    current = choices.find(({ value }) => value === choice.value);
    select.value = current.value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const wanted = (query) => (plain(query) === plain(current.text) ? "" : query);
  const { holder, box } = combobox(select, {
    name: "",
    defaultValue: current.text,
    showAllValues: true,
    tNoResults: () => "Nothing of that name",
    onConfirm: choose,
    source: (query, show) => {
      const found = wanted(query);
      show(matches(choices, found).map((choice) => ({ ...choice, found, current: choice === current })));
    },
    // The first of what was found; nothing found: stay.
    entered: (event) => {
      if (!wanted(box.state.query)) return false;
      if (box.state.options.length) box.handleOptionClick(event, 0);
      return true;
    },
  });
  holder.addEventListener("focusout", (event) => {
    if (holder.contains(event.relatedTarget)) return;
    // Words that mean one choice are taken for it; of any others the field goes back to what is chosen.
    const found = wanted(box.state.query) ? matches(choices, box.state.query) : [];
    if (found.length === 1) choose(found[0]);
    box.setState({ query: current.text, menuOpen: false });
  });
  select.hidden = true;
}

for (const field of document.querySelectorAll("input[data-search][list]")) suggesting(field);
for (const select of document.querySelectorAll("select[data-search]")) searching(select);
