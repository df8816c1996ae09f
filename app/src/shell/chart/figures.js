// Prices, times and steps as the pages show them (`app/src/format.rs`): pure.

const PLACES_MAX = 8;

// Places of a price: six digits in all, two at least.
/** @param {number} price */
const placesOf = (price) => {
  const units = Math.max(1, Math.round(Math.min(Math.abs(price), 1e6) * 1e8));
  return Math.min(PLACES_MAX, Math.max(2, 13 - Math.floor(Math.log10(units) + 1e-12)));
};

/** @param {number} price */
export const priceText = (price) => {
  const places = placesOf(price);
  const text = price.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
  return text.replace("-", "−");
};

/** @param {number} percentage */
export const percentText = (percentage) => {
  const text = Math.abs(percentage).toFixed(2);
  if (Number(text) === 0) return "0.00%";
  return `${percentage < 0 ? "−" : "+"}${text}%`;
};

// Three digits and a letter: `12.4M`.
/** @param {number} volume */
export const volumeText = (volume) => volume.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3 });

/** @param {number} second @param {number} interval */
export const timeText = (second, interval) => {
  const [day = "", clock = ""] = new Date(second * 1000).toISOString().split("T");
  return interval < 86_400 ? `${day} ${clock.slice(0, 5)}` : day;
};

// A price as the venue takes it: a multiple of the tick, with the tick's places.
/** @param {number} price @param {string} tick */
export const snapped = (price, tick) => {
  const places = (tick.split(".")[1] ?? "").replace(/0+$/, "").length;
  const step = Number(tick);
  return (Math.max(1, Math.round(price / step)) * step).toFixed(places);
};

// A step of the buttons: the power of ten times the tick that is about a thousandth of the price.
/** @param {number} price @param {string} tick */
export const stepOf = (price, tick) => {
  const ticks = price / 1000 / Number(tick);
  return Number(tick) * (ticks > 1 ? 10 ** Math.floor(Math.log10(ticks)) : 1);
};
