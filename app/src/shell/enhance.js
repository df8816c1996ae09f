// Forms and links of regions in place. Everything here works without it, as plain posts and page loads.
//
// A region is an element with an id and `data-swap`. The answer to a form or a link in it is the page that a browser
// without scripts would show: it is fetched, and its regions replace those of the document.
//   data-swap="any"        replaced by every answer
//   data-swap="own"        replaced by answers to its own forms only
//   data-alone             its links and questions replace it alone
//   data-follow="account"  fetched again after a change of the account
//   data-whole             (form) the browser itself sends it and loads the page

const FOLLOW_MS = 1000;
const TYPING_MS = 200;
const NETWORK_FAILED =
  "Can't reach the server. Your request may already be done. Press again to retry: it is never done twice.";

/** @type {(element: Element) => HTMLElement | null} */
const regionOf = (element) => element.closest("[data-swap]");
/** @param {string} address */
const pageOf = (address) => new URL(address, location.href).pathname;
/** @param {string | URL} address */
const isOurs = (address) => new URL(address, location.href).origin === location.origin;
/** @type {(event: Event) => any} */
const targetOf = (event) => event.target;
const shownAddress = () => location.pathname + location.search;

let shown = shownAddress();
let latestRequest = 0;

// The page at an address, or the answer to a posted form, and the address that it came from after redirects. A form of
// ours is answered by a redirect: any other answer is a refusal before the form was read.
/** @param {string} address @param {URLSearchParams} [body] */
const load = async (address, body) => {
  const response = await fetch(address, { method: body ? "POST" : "GET", body, headers: { accept: "text/html" } });
  if (!isOurs(response.url)) throw new Error();
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (response.status >= 500 || (body && !response.redirected)) {
    throw new Error(response.status < 500 ? page.querySelector("main p, p")?.textContent : undefined);
  }
  return { address: response.url, page };
};

// Replaces regions by those of another page, and keeps the focus where it was.
/** @param {Document} page @param {(region: HTMLElement) => unknown} isReplaced */
const swap = (page, isReplaced) => {
  const focused = document.activeElement?.id;
  /** @type {NodeListOf<HTMLElement>} */
  const regions = document.querySelectorAll("[data-swap]");
  for (const region of regions) {
    const fresh = page.getElementById(region.id);
    if (!fresh || !isReplaced(region)) continue;
    // Secrets of a form that was refused stay: the server sends none back.
    if (fresh.querySelector("[role=alert]")) {
      /** @type {NodeListOf<HTMLInputElement>} */
      const secrets = region.querySelectorAll("input[type=password]");
      for (const secret of secrets) {
        /** @type {any} */
        const field = page.getElementById(secret.id);
        if (field) field.value = secret.value;
      }
    }
    region.replaceWith(document.adoptNode(fresh));
  }
  document.title = page.title;
  document.dispatchEvent(new Event("regions-swapped"));
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
};

/** @param {HTMLElement} region @param {string} sentence */
const showFailure = (region, sentence) => {
  region.querySelector("[data-failure]")?.remove();
  const notice = document.createElement("p");
  notice.className = "notice bad";
  notice.role = "alert";
  notice.dataset.failure = "";
  notice.textContent = sentence;
  region.prepend(notice);
};

// Goes to an address or sends a form, and shows the answer in place; `history` is push, replace or none.
/** @typedef {{ body?: URLSearchParams, history: "push" | "replace" | "none", isAnswer?: boolean, hash?: string }} Visit */
/** @param {HTMLElement} region @param {string} address @param {Visit} visit */
const visit = async (region, address, { body, history: entry, isAnswer, hash = "" }) => {
  const request = ++latestRequest;
  region.setAttribute("aria-busy", "true");
  try {
    const answer = await load(address, body);
    if (pageOf(answer.address) !== location.pathname) return location.assign(answer.address);
    if (request !== latestRequest && !body) return;
    if (entry === "push") history.pushState(null, "", answer.address + hash);
    if (entry === "replace") history.replaceState(null, "", answer.address);
    shown = shownAddress();
    // A step back may be of any region.
    const isAlone = !body && entry !== "none" && region.hasAttribute("data-alone");
    const isAnswered = (/** @type {HTMLElement} */ it) =>
      it.dataset.swap === "any" || (it.id === region.id && body) || (entry === "none" && it.hasAttribute("data-alone"));
    swap(answer.page, (it) => (isAlone ? it.id === region.id : isAnswered(it)));
    const target = document.getElementById(isAnswer ? "form-result" : hash.slice(1));
    if (isAnswer) target?.focus();
    else target?.scrollIntoView();
  } catch (error) {
    // A `TypeError` of fetch is the network's, and its text is the browser's own.
    const sentence = (error instanceof Error && !(error instanceof TypeError) && error.message) || NETWORK_FAILED;
    showFailure(document.getElementById(region.id) ?? region, sentence);
  } finally {
    document.getElementById(region.id)?.removeAttribute("aria-busy");
  }
};

