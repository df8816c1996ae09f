// The chart: drawn by the server, live in the browser, and the account's own lines on it.

import { ema, rsi, vwap, type Row } from "../../app/src/shell/chart/indicators.js";
import { moved } from "../../app/src/shell/chart/candles.js";
import { priceText, snapped, stepOf } from "../../app/src/shell/chart/figures.js";
import { apiClient, createAccount, expect, expectPageHealthy, open, scripted, signIn, test } from "./fixtures";

const rows = (closes: number[]): Row[] => closes.map((close, index) => [index * 60, close, close, close, close, 1]);
const rounded = (values: (number | undefined)[], places = 2) => values.map((value) => value && Number(value.toFixed(places)));

// Twenty-one closes of a textbook example of the relative strength index (Wilder, 14 periods), with its values.
const CLOSES = [44.34, 44.09, 44.15, 43.61, 44.33, 44.83, 45.1, 45.42, 45.84, 46.08, 45.89, 46.03, 45.61, 46.28, 46.28, 46.0, 46.03, 46.41, 46.22, 45.64, 46.21];

test("indicators have the values of the books", () => {
  expect(rounded(ema(rows([1, 2, 3, 4, 5, 4]), 3))).toEqual([undefined, undefined, 2, 3, 4, 4]);
  const strength = rounded(rsi(rows(CLOSES), 14), 1);
  expect(strength.slice(0, 14)).toEqual(new Array(14).fill(undefined));
  expect(strength.slice(14)).toEqual([70.5, 66.2, 66.5, 69.3, 66.3, 57.9, 62.9]);
  expect(rsi(rows(new Array(15).fill(5)), 14).at(-1), "nothing moves").toBe(50);
  const traded: Row[] = [[0, 9, 12, 9, 9, 10], [60, 9, 15, 12, 15, 30], [86_400, 15, 21, 18, 21, 5]];
  expect(vwap(traded, 60), "each day begins anew").toEqual([10, 13, 20]);
});

test("a price is written as the pages write it, and moved in steps that the venue takes", () => {
  expect([62_018.3, 1.5, 0.4123, 0.00001234].map(priceText)).toEqual(["62,018.30", "1.50000", "0.412300", "0.00001234"]);
  expect(snapped(61_781.71, "0.10")).toBe("61781.7");
  expect(snapped(0.000004, "0.00001")).toBe("0.00001");
  expect(stepOf(62_000, "0.10")).toBe(10);
  expect(stepOf(0.02, "0.01")).toBe(0.01);
});

/** The chart stood still at the load: the next candle never came. */
test("the open candle moves with the price, and the next one begins on time", () => {
  const candles = rows([10, 11]);
  moved(candles, 13, 119, 60);
  expect(candles.at(-1)).toEqual([60, 11, 13, 11, 13, 1]);
  moved(candles, 12, 240, 60);
  expect(candles.slice(2)).toEqual([[120, 13, 13, 13, 13, 0], [180, 13, 13, 13, 13, 0], [240, 13, 13, 12, 12, 0]]);
});

test("the chart is complete without scripts, and live with them", async ({ page }) => {
  await open(page, "/market/BTC");
  const chart = page.locator("[data-chart]");
  await expect(chart.locator("[data-chart-read]")).toContainText(/^1D [+−]\d/);
  await expect(chart.locator("svg path").first()).toBeAttached();
  await page.getByRole("link", { name: "1h, candles of one hour" }).click();
  await expect(page).toHaveURL(/\/market\/BTC\?interval=1h/);
  await expect(page.getByRole("link", { name: "1h, candles of one hour" })).toHaveAttribute("aria-current", "true");
  await expect(chart.locator("[data-chart-read]")).toContainText(/^1h [+−]\d/);
  await page.getByText("Show data table").click();
  await expect(page.getByRole("region", { name: "Chart data" }).getByRole("row")).not.toHaveCount(0);
  await page.getByText("Show data table").click();
  await expectPageHealthy(page);
  if (!scripted()) return;

  await expect(chart).toHaveAttribute("data-state", "live");
  await expect(chart.locator("canvas").first()).toBeVisible();
  const box = chart.locator(".chart-box");
  await box.focus();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await expect(chart.locator("[data-chart-spoken]")).toContainText(/\d{4}-\d\d-\d\d \d\d:00 · open .* close /);
  await page.keyboard.press("Escape");
  await expect(chart.locator("[data-chart-read]")).toContainText(/^1h /);
  await page.getByText("Indicators", { exact: true }).click();
  await page.getByLabel("RSI 14").check();
  await page.getByLabel("EMA 21").check();
  await page.reload();
  await expect(chart).toHaveAttribute("data-state", "live");
  await expect(page.getByLabel("RSI 14"), "the choice is kept").toBeChecked();
});

test("an order is moved by its line", async ({ page, baseURL }) => {
  const url = baseURL ?? "";
  const trader = await createAccount(url);
  const send = await apiClient(url, trader);
  await send("/balance/deposit", { amount: "1000" });
  const quotes = await (await fetch(`${url}/api/v1/inventory/quotes?assets=BTC`)).json();
  const price = Math.round(Number(quotes.data[0].last) * 0.99);
  await send("/orders", { asset_id: "BTC", side: "buy", type: "limit", quantity: "0.01", price: String(price) });
  await signIn(page, url, trader, "/trade/BTC");
  const lines = page.getByRole("list", { name: "Your lines on the chart" });
  const chip = lines.getByRole("link", { name: /^Limit buy / });
  await expect(chip).toBeVisible();
  if (!scripted()) {
    await chip.click();
    await expect(page.getByRole("heading", { name: "Edit limit buy BTC" })).toBeVisible();
    return;
  }
  await expect(page.locator("[data-chart]")).toHaveAttribute("data-state", "live");
  await chip.click();
  const field = lines.getByLabel("New price, USD");
  await expect(field).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await lines.getByRole("button", { name: "Raise the price" }).click();
  await expect(field).toHaveValue(String(Number((price + 10.1).toFixed(1))));
  await lines.getByRole("button", { name: "Keep" }).click();
  await expect(field).toBeHidden();
  await chip.click();
  await field.fill(String(price - 100));
  await lines.getByRole("button", { name: /^Move to / }).click();
  await expect(page.getByText("Order updated.")).toBeVisible();
  await expect(chip).toContainText((price - 100).toLocaleString("en-US"));
  await expectPageHealthy(page);
});

test("nothing moves when the live chart takes over", async ({ page }) => {
  test.skip(!scripted(), "nothing takes over without scripts");
  await page.addInitScript(() => {
    const seen = window as unknown as { shift: number };
    seen.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as unknown as { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await open(page, "/market/ETH");
  await expect(page.locator("[data-chart]")).toHaveAttribute("data-state", "live");
  expect(await page.evaluate(() => (window as unknown as { shift: number }).shift)).toBeLessThan(0.002);
});
