// Colors and options of the live chart, from the page's theme.

import { timeText } from "./figures.js";
import { DAY_S } from "./indicators.js";

/** @typedef {typeof import("lightweight-charts")} Library */

const ROLES = /** @type {const} */ (["up", "down", "text", "muted", "accent", "warning", "line", "surface"]);
/** @typedef {Record<(typeof ROLES)[number], string>} Colors */

// Room of the candles above the volume.
const MARGINS = { top: 0.08, bottom: 0.2 };

// The roles' colors as the library takes them: a custom property of the theme is a pair, light and dark.
/** @param {HTMLElement} root @returns {Colors} */
export const colorsOf = (root) => {
  const probe = document.createElement("i");
  probe.hidden = true;
  root.append(probe);
  const entries = ROLES.map((role) => {
    probe.style.color = `var(--${role === "up" || role === "down" ? role : `color-${role}`})`;
    return [role, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(entries);
};

// A color of the browser's (`rgb(…)`) with an opacity.
/** @param {string} color @param {number} opacity */
export const faded = (color, opacity) => color.replace(/^rgb\((.*)\)$/, `rgba($1, ${opacity})`);

/** @param {Library} library @param {Colors} colors @param {HTMLElement} root @param {() => number} seconds */
export const lookOf = (library, colors, root, seconds) => {
  const hair = { color: colors.muted, labelBackgroundColor: colors.accent, width: /** @type {const} */ (1), style: library.LineStyle.Dashed };
  const grid = { color: faded(colors.line, 0.5) };
  return {
    layout: {
      background: { type: library.ColorType.Solid, color: colors.surface },
      textColor: colors.muted,
      fontFamily: getComputedStyle(root).fontFamily,
      fontSize: 12,
      attributionLogo: false,
      panes: { separatorColor: colors.line },
    },
    grid: { vertLines: grid, horzLines: grid },
    rightPriceScale: { borderVisible: false, scaleMargins: MARGINS },
    timeScale: { borderColor: colors.line, timeVisible: seconds() < DAY_S, secondsVisible: false, rightOffset: 4, minBarSpacing: 1 },
    crosshair: { mode: library.CrosshairMode.Normal, vertLine: hair, horzLine: hair },
    localization: { timeFormatter: (/** @type {number} */ time) => `${timeText(time, seconds())} UTC` },
    // The page scrolls with a finger that goes up and down.
    handleScroll: { vertTouchDrag: false, horzTouchDrag: true, mouseWheel: true, pressedMouseMove: true },
    handleScale: { mouseWheel: true, pinch: true, axisPressedMouseMove: true },
  };
};
