// Indicators over candles, oldest first: pure, one value for each candle, none while there are too few candles before it.

/** A candle: unix seconds, open, high, low, close, volume.
 * @typedef {[number, number, number, number, number, number]} Row */
/** @typedef {(number | undefined)[]} Values */

export const DAY_S = 86_400;

// The exponential moving average (EMA) of the closes. It begins with the plain average of the first `length` closes.
/** @param {readonly Row[]} rows @param {number} length @returns {Values} */
export const ema = (rows, length) => {
  const weight = 2 / (length + 1);
  let sum = 0;
  /** @type {number | undefined} */
  let average;
  return rows.map(([, , , , close], index) => {
    sum += close;
    if (average !== undefined) average += (close - average) * weight;
    else if (index === length - 1) average = sum / length;
    return average;
  });
};

// The volume-weighted average price (VWAP) since the start of the UTC day.
// Candles of a day or longer: since the start of the month.
/** @param {readonly Row[]} rows @param {number} interval @returns {Values} */
export const vwap = (rows, interval) => {
  const sessionOf = (/** @type {number} */ time) =>
    interval < DAY_S ? Math.floor(time / DAY_S) : new Date(time * 1000).toISOString().slice(0, 7);
  /** @type {number | string | undefined} */
  let session;
  let value = 0;
  let volume = 0;
  return rows.map(([time, , high, low, close, traded]) => {
    if (sessionOf(time) !== session) [session, value, volume] = [sessionOf(time), 0, 0];
    value += ((high + low + close) / 3) * traded;
    volume += traded;
    return volume > 0 ? value / volume : undefined;
  });
};

// Wilder's relative strength index (RSI), 0 to 100.
/** @param {readonly Row[]} rows @param {number} length @returns {Values} */
export const rsi = (rows, length) => {
  let [up, down] = [0, 0];
  return rows.map(([, , , , close], index) => {
    const before = rows[index - 1];
    if (!before) return undefined;
    const change = close - before[4];
    const [rise, fall] = [Math.max(change, 0), Math.max(-change, 0)];
    const share = index > length ? 1 / length : undefined;
    up = share ? up + (rise - up) * share : up + rise / length;
    down = share ? down + (fall - down) * share : down + fall / length;
    if (index < length) return undefined;
    return down === 0 ? (up === 0 ? 50 : 100) : 100 - 100 / (1 + up / down);
  });
};
