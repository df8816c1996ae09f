// One stream of prices and of the account for all tabs of a browser: it opens six connections to a host at most, and a
// seventh tab would not load.
//
// The tab that holds the lock of the stream's address has the connection, and passes each event on to the others. When
// it closes or ends, the browser gives the lock to the next tab, which opens the stream anew. The address names the
// account, so tabs of two accounts share nothing.

// A tab that has the lock and says nothing for so long is frozen: its lock is taken.
const ANSWER_MS = 5000;
const { account = "", username } = document.documentElement.dataset;

// Hides the page, or shows it again.
/** @param {boolean} isHidden */
const setHidden = (isHidden) => {
  document.documentElement.style.visibility = isHidden ? "hidden" : "";
};

// Another account or none has signed in since this page was made: nothing of it is shown to them.
const leave = () => {
  setHidden(true);
  location.reload();
};

// Asks the server whose the browser is now, and leaves the page if it is not theirs. Returns true if it is.
const checkAccount = async () => {
  if (!account) return true;
  const response = await fetch("/api/v1/auth/me", { cache: "no-store" }).catch(() => undefined);
  if (response?.ok && (await response.json()).username === username) return true;
  if (response?.ok || response?.status === 401) leave();
  return false;
};

/** @typedef {{ type?: string, data?: string, state?: number, to?: number, ask?: number }} TabMessage */

// An `EventSource` as far as the islands use it.
class SharedStream extends EventTarget {
  /** @type {number} */
  readyState = EventSource.CONNECTING;
  /** @type {EventSource | undefined} */
  source;
  /** @type {BroadcastChannel | undefined} */
  channel;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  answerTimer;
  // Its abort gives up the lock, or the place in the queue for it.
  turn = new AbortController();
  id = Math.random();
  // Names of the events that are passed on.
  names = new Set();
  // The newest state, for a tab that comes later: the account, and each price.
  /** @type {any} */
  snapshot;
  /** @type {any} */
  update;
  prices = new Map();

  /** @param {string} address */
  constructor(address) {
    super();
    this.address = account ? `${address}&account=${account}` : address;
    if (!navigator.locks || !globalThis.BroadcastChannel) {
      this.lead(this.turn.signal);
      return;
    }
    this.channel = new BroadcastChannel(this.address);
    this.channel.onmessage = (event) => this.hear(event.data);
    this.follow();
  }

  /** @override @type {EventTarget["addEventListener"]} */
  addEventListener(name, listener, options) {
    super.addEventListener(name, listener, options);
    if (name === "error" || this.names.has(name)) return;
    this.names.add(name);
    this.source?.addEventListener(name, this.pass);
  }

  close() {
    this.readyState = EventSource.CLOSED;
    this.turn.abort();
    clearTimeout(this.answerTimer);
    this.channel?.close();
  }

  // Waits for the lock, or takes it from a tab that is frozen.
  follow(steal = false) {
    const turn = (this.turn = new AbortController());
    const { signal } = turn;
    const hold = () => signal.aborted || new Promise((release) => {
      signal.addEventListener("abort", release);
      this.lead(signal);
    });
    navigator.locks.request(this.address, steal ? { steal } : { signal }, hold).catch((error) => {
      if (signal.aborted) return;
      // The browser refuses locks here.
      if (error.name !== "AbortError") return this.lead(signal);
      // Another tab has taken the lock.
      turn.abort();
      this.follow();
    });
    if (steal) return;
    this.post({ ask: this.id });
    this.answerTimer = setTimeout(() => {
      this.turn.abort();
      this.follow(true);
    }, ANSWER_MS);
  }

  /** @param {AbortSignal} signal */
  lead(signal) {
    clearTimeout(this.answerTimer);
    const source = new EventSource(this.address);
    this.source = source;
    for (const name of this.names) source.addEventListener(name, this.pass);
    source.onerror = () => {
      this.post({ type: "error", state: source.readyState });
      this.fail(source.readyState);
    };
    signal.addEventListener("abort", () => {
      source.close();
      this.source = undefined;
    });
  }

  // Passes an event of the connection on. The next leader sends a new snapshot, so only this tab needs a `resync`.
  /** @param {MessageEvent<string>} event */
  pass = ({ type, data }) => {
    this.keep(type, JSON.parse(data));
    if (type === "snapshot" && this.snapshot.account !== account) return leave();
    if (type !== "resync") this.post({ type, data });
    this.say(type, data);
  };

  /** @param {string} type @param {any} content */
  keep(type, content) {
    if (type === "snapshot") this.snapshot = content;
    if (type === "prices") {
      this.update = content;
      for (const price of content.prices) this.prices.set(price.a, price);
    }
    if (content.seq !== this.snapshot?.seq + 1) return;
    // The same as `LiveAccount::apply`.
    const { seq, balance, holding } = content;
    Object.assign(this.snapshot, { seq, balance });
    if (!holding) return;
    const others = this.snapshot.holdings.filter((/** @type {any} */ it) => it.asset_id !== holding.asset_id);
    this.snapshot.holdings = Number(holding.quantity) ? [...others, holding] : others;
  }

  // A message of another tab.
  /** @param {TabMessage} message */
  hear({ type, data = "", state = 0, to, ask }) {
    if (ask && this.source) return this.answer(ask);
    if (ask || this.source || (to && to !== this.id)) return;
    clearTimeout(this.answerTimer);
    if (type === "error") this.fail(state);
    else if (type) this.say(type, data);
  }

  // Tells a new tab the state. Prices would say that the connection is live.
  /** @param {number} to */
  answer(to) {
    this.post({ to });
    if (this.snapshot) this.post({ to, type: "snapshot", data: JSON.stringify(this.snapshot) });
    if (!this.update || this.source?.readyState !== EventSource.OPEN) return;
    this.post({ to, type: "prices", data: JSON.stringify({ ...this.update, prices: [...this.prices.values()] }) });
  }

  /** @param {TabMessage} message */
  post(message) {
    this.channel?.postMessage(message);
  }

  /** @param {string} type @param {string} data */
  say(type, data) {
    this.readyState = EventSource.OPEN;
    this.dispatchEvent(new MessageEvent(type, { data }));
  }

  // The connection broke. A refusal closes the stream: the session may have ended.
  /** @param {number} state */
  fail(state) {
    this.readyState = state;
    if (state === EventSource.CLOSED) {
      this.close();
      checkAccount();
    }
    this.dispatchEvent(new Event("error"));
  }
}

window.openStream = (address) => new SharedStream(address);

// The browser tells a changed value to its other tabs.
addEventListener("storage", ({ key, newValue }) => {
  if (key === "account" && newValue !== account) checkAccount();
});
try {
  localStorage.setItem("account", account);
} catch {
  // Without storage a tab learns of another account from its stream.
}

// A page that the browser keeps for the way back shows nothing until it is known whose the browser is.
addEventListener("pagehide", ({ persisted }) => {
  if (persisted && account) setHidden(true);
});
addEventListener("pageshow", async ({ persisted }) => {
  if (!persisted || !account) return;
  setHidden(true);
  if (await checkAccount()) setHidden(false);
  else leave();
});
