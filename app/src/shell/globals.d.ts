// Names that the scripts of this folder find in a page.

/** Paths of the bundle's files; `scripts.rs` writes them before the scripts. */
declare const BUNDLE: { js: string; wasm: string; chart: string; chartLibrary: string };

interface Element {
  /** On `leptos-children`: makes the owner of the outer island the current one. Set by leptos. */
  $$on_hydrate?: () => void;
}

interface Window {
  /** Opens the stream of all tabs; the bundle calls it. */
  openStream(address: string): EventTarget;
}
