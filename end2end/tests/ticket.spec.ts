// The ticket and what it can place, and closing what was bought: with scripts and without, on a phone and a desktop.

import { apiClient, createAccount, expect, expectPageHealthy, open, scripted, settled, signIn, test } from "./fixtures";
import type { Page } from "@playwright/test";

type Api = (path: string, body: object) => Promise<void>;

/** Prices far from the market on both sides, within the price band. */
const LOW = "20000";
const HIGH = "150000";

/** Somebody with dollars and coins, on this page. */
async function trader(page: Page, url: string, next: string): Promise<Api> {
  const trader = await createAccount(url);
  const api = await apiClient(url, trader);
  await api("/balance/deposit", { amount: "5000" });
  await api("/orders", { order_type: "market_buy", asset_id: "BTC", quantity: "0.02" });
  await signIn(page, url, trader, next);
  return api;
}

/** Chooses one of a few: the input itself is not seen, its label is. */
async function choose(page: Page, field: string, option: string): Promise<void> {
  await page.locator(`label[for="ticket-${field}-${option}"]`).click();
}

/** Fills fields by their names. */
async function fill(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) await page.locator(`#ticket-${name}`).fill(value);
}

/** From the filled ticket to its confirmation. */
async function look(page: Page) {
  await page.locator(".ticket-form button[type=submit]").click();
  const confirm = page.locator("#confirm");
  await expect(confirm).toContainText("Confirm order");
  return confirm;
}

/** Sends what is looked at; ends with the result on the page. */
async function send(page: Page, act: RegExp) {
  await page.locator("#confirm").getByRole("button", { name: act }).click();
  const result = page.locator("#form-result");
  await expect(result).toBeVisible();
  await settled(page);
  return result;
}

function tomorrow(): string {
  return new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
}

test("a limit order until a date that must not fill at once", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=buy&type=limit");
  await fill(page, { price: LOW, amount: "0.01" });
  await page.locator(".when-life > summary").click();
  await choose(page, "time_in_force", "gtd");
  await fill(page, { expires_at: tomorrow() });
  await choose(page, "post_only", "true");
  const confirm = await look(page);
  await expect(confirm).toContainText(`GTD, until ${tomorrow()}\u00a023:59:59\u00a0UTC`);
  await expect(confirm).toContainText("Rejected if it would fill immediately");
  await expectPageHealthy(page);
  await expect(await send(page, /^Buy 0.01 BTC at 20,000.00 for 200.20 USD/)).toContainText("(limit, open)");
  await open(page, "/orders");
  await expect(page.getByRole("region", { name: /^Open/ })).toContainText(tomorrow());
});

test("a stop says that it can fill far from its trigger", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=sell&type=stop");
  await fill(page, { stop_price: LOW, amount: "0.01" });
  const confirm = await look(page);
  await expect(confirm).toContainText("In a fast market");
  await expect(confirm).toContainText("about ");
  await expect(confirm).toContainText("GTC, good till canceled");
  await expect(await send(page, /^Place stop: sell 0.01/)).toContainText("(stop, waiting for trigger)");
});

test("a trailing stop by a percentage", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=sell&type=trailing_stop");
  await fill(page, { trail: "5", amount: "0.01" });
  await look(page);
  await expect(await send(page, /^Place trailing stop: sell 0.01/)).toContainText("5.00%");
  await open(page, "/orders");
  await expect(page.getByRole("region", { name: /^Open/ })).toContainText("trails 5.00%");
});

