// The trading page by the keyboard, the search of its assets, and settings that this browser keeps.
//   data-setting="name"  (checkbox) kept as on or off
//   data-key="b"         pressed by this key, then the amount has the focus

// What this browser keeps, and keeps anew if a value is given. Nothing where storage is blocked.
/** @param {string} name @param {string} [value] */
const kept = (name, value) => {
  try {
    if (value !== undefined) localStorage.setItem(`cnop-${name}`, value);
    return localStorage.getItem(`cnop-${name}`);
  } catch {
    return null;
  }
};
/** @param {string} name */
const isSet = (name) => kept(name) === "on";
const showSettings = () => {
  /** @type {NodeListOf<HTMLInputElement>} */
  const boxes = document.querySelectorAll("[data-setting]");
  for (const box of boxes) box.checked = isSet(box.dataset.setting ?? "");
};
showSettings();
document.addEventListener("regions-swapped", showSettings);
document.addEventListener("change", (event) => {
  const { dataset, checked } = targetOf(event);
  if (dataset?.setting) kept(dataset.setting, checked ? "on" : "off");
});

// Rows whose names contain the words; without words those that are listed.
document.addEventListener("input", (event) => {
  const search = targetOf(event);
  if (search.id !== "pair-search") return;
  const words = search.value.trim().toLowerCase();
  search.closest(".watch").toggleAttribute("data-finding", words !== "");
  let found = 0;
  /** @type {NodeListOf<HTMLElement>} */
  const rows = document.querySelectorAll("#pair-list li");
  for (const row of rows) {
    row.hidden = !row.dataset.find?.includes(words);
    if (!row.hidden) found += 1;
  }
  const none = document.getElementById("pair-none");
  if (none) none.textContent = found ? "" : "No matches.";
});
document.addEventListener("submit", (event) => {
  if (!targetOf(event).closest(".watch")) return;
  /** @type {HTMLAnchorElement | null} */
  const first = document.querySelector("#pair-list li:not([hidden]) a");
  event.preventDefault();
  if (first) location.assign(first.href);
});

// "Trade" leads to the asset of the last visit.
const pair = /^\/trade\/(\w+)$/.exec(location.pathname)?.[1];
if (pair && document.querySelector(".pair-bar")) kept("pair", pair);
const lastPair = kept("pair");
/** @type {NodeListOf<HTMLAnchorElement>} */
const tradeLinks = document.querySelectorAll('nav a[href="/trade"]');
for (const link of tradeLinks) if (lastPair) link.href = `/trade/${lastPair}`;

// At once, if the field is shown: the next letters are meant for it and are no keys of the page.
/** @param {string} id */
const focusOn = (id) => {
  document.getElementById(id)?.focus();
  if (document.activeElement?.id !== id) requestAnimationFrame(() => document.getElementById(id)?.focus());
};
const find = () => {
  if (!document.getElementById("pairs")?.offsetParent) location.hash = "pairs";
  focusOn("pair-search");
};
addEventListener("hashchange", () => {
  if (location.hash === "#pairs") focusOn("pair-search");
});

/** @param {string} selector */
const press = (selector) => {
  /** @type {NodeListOf<HTMLElement>} */
  const all = document.querySelectorAll(selector);
  const shown = [...all].find((it) => it.offsetParent);
  shown?.click();
  return Boolean(shown);
};
addEventListener("keydown", (event) => {
  const { key } = event;
  if (key === "Escape" && location.hash === "#pairs") location.hash = "main";
  if (event.altKey || event.metaKey || isSet("keys-off")) return;
  if (event.ctrlKey) {
    if (key === "Enter" && press("#confirm [type=submit], .ticket-form [type=submit]")) event.preventDefault();
    return;
  }
  // Letters are typed in a field, and belong to an open dialog.
  if (targetOf(event).closest?.("input, select, textarea, [contenteditable], dialog[open]")) return;
  /** @type {HTMLDialogElement | null} */
  const help = document.querySelector("#keys-help");
  if (!help) return;
  if (key === "/") find();
  else if (key === "?") help.showModal();
  else if (key.toLowerCase() === "x") {
    const row = document.activeElement?.closest("tr, li, article");
    /** @type {HTMLElement | null | undefined} */
    const cancel = row?.querySelector("[id^=cancel-]");
    if (!cancel) return;
    cancel.click();
  } else if (/^[bsml]$/i.test(key) && press(`[data-key=${key.toLowerCase()}]`)) focusOn("ticket-amount");
  else return;
  event.preventDefault();
});
document.addEventListener("click", (event) => {
  if (targetOf(event).closest("[data-help]")) /** @type {any} */ (document.querySelector("#keys-help"))?.showModal();
});
