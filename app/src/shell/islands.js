// Starts the islands of the page. The bundle is loaded when the first island enters the document, so a page without
// islands loads none.
//
// Each island is a custom element: it hydrates under an owner of its own when it enters the document, and disposes of
// that owner when it leaves. Islands that a swap brings in hydrate by themselves, in document order.

// Hydration counts the nodes of an island, so what an extension has put beside its fields must leave before. Such elements
// have names with a hyphen, and ours begin with `leptos-`.
/** @param {Element} island */
const removeForeign = (island) => {
  for (const element of island.querySelectorAll("*")) {
    if (element.localName.includes("-") && !element.localName.startsWith("leptos-")) element.remove();
  }
};

const startIslands = async () => {
  const wasm = fetch(BUNDLE.wasm);
  const bundle = await import(BUNDLE.js);
  await bundle.default({ module_or_path: wasm });
  bundle.hydrate(document.documentElement.hasAttribute("data-account"));
  customElements.define("leptos-island", class extends HTMLElement {
    /** @type {{ dispose(): void } | null} */
    owner = null;
    connectedCallback() {
      if (this.owner) return;
      const island = bundle[this.dataset.component ?? ""];
      // Another version of the site has rendered this island: load the page with its own bundle.
      if (!island) return location.reload();
      const outer = this.parentElement?.closest("leptos-children")?.$$on_hydrate;
      if (outer) outer();
      else bundle.owner_root();
      this.owner = bundle.owner_new();
      removeForeign(this);
      island(this);
      bundle.owner_root();
    }
    disconnectedCallback() {
      // An island that only moves within the document is connected again at once.
      queueMicrotask(() => {
        if (this.isConnected || !this.owner) return;
        this.owner.dispose();
        this.owner = null;
      });
    }
  });
};

let areIslandsStarted = false;
const startIslandsOnce = () => {
  if (areIslandsStarted || !document.querySelector("leptos-island")) return;
  areIslandsStarted = true;
  startIslands();
};

// On a slow line the bundle would compete with the first frame of the page. A page in the background draws none.
if (document.hidden) startIslandsOnce();
else requestAnimationFrame(() => requestAnimationFrame(startIslandsOnce));
document.addEventListener("regions-swapped", startIslandsOnce);