test("two orders that exclude each other, of which one trails", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=sell&type=oco");
  await fill(page, { amount: "0.01", take_profit: HIGH });
  await expect(page.locator("#ticket-stop_loss_trail")).toBeHidden();
  await choose(page, "stop_loss_type", "trailing_stop");
  await expect(page.locator("#ticket-stop_loss")).toBeHidden();
  await fill(page, { stop_loss_trail: "10" });
  const confirm = await look(page);
  await expect(confirm).toContainText("trailing by 10.00%");
  const result = await send(page, /^Place OCO: sell 0.01/);
  await expect(result).toContainText("sell 0.01 BTC at 150,000.00 USD (limit, open)");
  await expect(result).toContainText("(trailing stop, ");
  await open(page, "/orders");
  const list = page.getByRole("region", { name: /^Open/ });
  await expect(list).toContainText("OCO · SL");
  await expect(list).toContainText("OCO · TP");
  await list.getByRole("button", { name: /^Cancel .* order for BTC$/ }).first().click();
  await expect(page.getByText("together with the linked order")).toBeVisible();
  await expect(page.getByText("No open orders")).toBeVisible();
});

test("two purchases that exclude each other", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=buy&type=oco");
  await expect(page.getByRole("textbox", { name: "Limit price below market, USD" })).toBeVisible();
  await fill(page, { amount: "0.01", take_profit: LOW, stop_loss: HIGH });
  await look(page);
  await expect(await send(page, /^Place OCO: buy 0.01/)).toContainText("(stop, waiting for trigger)");
});

test("a purchase whose exits are a profit and a trailing stop", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=buy&type=market");
  await fill(page, { amount: "0.01" });
  await page.getByText("Add take-profit / stop-loss").click();
  await fill(page, { take_profit: HIGH });
  await choose(page, "stop_loss_type", "trailing_stop");
  await fill(page, { stop_loss_trail: "10" });
  await look(page);
  const result = await send(page, /^Buy 0.01 BTC for about .*, TP 150,000.00 · SL trailing by 10.00%$/);
  await expect(result).toContainText("Bought 0.01 BTC");
  await expect(result).toContainText("(trailing stop, ");
  await result.getByRole("link", { name: "Order details" }).click();
  await expect(page).toHaveURL(/\/orders\/ord_/);
  await settled(page);
  await expect(page.locator("#fills")).toContainText("verified");
  await expect(page.locator("#fills")).not.toContainText("does not match the rules");
  await expectPageHealthy(page);
});

test("a stop-limit exit asks for the limit that is missing", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=buy&type=market");
  await fill(page, { amount: "0.01" });
  await page.getByText("Add take-profit / stop-loss").click();
  await choose(page, "stop_loss_type", "stop_limit");
  await fill(page, { stop_loss: LOW });
  await page.locator(".ticket-form button[type=submit]").click();
  await expect(page.locator("#ticket-stop_loss_price")).toHaveAttribute("aria-invalid", "true");
  await fill(page, { stop_loss_price: "19900" });
  await look(page);
  await expect(await send(page, /^Buy 0.01 BTC .*, SL 20,000.00$/)).toContainText("(stop-limit, ");
});

test("an amount in dollars never becomes coins", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=buy&type=market");
  await choose(page, "unit", "usd");
  await expect(page.getByRole("textbox", { name: "Amount in USD" })).toBeVisible();
  await page.locator("#ticket-amount").fill("100");
  await page.getByRole("navigation", { name: "Order type" }).getByRole("link", { name: "Stop", exact: true }).click();
  await expect(page).toHaveURL(/type=stop/);
  await expect(page.getByRole("textbox", { name: "Amount in BTC" })).toHaveValue("");
});

test("another unit is another number, and back again the one that was typed", async ({ page, baseURL }) => {
  test.skip(!scripted(), "without scripts amount and unit are sent together");
  await trader(page, baseURL ?? "", "/trade/BTC?side=buy&type=market");
  await fill(page, { amount: "0.01" });
  await choose(page, "unit", "usd");
  const amount = page.locator("#ticket-amount");
  await expect(amount).toHaveValue(/^\d+\.\d\d$/);
  await choose(page, "unit", "asset");
  await expect(amount).toHaveValue("0.01");
});