document.addEventListener("submit", async (event) => {
  /** @type {HTMLFormElement} */
  const form = targetOf(event);
  const region = regionOf(form);
  if (!region || event.defaultPrevented || form.hasAttribute("data-whole")) return;
  const address = form.getAttribute("action")?.split("#")[0];
  if (address === undefined || !isOurs(address)) return;
  event.preventDefault();
  if (form.hasAttribute("data-sent")) return;
  form.setAttribute("data-sent", "");
  const button = event.submitter;
  /** @type {any} No form here has a file. */
  const entries = new FormData(form, button);
  const fields = new URLSearchParams(entries);
  const label = button?.textContent ?? "";
  button?.setAttribute("aria-busy", "true");
  if (button?.dataset.pending) button.textContent = button.dataset.pending;
  if (form.method === "post") await visit(region, address, { body: fields, history: "replace", isAnswer: true });
  else await visit(region, `${address}?${fields}`, { history: "push", isAnswer: fields.has("look") });
  // After a failure the form is still here and can be sent again.
  form.removeAttribute("data-sent");
  button?.removeAttribute("aria-busy");
  if (button?.dataset.pending) button.textContent = label;
});

document.addEventListener("click", (event) => {
  /** @type {HTMLAnchorElement | null} */
  const link = targetOf(event).closest("a[href]");
  const region = link && regionOf(link);
  if (!region || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const address = new URL(link.href);
  if (!isOurs(address) || address.pathname !== location.pathname) return;
  if (address.search === location.search && address.hash) return;
  // Members of the address that an island may have changed since the page was rendered.
  for (const name of (link.dataset.keep ?? "").split(" ")) {
    const value = new URLSearchParams(location.search).get(name);
    if (value) address.searchParams.set(name, value);
  }
  event.preventDefault();
  visit(region, address.pathname + address.search, { history: "push", hash: address.hash });
});

// A search that answers while one types: `data-typing` of the form names the region of the results.
/** @type {ReturnType<typeof setTimeout> | undefined} */
let typingTimer;
document.addEventListener("input", (event) => {
  /** @type {HTMLFormElement | null} */
  const form = targetOf(event).closest("form[data-typing]");
  if (!form) return;
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => {
    const region = document.getElementById(form.dataset.typing ?? "");
    /** @type {any} No form here has a file. */
    const entries = new FormData(form);
    const address = `${form.getAttribute("action")}?${new URLSearchParams(entries)}`;
    if (region) visit(region, address, { history: "replace" });
  }, TYPING_MS);
});

addEventListener("popstate", () => {
  /** @type {HTMLElement | null} */
  const region = document.querySelector("[data-swap=any]");
  if (shown === shownAddress() || !region) return;
  visit(region, shownAddress(), { history: "none" });
});

// A region that holds the focus of a field, a choice, a form for a change, or something unfolded is in use and is not replaced.
/** @param {HTMLElement} region */
const isInUse = (region) => region.querySelector("input:focus, select:focus, textarea:focus, input[type=checkbox]:checked, details[open], [data-editing]");
/** @type {ReturnType<typeof setTimeout> | undefined} */
let followTimer;
let isOutdated = false;
const follow = async () => {
  followTimer = undefined;
  if (document.hidden) return;
  isOutdated = false;
  const request = latestRequest;
  const answer = await load(shownAddress()).catch(() => undefined);
  // An answer to a form that arrived meanwhile is newer.
  if (!answer || request !== latestRequest || pageOf(answer.address) !== location.pathname) return;
  swap(answer.page, (region) => region.dataset.follow === "account" && !isInUse(region));
};
const followSoon = () => {
  if (isOutdated && document.querySelector("[data-follow=account]")) followTimer ??= setTimeout(follow, FOLLOW_MS);
};
document.addEventListener("account-changed", () => {
  isOutdated = true;
  followSoon();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) followSoon();
});

// Buttons that fill a field.
document.addEventListener("click", (event) => {
  /** @type {HTMLButtonElement | null} */
  const button = targetOf(event).closest("[data-fill]");
  /** @type {any} */
  const field = document.getElementById(button?.dataset.fill ?? "");
  if (button && field) field.value = button.value;
});

// Menus are `<details>`: they close after a press outside or the Escape key.
/** @param {Element | null} [kept] */
const closeMenus = (kept) => {
  /** @type {NodeListOf<HTMLDetailsElement>} */
  const menus = document.querySelectorAll("details.menu[open]");
  for (const menu of menus) if (menu !== kept) menu.open = false;
};
addEventListener("pointerdown", (event) => closeMenus(targetOf(event).closest("details.menu")));
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  /** @type {HTMLElement | null | undefined} */
  const opener = document.activeElement?.closest("details.menu[open]")?.querySelector("summary");
  closeMenus();
  opener?.focus();
});

// The outcome of a form that led to this page.
if (document.activeElement === document.body) document.getElementById("form-result")?.focus({ preventScroll: true });

// The device's time zone: the server names times and days by it. A page of an account that was made for another zone is
// loaded again, so that its days are the device's.
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
const hasZone = () => document.cookie.split("; ").includes(`zone=${timeZone}`);
if (timeZone && !hasZone()) {
  document.cookie = `zone=${timeZone}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  if (document.documentElement.dataset.account && timeZone !== "UTC" && hasZone()) location.reload();
}
