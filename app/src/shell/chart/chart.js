// The live chart in the server's box: TradingView's lightweight-charts, with our data, words and keys.

import { Candles, moved } from "./candles.js";
import { percentText, priceText, timeText, volumeText } from "./figures.js";
import { ema, rsi, vwap } from "./indicators.js";
import { OwnLines } from "./lines.js";
import { colorsOf, faded, lookOf } from "./look.js";

/** @typedef {typeof import("lightweight-charts")} Library */
/** @typedef {import("lightweight-charts").UTCTimestamp} Time */
/** @typedef {import("./indicators.js").Row} Row */
/** @typedef {import("./look.js").Colors} Colors */
/** @typedef {(rows: readonly Row[], interval: number) => import("./indicators.js").Values} Study */

// Lines over the candles, and the role whose color each has.
/** @type {[name: string, color: keyof Colors, study: Study][]} */
const OVERLAYS = [
  ["ema9", "accent", (rows) => ema(rows, 9)],
  ["ema21", "warning", (rows) => ema(rows, 21)],
  ["ema50", "text", (rows) => ema(rows, 50)],
  ["vwap", "muted", vwap],
];
const STORE = "chart-studies";
const STUDIES = ["volume"];
const VISIBLE = 150;
const EDGE = 10;

class LiveChart {
  /** @type {Map<string, import("lightweight-charts").ISeriesApi<"Line">>} */
  overlays = new Map();
  /** @type {import("lightweight-charts").ISeriesApi<"Line"> | undefined} */
  strength;
  /** @type {Set<string>} */
  studies = new Set(STUDIES);
  /** @type {number | undefined} */
  cursor;

  /** @param {HTMLElement} root @param {Library} library */
  constructor(root, library) {
    this.root = root;
    this.library = library;
    this.box = /** @type {HTMLElement} */ (root.querySelector(".chart-box"));
    this.read = /** @type {HTMLElement} */ (root.querySelector("[data-chart-read]"));
    this.spoken = /** @type {HTMLElement} */ (root.querySelector("[data-chart-spoken]"));
    this.live = /** @type {HTMLElement} */ (root.querySelector("[data-live=last]"));
    this.sentence = this.read.textContent ?? "";
    const { chart: asset = "", interval = "15m", candles = "[]" } = root.dataset;
    this.candles = new Candles(asset, interval, JSON.parse(candles));
    this.colors = colorsOf(this.root);
    const place = document.createElement("div");
    place.className = "chart-live";
    this.box.append(place);
    this.chart = library.createChart(place, { autoSize: true, ...this.#look() });
    this.price = this.chart.addSeries(library.CandlestickSeries, { priceFormat: { type: "custom", formatter: priceText, minMove: Number(root.dataset.tick ?? 0.01) } });
    this.volume = this.chart.addSeries(library.HistogramSeries, { priceScaleId: "volume", priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false });
    this.chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
    this.lines = new OwnLines(library, this.chart, this.price, root, this.box, () => this.colors, (time) => this.candleAt(time));
    try {
      const kept = localStorage.getItem(STORE);
      if (kept !== null) this.studies = new Set(kept.split(" "));
    } catch {
      // Without storage the chart begins with the volume alone.
    }
    this.#paint();
    this.#setData();
    this.#fit(this.candles.rows.length);
    this.#listen();
    root.dataset.state = "live";
  }

  #look() {
    return lookOf(this.library, this.colors, this.root, () => this.candles.seconds);
  }

  // Colors and indicators as chosen now.
  #paint() {
    const { colors, library, chart } = this;
    chart.applyOptions(this.#look());
    this.price.applyOptions({ upColor: colors.up, downColor: colors.down, wickUpColor: colors.up, wickDownColor: colors.down, borderVisible: false, priceLineColor: colors.text, priceLineStyle: library.LineStyle.Dotted });
    this.volume.applyOptions({ visible: this.studies.has("volume") });
    for (const [name, role] of OVERLAYS) {
      const series = this.overlays.get(name);
      if (!this.studies.has(name)) {
        if (series) chart.removeSeries(series);
        this.overlays.delete(name);
        continue;
      }
      const shown = series ?? chart.addSeries(library.LineSeries, { priceFormat: { type: "custom", formatter: priceText, minMove: 1e-8 }, lastValueVisible: false, priceLineVisible: false, crosshairMarkerVisible: false, lineWidth: 1 });
      shown.applyOptions({ color: colors[role] });
      this.overlays.set(name, shown);
    }
    if (!this.studies.has("rsi")) {
      if (this.strength) chart.removeSeries(this.strength);
      this.strength = undefined;
    } else {
      this.strength ??= this.#strengthSeries();
      this.strength.applyOptions({ color: colors.accent });
    }
    /** @type {NodeListOf<HTMLInputElement>} */
    const boxes = this.root.querySelectorAll("[data-study]");
    for (const box of boxes) box.checked = this.studies.has(box.dataset.study ?? "");
  }

  #strengthSeries() {
    const series = this.chart.addSeries(this.library.LineSeries, { lineWidth: 1, priceLineVisible: false, priceFormat: { type: "custom", formatter: (/** @type {number} */ value) => value.toFixed(0), minMove: 0.01 } }, 1);
    for (const price of [30, 70]) series.createPriceLine({ price, color: this.colors.muted, lineWidth: 1, lineStyle: this.library.LineStyle.Dotted, axisLabelVisible: false, title: "" });
    this.chart.panes()[1]?.setStretchFactor(0.28);
    return series;
  }