test("what one has forbidden oneself is told before an order is sent", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/guards");
  const form = page.getByRole("region", { name: "Edit limits" });
  await form.getByLabel("Max order, USD").fill("100");
  await form.getByRole("button", { name: "Save limits" }).click();
  await expect(page.getByText("Risk limits saved.")).toBeVisible();
  await open(page, "/trade/BTC?side=buy&type=market");
  await fill(page, { amount: "0.01" });
  await page.locator(".ticket-form button[type=submit]").click();
  await expect(page.getByRole("alert").first()).toContainText("limit of 100.00 USD");
});

test("prices that are paused do not stop an order", async ({ page, baseURL }) => {
  test.skip(!scripted(), "without scripts prices do not move");
  test.skip((page.viewportSize()?.width ?? 0) < 960, "on a phone the ticket covers the switch");
  await trader(page, baseURL ?? "", "/trade/BTC?side=sell&type=market");
  await page.getByRole("button", { name: "Pause live prices" }).click();
  await expect(page.locator("#ticket")).toContainText("Live prices paused");
  await fill(page, { amount: "0.01" });
  const confirm = await look(page);
  await confirm.getByRole("button", { name: /^Sell 0.01/ }).click();
  await expect(page.locator("#form-result")).toContainText("Sold 0.01 BTC");
});

test("a position is closed in part, then whole", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/portfolio");
  await page.getByRole("link", { name: "Close… BTC" }).click();
  const panel = page.getByRole("region", { name: "Close BTC position" });
  await panel.getByLabel("Amount").selectOption("50%");
  await panel.getByRole("button", { name: "Preview sale" }).click();
  await expect(panel.getByRole("group", { name: "Confirm sale" })).toContainText("0.01 BTC");
  await expectPageHealthy(page);
  await panel.getByRole("button", { name: /^Sell 0.01 BTC for about/ }).click();
  await expect(page.locator("#form-result")).toContainText("Sold 0.01 BTC");
  if (scripted()) await expect(page.locator("#form-result")).toBeFocused();

  await open(page, "/trade/BTC?dock=balances");
  const more = page.getByRole("region", { name: "Balances" });
  await more.getByText("Close BTC position…").click();
  await more.getByLabel("Amount").selectOption("Custom");
  await more.getByLabel("Custom %").fill("0");
  await more.getByRole("button", { name: "Preview sale" }).click();
  await expect(more.getByLabel("Custom %")).toHaveAttribute("aria-invalid", "true");
  await more.getByLabel("Amount").selectOption("100%");
  await more.getByRole("button", { name: "Preview sale" }).click();
  await more.getByRole("button", { name: /^Sell 0.01 BTC for about/ }).click();
  await expect(page.locator("#form-result")).toContainText("Sold 0.01 BTC");
  await expect(more.getByText("Close BTC position")).toHaveCount(0);
  await expect(more.getByRole("link", { name: "Risk limits" })).toBeVisible();
});

test("every page of standing instructions and open orders is sound", async ({ page, baseURL }) => {
  const api = await trader(page, baseURL ?? "", "/orders");
  await api("/orders", { order_type: "limit_buy", asset_id: "BTC", quantity: "0.01", price: LOW });
  await api("/order-groups", {
    kind: "oco",
    asset_id: "BTC",
    side: "sell",
    quantity: "0.01",
    take_profit: { price: HIGH },
    stop_loss: { trail_bps: 1000 },
  });
  await api("/recurring", { asset_id: "ETH", amount: "25", interval: "daily", time: "09:00" });
  await api("/alerts", { asset_id: "BTC", price: LOW });
  for (const path of ["/orders", "/orders?cancel_all=all", "/recurring", "/alerts", "/guards", "/guards?kill=on", "/portfolio?close=BTC", "/trade/BTC"]) {
    await open(page, path);
    await expectPageHealthy(page);
  }
  await open(page, "/orders");
  await page.getByRole("region", { name: /^Open/ }).getByRole("link", { name: /^Edit/ }).last().click();
  await expect(page.getByRole("region", { name: "Edit limit buy BTC" })).toBeVisible();
  await expectPageHealthy(page);
});
