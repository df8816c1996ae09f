// Forms and links of regions in place. Everything here works without it, as plain posts and page loads.
//
// A region is an element with an id and `data-swap`. The answer to a form or a link in it is the page that a browser
// without scripts would show: it is fetched, and its regions replace those of the document.
//   data-swap="any"        replaced by every answer
//   data-swap="own"        replaced by answers to its own forms only
//   data-follow="account"  fetched again after a change of the account
//   data-whole             (form) the browser itself sends it and loads the page

const FOLLOW_MS = 1000;
const NETWORK_FAILED =
  "Can't reach the server. Your request may already be done. Press again to retry: it is never done twice.";

const regionOf = (element) => element.closest("[data-swap]");
const pageOf = (address) => new URL(address, location.href).pathname;
const shownAddress = () => location.pathname + location.search;

let shown = shownAddress();
let latestRequest = 0;

// The page at an address, or the answer to a posted form, and the address that it came from after redirects. A form of
// ours is answered by a redirect: any other answer is a refusal before the form was read.
const load = async (address, body) => {
  const response = await fetch(address, { method: body ? "POST" : "GET", body, headers: { accept: "text/html" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (response.status >= 500 || (body && !response.redirected)) {
    throw new Error(response.status < 500 ? page.querySelector("main p, p")?.textContent : undefined);
  }
  return { address: response.url, page };
};

// Replaces regions by those of another page, and keeps the focus where it was.
const swap = (page, isReplaced) => {
  const focused = document.activeElement?.id;
  for (const region of document.querySelectorAll("[data-swap]")) {
    const fresh = page.getElementById(region.id);
    if (!fresh || !isReplaced(region)) continue;
    // Secrets of a form that was refused stay: the server sends none back.
    if (fresh.querySelector("[role=alert]")) {
      for (const secret of region.querySelectorAll("input[type=password]")) {
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
    swap(answer.page, (it) => it.dataset.swap === "any" || (it.id === region.id && body));
    const target = document.getElementById(isAnswer ? "form-result" : hash.slice(1));
    if (isAnswer) target?.focus();
    else target?.scrollIntoView();
  } catch (error) {
    // A `TypeError` of fetch is the network's, and its text is the browser's own.
    const sentence = (error instanceof TypeError ? "" : error.message) || NETWORK_FAILED;
    showFailure(document.getElementById(region.id) ?? region, sentence);
  } finally {
    document.getElementById(region.id)?.removeAttribute("aria-busy");
  }
};

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const region = regionOf(form);
  if (!region || event.defaultPrevented || form.hasAttribute("data-whole")) return;
  event.preventDefault();
  if (form.hasAttribute("data-sent")) return;
  form.setAttribute("data-sent", "");
  const fields = new URLSearchParams(new FormData(form, event.submitter));
  const button = event.submitter;
  const label = button?.textContent;
  button?.setAttribute("aria-busy", "true");
  if (button?.dataset.pending) button.textContent = button.dataset.pending;
  const [address] = form.getAttribute("action").split("#");
  if (form.method === "post") await visit(region, address, { body: fields, history: "replace", isAnswer: true });
  else await visit(region, `${address}?${fields}`, { history: "push", isAnswer: fields.has("look") });
  // After a failure the form is still here and can be sent again.
  form.removeAttribute("data-sent");
  button?.removeAttribute("aria-busy");
  if (button?.dataset.pending) button.textContent = label;
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  const region = link && regionOf(link);
  if (!region || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const address = new URL(link.href);
  if (address.origin !== location.origin || address.pathname !== location.pathname) return;
  if (address.search === location.search && address.hash) return;
  // Members of the address that an island may have changed since the page was rendered.
  for (const name of (link.dataset.keep ?? "").split(" ")) {
    const value = new URLSearchParams(location.search).get(name);
    if (value) address.searchParams.set(name, value);
  }
  event.preventDefault();
  visit(region, address.pathname + address.search, { history: "push", hash: address.hash });
});

addEventListener("popstate", () => {
  const region = document.querySelector("[data-swap=any]");
  if (shown === shownAddress() || !region) return;
  visit(region, shownAddress(), { history: "none" });
});

// A region that holds the focus of a field, or something unfolded, is in use and is not replaced.
const isInUse = (region) => region.querySelector("input:focus, select:focus, textarea:focus, details[open]");
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
  const button = event.target.closest("[data-fill]");
  if (button) document.getElementById(button.dataset.fill).value = button.value;
});

// Menus are `<details>`: they close after a press outside or the Escape key.
const closeMenus = (kept) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== kept) menu.open = false;
};
addEventListener("pointerdown", (event) => closeMenus(event.target.closest("details.menu")));
addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus();
});

// The outcome of a form that led to this page.
if (document.activeElement === document.body) document.getElementById("form-result")?.focus({ preventScroll: true });
