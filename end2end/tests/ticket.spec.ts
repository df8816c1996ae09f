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

/** From the filled ticket to its second look. */
async function look(page: Page) {
  await page.locator(".ticket-form button[type=submit]").click();
  const confirm = page.locator("#confirm");
  await expect(confirm).toContainText("Check your order");
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
  await page.getByText("How long it lives").click();
  await choose(page, "time_in_force", "gtd");
  await fill(page, { expires_at: tomorrow() });
  await choose(page, "post_only", "true");
  const confirm = await look(page);
  await expect(confirm).toContainText(`Until the end of ${tomorrow()}, UTC`);
  await expect(confirm).toContainText("Refused (post-only)");
  await expectPageHealthy(page);
  await expect(await send(page, /^Place a limit order: buy 0.01/)).toContainText("It waits for its price.");
  await open(page, "/orders");
  await expect(page.getByRole("region", { name: /^Open/ })).toContainText(tomorrow());
});

test("a stop says that it can fill far from its trigger", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=sell&type=stop");
  await fill(page, { stop_price: LOW, amount: "0.01" });
  const confirm = await look(page);
  await expect(confirm).toContainText("After a jump");
  await expect(confirm).toContainText("about ");
  await expect(confirm).toContainText("Until it is canceled");
  await expect(await send(page, /^Place a stop order: sell 0.01/)).toContainText("It waits for its trigger.");
});

test("a trailing stop by a percentage", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=sell&type=trailing_stop");
  await fill(page, { trail: "5", amount: "0.01" });
  await look(page);
  await expect(await send(page, /^Place a trailing stop order/)).toContainText("5.00 %");
  await open(page, "/orders");
  await expect(page.getByRole("region", { name: /^Open/ })).toContainText("Best price so far, USD");
});

test("two orders that exclude each other, of which one trails", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=sell&type=oco");
  await fill(page, { amount: "0.01", take_profit: HIGH });
  await expect(page.locator("#ticket-stop_loss_trail")).toBeHidden();
  await choose(page, "stop_loss_type", "trailing_stop");
  await expect(page.locator("#ticket-stop_loss")).toBeHidden();
  await fill(page, { stop_loss_trail: "10" });
  const confirm = await look(page);
  await expect(confirm).toContainText("10.00 % behind");
  const result = await send(page, /^Place both: sell 0.01/);
  await expect(result).toContainText("Limit: sell 0.01 BTC at 150,000.00 USD");
  await expect(result).toContainText("Trailing stop: sell 0.01 BTC");
  await open(page, "/orders");
  const list = page.getByRole("region", { name: /^Open/ });
  await expect(list).toContainText("Canceling it cancels the other of the pair too.");
  await list.getByRole("button", { name: /^Cancel/ }).first().click();
  await expect(page.getByText("and with it the other of its pair")).toBeVisible();
  await expect(page.getByText("No order is open")).toBeVisible();
});

test("two purchases that exclude each other", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=buy&type=oco");
  await expect(page.getByRole("textbox", { name: "Buy lower (limit), USD" })).toBeVisible();
  await fill(page, { amount: "0.01", take_profit: LOW, stop_loss: HIGH });
  await look(page);
  await expect(await send(page, /^Place both: buy 0.01/)).toContainText("Stop: buy 0.01 BTC");
});

test("a purchase whose exits are a profit and a trailing stop", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=buy&type=market");
  await fill(page, { amount: "0.01" });
  await page.getByText("Exits: a profit, a stop").click();
  await fill(page, { take_profit: HIGH });
  await choose(page, "stop_loss_type", "trailing_stop");
  await fill(page, { stop_loss_trail: "10" });
  await look(page);
  const result = await send(page, /^Buy 0.01 BTC for about .*, with both exits$/);
  await expect(result).toContainText("Bought 0.01 BTC");
  await expect(result).toContainText("Trailing stop: sell 0.01 BTC");
  await result.getByRole("link", { name: "The order's story" }).click();
  await expect(page).toHaveURL(/\/orders\/ord_/);
  await settled(page);
  await expect(page.locator("#fills")).toContainText("verified");
  await expect(page.locator("#fills")).not.toContainText("not as the rules make it");
  await expectPageHealthy(page);
});

