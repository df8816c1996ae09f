// The viewer's own trading on the chart: lines at prices, marks of fills. They are entries of a list that the server
// writes and that follows the account. A line of an order can be moved: by drag, by the buttons of its form, by its field.
// Its form then says the new price, and sends it when the reader presses the button.

import { priceText, snapped, stepOf } from "./figures.js";

/** @typedef {typeof import("lightweight-charts")} Library */
/** @typedef {import("lightweight-charts").IChartApi} Chart */
/** @typedef {import("lightweight-charts").ISeriesApi<"Candlestick">} Candlesticks */
/** @typedef {import("lightweight-charts").IPriceLine} PriceLine */
/** @typedef {import("./look.js").Colors} Colors */
/** @typedef {{ line: PriceLine, entry: HTMLElement, price: number }} OwnLine */

// Distance in pixels at which a pointer takes hold of a line.
const REACH = { mouse: 6, touch: 18 };

export class OwnLines {
  /** @type {OwnLine[]} */
  #lines = [];
  /** @type {import("lightweight-charts").ISeriesMarkersPluginApi<import("lightweight-charts").Time> | undefined} */
  #marks;
  /** @type {OwnLine | undefined} */
  #held;

  /**
   * @param {Library} library @param {Chart} chart @param {Candlesticks} series
   * @param {HTMLElement} root @param {HTMLElement} box @param {() => Colors} colors @param {(time: number) => number | undefined} candleOf
   */
  constructor(library, chart, series, root, box, colors, candleOf) {
    this.library = library;
    this.chart = chart;
    this.series = series;
    this.root = root;
    this.box = box;
    this.colors = colors;
    this.candleOf = candleOf;
    this.tick = root.dataset.tick ?? "0.01";
    box.addEventListener("pointerdown", this.#down, { capture: true });
    box.addEventListener("pointermove", this.#move, { capture: true });
    box.addEventListener("pointerup", this.#up, { capture: true });
    box.addEventListener("pointercancel", this.#up, { capture: true });
    root.addEventListener("click", this.#click);
    root.addEventListener("input", this.#typed);
    root.addEventListener("keydown", this.#key);
  }

  // Draws the lines and marks anew from the list.
  draw() {
    for (const { line } of this.#lines) this.series.removePriceLine(line);
    /** @type {NodeListOf<HTMLElement>} */
    const entries = this.root.querySelectorAll("[data-line]");
    this.#lines = [...entries].map((entry) => {
      const price = Number(entry.dataset.price);
      return { entry, price, line: this.series.createPriceLine(this.#lookOf(entry, price)) };
    });
    this.#drawMarks();
  }

  /** @param {HTMLElement} entry @param {number} price */
  #lookOf(entry, price) {
    const colors = this.colors();
    const kind = entry.dataset.line;
    const side = entry.dataset.side === "buy" ? colors.up : colors.down;
    const color = kind === "cost" ? colors.muted : kind === "alert" ? colors.warning : side;
    const title = kind === "cost" ? "Avg. cost" : kind === "alert" ? "Alert" : (entry.dataset.label ?? "");
    const { Dashed, Dotted, Solid } = this.library.LineStyle;
    const lineStyle = kind === "order" ? Solid : kind === "stop" ? Dashed : Dotted;
    return { price, color, title, lineStyle, lineWidth: /** @type {const} */ (1), axisLabelVisible: true };
  }

  #drawMarks() {
    const colors = this.colors();
    /** @type {NodeListOf<HTMLElement>} */
    const fills = this.root.querySelectorAll("[data-fill]");
    const marks = [...fills].flatMap((fill) => {
      const time = this.candleOf(Number(fill.dataset.time));
      const isBuy = fill.dataset.fill === "buy";
      if (time === undefined) return [];
      return {
        time: /** @type {import("lightweight-charts").UTCTimestamp} */ (time),
        position: /** @type {"belowBar" | "aboveBar"} */ (isBuy ? "belowBar" : "aboveBar"),
        shape: /** @type {"arrowUp" | "arrowDown"} */ (isBuy ? "arrowUp" : "arrowDown"),
        color: isBuy ? colors.up : colors.down,
        text: fill.dataset.label ?? "",
      };
    });
    marks.sort((left, right) => left.time - right.time);
    this.#marks ??= this.library.createSeriesMarkers(this.series, []);
    this.#marks.setMarkers(marks);
  }

  // The line that can be moved beneath a pointer.
  /** @param {PointerEvent} event */
  #lineAt(event) {
    const y = event.clientY - this.box.getBoundingClientRect().top;
    const reach = event.pointerType === "mouse" ? REACH.mouse : REACH.touch;
    const distance = (/** @type {OwnLine} */ { line }) => Math.abs((this.series.priceToCoordinate(line.options().price) ?? Infinity) - y);
    const near = this.#lines.filter((it) => it.entry.querySelector("form") && distance(it) <= reach);
    return near.sort((left, right) => distance(left) - distance(right))[0];
  }

  /** @param {PointerEvent} event */
  #down = (event) => {
    const line = event.button === 0 ? this.#lineAt(event) : undefined;
    if (!line) return;
    this.#held = line;
    this.chart.applyOptions({ handleScroll: false, handleScale: false });
    this.box.setPointerCapture(event.pointerId);
    event.preventDefault();
    event.stopPropagation();
  };

  /** @param {PointerEvent} event */
  #move = (event) => {
    if (!this.#held) {
      this.box.classList.toggle("can-move", this.#lineAt(event) !== undefined);
      return;
    }
    event.stopPropagation();
    const price = this.series.coordinateToPrice(event.clientY - this.box.getBoundingClientRect().top);
    if (price !== null && price > 0) this.#setPrice(this.#held, snapped(price, this.tick));
  };

  #up = () => {
    const held = this.#held;
    if (!held) return;
    this.#held = undefined;
    this.chart.applyOptions({ handleScroll: this.scroll, handleScale: true });
    this.open(held);
  };

  // The page scrolls with a finger that goes up and down.
  scroll = { vertTouchDrag: false, horzTouchDrag: true, mouseWheel: true, pressedMouseMove: true };

  // Shows the form of a line; the button that sends it has the focus.
  /** @param {OwnLine} own @param {boolean} [isTyped] */
  open(own, isTyped = false) {
    for (const other of this.#lines) if (other !== own) this.#close(other);
    const form = own.entry.querySelector("form");
    if (!form) return;
    form.hidden = false;
    /** @type {HTMLElement | null} */
    const target = form.querySelector(isTyped ? "input:not([type=hidden])" : "button:not([type=button])");
    target?.focus({ preventScroll: !isTyped });
  }

  // Hides the form, and puts the line back to the order's price.
  /** @param {OwnLine} own */
  #close(own) {
    const form = own.entry.querySelector("form");
    if (!form || form.hidden) return;
    form.reset();
    form.hidden = true;
    own.line.applyOptions(this.#lookOf(own.entry, own.price));
  }

  /** @param {OwnLine} own @param {string} text */
  #setPrice(own, text) {
    /** @type {HTMLInputElement | null} */
    const input = own.entry.querySelector("form input:not([type=hidden])");
    if (input) input.value = text;
    this.#show(own, Number(text));
  }

  /** @param {OwnLine} own @param {number} price */
  #show(own, price) {
    const target = own.entry.querySelector("[data-target]");
    if (target) target.textContent = priceText(price);
    own.line.applyOptions({ price });
  }

  /** @param {Event} event */
  #ownOf(event) {
    const entry = event.target instanceof Element ? event.target.closest("[data-line]") : null;
    return this.#lines.find((it) => it.entry === entry);
  }

  /** @param {MouseEvent} event */
  #click = (event) => {
    const own = this.#ownOf(event);
    if (!own || !(event.target instanceof Element) || !own.entry.querySelector("form")) return;
    const step = event.target.closest("[data-step]");
    if (event.target.closest("[data-close]")) {
      this.#close(own);
      own.entry.querySelector("a")?.focus();
    } else if (step instanceof HTMLElement) this.#step(own, Number(step.dataset.step) * stepOf(own.price, this.tick));
    else if (event.target.closest("a") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.open(own, true);
    }
  };

  /** @param {OwnLine} own @param {number} by */
  #step(own, by) {
    const now = own.line.options().price;
    this.#setPrice(own, snapped(now + by, this.tick));
  }

  /** @param {Event} event */
  #typed = (event) => {
    const own = this.#ownOf(event);
    if (!own || !(event.target instanceof HTMLInputElement)) return;
    const price = Number(event.target.value.replaceAll(",", ""));
    if (price > 0) this.#show(own, price);
  };

  /** @param {KeyboardEvent} event */
  #key = (event) => {
    const own = this.#ownOf(event);
    if (!own || !(event.target instanceof HTMLInputElement)) return;
    const way = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (way) {
      event.preventDefault();
      this.#step(own, way * Number(this.tick) * (event.shiftKey ? 10 : 1));
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.#close(own);
      own.entry.querySelector("a")?.focus();
    }
  };
}
