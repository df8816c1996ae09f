// The candles of an asset: the server's first ones, older ones when the reader goes back, and the open one by each price.

/** @typedef {import("./indicators.js").Row} Row */

const SECONDS = { "1m": 60, "5m": 300, "15m": 900, "1h": 3600, "4h": 14_400, "1d": 86_400 };
/** @typedef {keyof typeof SECONDS} Interval */

// Candles that are kept at most: a reader who goes on back loses the newest view of them at the next reload only.
const ROWS_MAX = 5000;
const OLDER = 200;
// The open candle is asked for again after so long: only the server knows its volume and each of its extremes.
const REFRESH_MS = 20_000;

/** @param {string} interval */
export const secondsOf = (interval) => SECONDS[/** @type {Interval} */ (interval)] ?? 60;

// Puts newer rows in place of those of the same times, and behind them.
/** @param {readonly Row[]} rows @param {readonly Row[]} newer @returns {Row[]} */
export const merged = (rows, newer) => {
  const first = newer[0]?.[0] ?? Infinity;
  return [...rows.filter(([time]) => time < first), ...newer];
};

// The rows after a price: the open candle moves, or the next one begins. A candle that nobody saw is flat.
/** @param {Row[]} rows @param {number} price @param {number} now_s @param {number} interval */
export const moved = (rows, price, now_s, interval) => {
  let last = rows.at(-1);
  if (!last) return;
  const start = Math.floor(now_s / interval) * interval;
  while (last[0] < start) {
    /** @type {Row} */
    const next = [last[0] + interval, last[4], last[4], last[4], last[4], 0];
    if (next[0] < start - 50 * interval) next[0] = start;
    rows.push(next);
    last = next;
  }
  last[2] = Math.max(last[2], price);
  last[3] = Math.min(last[3], price);
  last[4] = price;
};

export class Candles {
  /** @type {Row[]} */
  rows;
  isComplete = false;
  // The server's clock ahead of ours.
  ahead_ms = 0;
  #refreshed = 0;
  #isLoading = false;

  /** @param {string} asset @param {string} interval @param {Row[]} rows */
  constructor(asset, interval, rows) {
    this.asset = asset;
    this.interval = interval;
    this.rows = rows;
  }

  get seconds() {
    return secondsOf(this.interval);
  }

  get now_s() {
    return (Date.now() + this.ahead_ms) / 1000;
  }

  /** @param {string} query @returns {Promise<Row[]>} */
  async #fetch(query) {
    const address = `/api/v1/inventory/assets/${this.asset}/candles?interval=${this.interval}&${query}`;
    const sent = Date.now();
    const response = await fetch(address, { headers: { accept: "application/json" } });
    if (!response.ok) throw new Error(`candles: ${response.status}`);
    const date = Date.parse(response.headers.get("date") ?? "");
    // The header has whole seconds; only a clock that is plainly wrong is corrected.
    if (Math.abs(date - sent) > 2000) this.ahead_ms = date - sent;
    return (await response.json()).data;
  }

  /** @param {number} count */
  async load(count) {
    this.rows = await this.#fetch(`limit=${count}`);
    this.#refreshed = Date.now();
  }

  // Returns true if there were older ones.
  async loadOlder() {
    const first = this.rows[0];
    if (!first || this.isComplete || this.#isLoading || this.rows.length >= ROWS_MAX) return false;
    this.#isLoading = true;
    try {
      const older = await this.#fetch(`limit=${OLDER}&before=${first[0]}`);
      this.isComplete = older.length < OLDER;
      this.rows = [...older, ...this.rows];
      return older.length > 0;
    } finally {
      this.#isLoading = false;
    }
  }

  // The newest candles from the server, when they are due. Returns true if they came.
  async refresh() {
    const last = this.rows.at(-1);
    if (!last || this.#isLoading || Date.now() - this.#refreshed < REFRESH_MS) return false;
    this.#refreshed = Date.now();
    const missed = Math.ceil((this.now_s - last[0]) / this.seconds) + 1;
    const newer = await this.#fetch(`limit=${Math.min(Math.max(missed, 2), OLDER)}`);
    this.rows = merged(this.rows, newer);
    return true;
  }
}