test("a stop-limit exit asks for the limit that is missing", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=buy&type=market");
  await fill(page, { amount: "0.01" });
  await page.getByText("Exits: a profit, a stop").click();
  await choose(page, "stop_loss_type", "stop_limit");
  await fill(page, { stop_loss: LOW });
  await page.locator(".ticket-form button[type=submit]").click();
  await expect(page.locator("#ticket-stop_loss_price")).toHaveAttribute("aria-invalid", "true");
  await fill(page, { stop_loss_price: "19900" });
  await look(page);
  await expect(await send(page, /^Buy 0.01 BTC .*, with its exit$/)).toContainText("Stop-limit: sell 0.01 BTC");
});

test("an amount in dollars never becomes coins", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=buy&type=market");
  await choose(page, "unit", "usd");
  await expect(page.getByRole("textbox", { name: "Amount in USD" })).toBeVisible();
  await page.locator("#ticket-amount").fill("100");
  await page.getByRole("navigation", { name: "Type of order" }).getByRole("link", { name: "Stop", exact: true }).click();
  await expect(page).toHaveURL(/type=stop/);
  await expect(page.getByRole("textbox", { name: "Amount in BTC" })).toHaveValue("");
});

test("what one has forbidden oneself is told before an order is sent", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/guards");
  const form = page.getByRole("region", { name: "Set, tighten or loosen" });
  await form.getByLabel("Largest order in USD").fill("100");
  await form.getByRole("button", { name: "Save the guard rails" }).click();
  await expect(page.getByText("Your guard rails are saved.")).toBeVisible();
  await open(page, "/trade/BTC?side=buy&type=market");
  await fill(page, { amount: "0.01" });
  await page.locator(".ticket-form button[type=submit]").click();
  await expect(page.getByRole("alert").first()).toContainText("at most 100.00 USD");
});

test("prices that are paused do not stop an order", async ({ page, baseURL }) => {
  test.skip(!scripted(), "without scripts prices do not move");
  test.skip((page.viewportSize()?.width ?? 0) < 960, "on a phone the ticket covers the switch");
  await trader(page, baseURL ?? "", "/trade/BTC?side=sell&type=market");
  await page.getByRole("button", { name: "Pause live prices" }).click();
  await expect(page.locator("#ticket")).toContainText("Live prices are paused");
  await fill(page, { amount: "0.01" });
  const confirm = await look(page);
  await confirm.getByRole("button", { name: /^Sell 0.01/ }).click();
  await expect(page.locator("#form-result")).toContainText("Sold 0.01 BTC");
});

test("a position is closed in part, then whole", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/portfolio");
  await page.getByRole("link", { name: "Close… BTC" }).click();
  const panel = page.getByRole("region", { name: "Close your position in BTC" });
  await panel.getByLabel("How much").selectOption("50 %");
  await panel.getByRole("button", { name: "Look at the sale" }).click();
  await expect(panel.getByRole("group", { name: "Check the sale" })).toContainText("0.01 BTC");
  await expectPageHealthy(page);
  await panel.getByRole("button", { name: /^Sell 0.01 BTC for about/ }).click();
  await expect(page.locator("#form-result")).toContainText("Sold 0.01 BTC");
  if (scripted()) await expect(page.locator("#form-result")).toBeFocused();

  await open(page, "/trade/BTC");
  const more = page.getByRole("region", { name: "What you have" });
  await more.getByText("Close your position in BTC…").click();
  await more.getByLabel("How much").selectOption("Another share");
  await more.getByLabel("Another share in %").fill("0");
  await more.getByRole("button", { name: "Look at the sale" }).click();
  await expect(more.getByLabel("Another share in %")).toHaveAttribute("aria-invalid", "true");
  await more.getByLabel("How much").selectOption("All of it");
  await more.getByRole("button", { name: "Look at the sale" }).click();
  await more.getByRole("button", { name: /^Sell 0.01 BTC for about/ }).click();
  await expect(page.locator("#form-result")).toContainText("Sold 0.01 BTC");
  await expect(more.getByText("Close your position")).toHaveCount(0);
  await expect(more.getByRole("link", { name: "Guard rails" })).toBeVisible();
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
  await page.getByRole("region", { name: /^Open/ }).getByRole("link", { name: /^Change/ }).last().click();
  await expect(page.getByRole("region", { name: "Change the limit buy of BTC" })).toBeVisible();
  await expectPageHealthy(page);
});