  #setData() {
    const { rows, seconds } = this.candles;
    this.price.setData(rows.map(candleOf));
    this.volume.setData(rows.map((row) => this.#volumeOf(row)));
    for (const [name, , study] of OVERLAYS) this.overlays.get(name)?.setData(pointsOf(rows, study(rows, seconds)));
    this.strength?.setData(pointsOf(rows, rsi(rows, 14)));
    this.lines.draw();
  }

  // The last candle after a price; the others have not changed.
  #setLast() {
    const { rows, seconds } = this.candles;
    const last = rows.at(-1);
    if (!last) return;
    this.price.update(candleOf(last));
    this.volume.update(this.#volumeOf(last));
    const update = (/** @type {import("lightweight-charts").ISeriesApi<"Line"> | undefined} */ series, /** @type {number | undefined} */ value) => {
      if (value !== undefined) series?.update({ time: timeOf(last), value });
    };
    for (const [name, , study] of OVERLAYS) {
      const series = this.overlays.get(name);
      if (series) update(series, study(rows, seconds).at(-1));
    }
    if (this.strength) update(this.strength, rsi(rows, 14).at(-1));
  }

  /** @param {Row} row */
  #volumeOf(row) {
    return { time: timeOf(row), value: row[5], color: faded(row[4] >= row[1] ? this.colors.up : this.colors.down, 0.35) };
  }

  // The start of the candle that holds a time, if it is loaded.
  /** @param {number} time */
  candleAt(time) {
    const { rows, seconds } = this.candles;
    const start = Math.floor(time / seconds) * seconds;
    return rows.find((row) => row[0] === start)?.[0];
  }

  // Shows the newest candles.
  /** @param {number} count */
  #fit(count) {
    const last = this.candles.rows.length - 1;
    this.chart.timeScale().setVisibleLogicalRange({ from: last - count, to: last + 4 });
  }

  #listen() {
    const { chart, root, box } = this;
    chart.subscribeCrosshairMove(({ time }) => this.#say(this.candles.rows.find((row) => row[0] === time)));
    chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range && range.from < EDGE) this.#older();
    });
    new MutationObserver(() => this.#tick()).observe(this.live, { childList: true, characterData: true, subtree: true });
    // A candle begins although no price comes.
    const clock = setInterval(() => (root.isConnected ? this.#roll() : this.#end(clock)), 1000);
    const repaint = () => {
      this.colors = colorsOf(this.root);
      this.#paint();
      this.#setData();
    };
    new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme", "data-palette"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    document.addEventListener("regions-swapped", () => this.lines.draw());
    box.addEventListener("keydown", (event) => this.#key(event));
    box.addEventListener("blur", () => this.#say(undefined));
    root.addEventListener("click", (event) => this.#click(event));
    root.addEventListener("change", (event) => {
      const study = event.target instanceof HTMLInputElement ? event.target.dataset.study : undefined;
      if (study) this.#toggle(study);
    });
    document.addEventListener("fullscreenchange", () => {
      root.querySelector("[data-chart-full]")?.setAttribute("aria-pressed", String(document.fullscreenElement === root));
    });
  }

  /** @param {ReturnType<typeof setInterval>} clock */
  #end(clock) {
    clearInterval(clock);
    this.chart.remove();
  }

  #tick() {
    const price = Number(this.live.textContent?.replaceAll(",", ""));
    if (!(price > 0) || !this.candles.rows.length) return;
    moved(this.candles.rows, price, this.candles.now_s, this.candles.seconds);
    this.#setLast();
  }

  // The next candle, and the server's own word on the last ones now and then.
  async #roll() {
    const last = this.candles.rows.at(-1);
    if (document.hidden || !last) return;
    if (this.candles.now_s >= last[0] + this.candles.seconds) {
      moved(this.candles.rows, last[4], this.candles.now_s, this.candles.seconds);
      this.#setLast();
    }
    const { candles } = this;
    const isNew = await candles.refresh().catch(() => false);
    if (isNew && candles === this.candles) this.#setData();
  }

  async #older() {
    const { candles } = this;
    const isNew = await candles.loadOlder().catch(() => false);
    if (isNew && candles === this.candles) this.#setData();
  }

  // One candle in words; without one the sentence of the whole.
  /** @param {Row | undefined} row @param {boolean} [isSpoken] */
  #say(row, isSpoken = false) {
    if (!row) this.cursor = undefined;
    const change = row && row[1] > 0 ? percentText((row[4] / row[1] - 1) * 100) : "";
    const text = row
      ? `${timeText(row[0], this.candles.seconds)} · open ${priceText(row[1])} · high ${priceText(row[2])} · low ${priceText(row[3])} · close ${priceText(row[4])} · ${change} · volume ${volumeText(row[5])}`
      : this.sentence;
    if (this.read.textContent !== text) this.read.textContent = text;
    if (isSpoken) this.spoken.textContent = text;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const { rows } = this.candles;
    const last = rows.length - 1;
    const here = this.cursor ?? last + 1;
    /** @type {Record<string, () => number | void>} */
    const keys = {
      ArrowLeft: () => here - 1,
      ArrowRight: () => here + 1,
      PageUp: () => here - 10,
      PageDown: () => here + 10,
      Home: () => 0,
      End: () => last,
      "+": () => this.#zoom("in"),
      "=": () => this.#zoom("in"),
      "-": () => this.#zoom("out"),
      Escape: () => {
        this.chart.clearCrosshairPosition();
        this.#say(undefined);
      },
    };
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (!act) return;
    event.preventDefault();
    const next = act();
    if (next === undefined) return;
    this.cursor = Math.min(Math.max(next, 0), last);
    const row = rows[this.cursor];
    if (!row) return;
    const range = this.chart.timeScale().getVisibleLogicalRange();
    if (range && (this.cursor < range.from || this.cursor > range.to)) {
      const width = range.to - range.from;
      this.chart.timeScale().setVisibleLogicalRange({ from: this.cursor - width / 2, to: this.cursor + width / 2 });
    }
    const cursor = this.cursor;
    this.chart.setCrosshairPosition(row[4], timeOf(row), this.price);
    this.cursor = cursor;
    this.#say(row, true);
  }

  /** @param {string} way */
  #zoom(way) {
    const scale = this.chart.timeScale();
    const range = scale.getVisibleLogicalRange();
    if (way === "live") return this.#fit(Math.min(VISIBLE, this.candles.rows.length));
    if (!range) return;
    const by = (range.to - range.from) * (way === "in" ? 0.2 : -0.25);
    scale.setVisibleLogicalRange({ from: range.from + by, to: range.to });
  }

  /** @param {MouseEvent} event */
  #click(event) {
    if (!(event.target instanceof Element)) return;
    const find = (/** @type {string} */ selector) => /** @type {HTMLElement | null} */ (event.target instanceof Element ? event.target.closest(selector) : null);
    const zoom = find("[data-chart-zoom]");
    if (zoom) this.#zoom(zoom.dataset.chartZoom ?? "");
    if (find("[data-chart-full]")) this.#fullScreen();
    const link = find("a[data-interval]");
    if (!(link instanceof HTMLAnchorElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#show(link);
  }

  #fullScreen() {
    // A browser that refuses leaves the chart where it is.
    if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    else this.root.requestFullscreen?.().catch(() => {});
  }

  // Another length of candles, or another range. A refusal by the network leaves what is shown.
  /** @param {HTMLAnchorElement} link */
  async #show(link) {
    const { interval = "15m", range, count } = link.dataset;
    const wanted = Number(count ?? VISIBLE);
    const candles = new Candles(this.candles.asset, interval, []);
    this.wanted = candles;
    this.box.setAttribute("aria-busy", "true");
    try {
      await candles.load(count ? wanted : 2 * VISIBLE);
    } catch {
      location.assign(link.href);
      return;
    } finally {
      this.box.removeAttribute("aria-busy");
    }
    if (this.wanted !== candles) return;
    this.candles = candles;
    const sinceRow = candles.rows.at(-wanted) ?? candles.rows[0];
    const shown = candles.rows.slice(-wanted);
    const last = candles.rows.at(-1);
    if (sinceRow && last) {
      const [low, high] = [Math.min(...shown.map((row) => row[3])), Math.max(...shown.map((row) => row[2]))];
      this.sentence = `${range ?? interval} ${percentText((last[4] / sinceRow[1] - 1) * 100)} · low ${priceText(low)} · high ${priceText(high)}`;
    }
    this.chart.applyOptions(this.#look());
    this.#setData();
    this.#fit(Math.min(wanted, candles.rows.length));
    this.#say(undefined);
    for (const other of this.root.querySelectorAll(".chart-bar a")) {
      const { interval: its, range: itsRange } = /** @type {HTMLElement} */ (other).dataset;
      const isShown = itsRange ? itsRange === range : its === interval;
      if (isShown) other.setAttribute("aria-current", "true");
      else other.removeAttribute("aria-current");
    }
    const address = new URL(location.href);
    for (const name of ["interval", "range"]) address.searchParams.delete(name);
    address.searchParams.set(range ? "range" : "interval", range ?? interval);
    history.replaceState(history.state, "", address);
  }

  /** @param {string} study */
  #toggle(study) {
    if (!this.studies.delete(study)) this.studies.add(study);
    try {
      localStorage.setItem(STORE, [...this.studies].join(" "));
    } catch {
      // The choice holds for this page.
    }
    this.#paint();
    this.#setData();
  }
}

/** @param {Row} row */
const timeOf = (row) => /** @type {Time} */ (row[0]);
/** @param {Row} row */
const candleOf = (row) => ({ time: timeOf(row), open: row[1], high: row[2], low: row[3], close: row[4] });
/** @param {readonly Row[]} rows @param {import("./indicators.js").Values} values */
const pointsOf = (rows, values) =>
  rows.flatMap((row, index) => (values[index] === undefined ? [] : { time: timeOf(row), value: values[index] }));

/** @param {HTMLElement} root @param {Library} library */
export const start = (root, library) => new LiveChart(root, library);
