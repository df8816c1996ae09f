// Orders that wait: seen, changed and canceled; guard rails and alerts. With scripts and without, on a phone and a desktop.

import { apiClient, createAccount, expect, expectPageHealthy, open, scripted, signIn, test } from "./fixtures";
import type { Page } from "@playwright/test";

/** A limit far below the market (within the price band), so that it rests. */
const LIMIT = "20000";

async function withDollars(page: Page, url: string, next: string): Promise<(path: string, body: object) => Promise<void>> {
  const trader = await createAccount(url);
  const api = await apiClient(url, trader);
  await api("/balance/deposit", { amount: "5000" });
  await signIn(page, url, trader, next);
  return api;
}

const limit = { asset_id: "BTC", order_type: "limit_buy", quantity: "0.01", price: LIMIT };

function openOrders(page: Page) {
  return page.getByRole("region", { name: /^Open/ });
}

test("an open order is seen, changed and canceled from the list", async ({ page, baseURL }) => {
  const api = await withDollars(page, baseURL ?? "", "/orders");
  await expect(page.getByText("No open orders")).toBeVisible();
  await api("/orders", limit);
  if (!scripted()) await page.reload();
  const list = openOrders(page);
  await expect(list.getByText("Limit buy BTC")).toBeVisible();
  await expect(list.getByText("20,000.00")).toBeVisible();
  await expect(list.getByText("0 of 0.01 BTC")).toBeVisible();
  await expect(list.getByText(/^200\.20*\sUSD$/)).toBeVisible();
  await expect(list.locator("[data-live=away]")).toContainText("−");

  await list.getByRole("link", { name: /^Edit/ }).click();
  const form = page.getByRole("region", { name: "Edit limit buy BTC" });
  await form.getByLabel("Limit price, USD").fill("1");
  await form.getByRole("button", { name: "Update order" }).click();
  await expect(form.getByLabel("Limit price, USD")).toHaveAttribute("aria-invalid", "true");
  await expect(form.getByLabel("Limit price, USD")).toHaveValue("1");
  await form.getByLabel("Limit price, USD").fill("21000");
  await form.getByRole("button", { name: "Update order" }).click();
  await expect(page.getByText("Order updated.")).toBeVisible();
  await expect(list.getByText("21,000.00")).toBeVisible();
  await expect(form).toHaveCount(0);
  if (scripted()) await expect(page.locator("#form-result")).toBeFocused();

  await list.getByRole("button", { name: "Cancel limit buy order for BTC" }).click();
  await expect(page.getByText("Order canceled.")).toBeVisible();
  await expect(page.getByText("No open orders")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Order placed again.")).toBeVisible();
  await expect(list.getByText("21,000.00")).toBeVisible();
  await list.getByRole("button", { name: "Cancel limit buy order for BTC" }).click();
  await expect(page.getByText("No open orders")).toBeVisible();
  await expect(page.getByRole("table", { name: "Orders, newest first" }).getByText("Canceled").first()).toBeVisible();
});

test("an order's own page cancels and changes it", async ({ page, baseURL }) => {
  const api = await withDollars(page, baseURL ?? "", "/orders");
  await api("/orders", limit);
  await open(page, "/orders");
  await openOrders(page).getByRole("link", { name: "Limit buy BTC" }).click();
  const acts = page.getByRole("region", { name: "Actions" });
  await acts.getByText("Edit order").click();
  await acts.getByLabel("Total quantity (BTC)").fill("0.02");
  await acts.getByRole("button", { name: "Update order" }).click();
  await expect(page.getByText("Order updated.")).toBeVisible();
  await acts.getByRole("button", { name: /^Cancel order/ }).click();
  await expect(page.getByText("Order canceled.")).toBeVisible();
  await expect(acts).toHaveCount(0);
});

test("all orders of an asset are canceled after a confirmation", async ({ page, baseURL }) => {
  const api = await withDollars(page, baseURL ?? "", "/orders");
  await api("/orders", limit);
  await api("/orders", limit);
  await api("/orders", { ...limit, asset_id: "ETH", quantity: "0.1", price: "1000" });
  await open(page, "/orders");
  await openOrders(page).getByRole("link", { name: "Cancel all…" }).click();
  const look = page.getByRole("region", { name: /^Cancel \d+ open orders/ });
  await look.getByRole("link", { name: "BTC only" }).click();
  await look.getByRole("button", { name: "Cancel 2 open orders of BTC" }).click();
  await expect(page.getByText("2 orders canceled.")).toBeVisible();
  await expect(openOrders(page).getByText("Limit buy ETH")).toBeVisible();
  await expect(openOrders(page).getByText("Limit buy BTC")).toHaveCount(0);
});

test("open orders are sorted, picked and closed together", async ({ page, baseURL }) => {
  const api = await withDollars(page, baseURL ?? "", "/orders");
  await api("/orders", limit);
  await api("/orders", { ...limit, price: "30000" });
  await api("/orders", { asset_id: "ETH", order_type: "market_buy", quantity: "0.1" });
  await api("/order-groups", { kind: "oco", side: "sell", asset_id: "ETH", quantity: "0.05", take_profit: { price: "4000" }, stop_loss: { stop_price: "1500" } });
  await open(page, "/orders");
  const list = openOrders(page);
  const first = list.locator("tbody tr").first();
  await list.getByRole("link", { name: "Away" }).click();
  await expect(page).toHaveURL(/sort=away/);
  await expect(list.getByRole("columnheader", { name: "Away" })).toHaveAttribute("aria-sort", "ascending");
  await list.getByRole("link", { name: "Price, USD" }).click();
  await expect(first).toContainText("ETH");
  // The orders of a group stand together in every order.
  await expect(list.locator("tr.joined")).toHaveCount(2);
  await expect(list.locator("tr.joined.first + tr.joined")).toHaveCount(1);
  await expectPageHealthy(page);
  const boxes = list.getByRole("checkbox", { name: "Select Limit buy BTC" });
  for (const box of await boxes.all()) await box.check();
  await list.getByRole("button", { name: "Cancel selected" }).click();
  await expect(page.getByText("2 orders canceled.")).toBeVisible();
  await list.getByRole("link", { name: "Flatten all…" }).click();
  await page.getByRole("button", { name: "Cancel orders (2) and sell positions (1)" }).click();
  await expect(page.getByText("Orders canceled: 2. Positions sold: 1.")).toBeVisible();
  await expect(page.getByText("No open orders")).toBeVisible();
});

test("the history is filtered by status, type and side", async ({ page, baseURL }) => {
  const api = await withDollars(page, baseURL ?? "", "/orders");
  await api("/orders", limit);
  await api("/orders", { asset_id: "BTC", order_type: "market_buy", quantity: "0.01" });
  await open(page, "/orders");
  const filter = page.getByRole("search", { name: "Filter order history" });
  const rows = page.getByRole("table", { name: "Orders, newest first" }).locator("tbody tr");
  await expect(rows).toHaveCount(2);
  // The panel cuts off what stands out of it.
  const cut = await filter.evaluate((form) => {
    const edge = form.getBoundingClientRect().right;
    const fields = [...form.querySelectorAll("input, select, button")];
    return fields.filter((field) => field.getBoundingClientRect().right > edge).map((field) => field.id);
  });
  expect(cut).toEqual([]);
  await filter.getByLabel("Type").selectOption("Limit");
  await filter.getByRole("button", { name: "Filter" }).click();
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("Limit buy");
  await filter.getByLabel("Status").selectOption("All closed");
  await filter.getByRole("button", { name: "Filter" }).click();
  await expect(page.getByText("No orders match")).toBeVisible();
  await page.getByRole("link", { name: "Show all", exact: true }).click();
  await expect(rows).toHaveCount(2);
});

test("a guard rail holds at once and loosens a day later", async ({ page, baseURL }) => {
  const url = baseURL ?? "";
  const trader = await createAccount(url);
  await signIn(page, url, trader, "/guards");
  const now = page.getByRole("region", { name: "Current limits" });
  const form = page.getByRole("region", { name: "Edit limits" });
  const save = form.getByRole("button", { name: "Save limits" });
  await form.getByLabel("Max order, USD").fill("much");
  await save.click();
  await expect(form.getByLabel("Max order, USD")).toHaveAttribute("aria-invalid", "true");
  await form.getByLabel("Max order, USD").fill("100");
  await save.click();
  await expect(page.getByText("Risk limits saved.")).toBeVisible();
  await expect(now).toContainText("100.00 USD");
  await form.getByLabel("Max order, USD").fill("");
  await save.click();
  await expect(now).toContainText("Max order removed on");
  await expect(now).toContainText("100.00 USD");
});

test("the kill switch asks twice and ends every purchase", async ({ page, baseURL }) => {
  const api = await withDollars(page, baseURL ?? "", "/guards");
  await api("/orders", limit);
  const panel = page.getByRole("region", { name: "Kill switch" });
  await panel.getByRole("link", { name: "Turn on the kill switch…" }).click();
  await panel.getByRole("button", { name: "Cancel buy orders and stop" }).click();
  await expect(page.getByText("The kill switch is on. You have no open buy orders.")).toBeVisible();
  await expect(panel.getByRole("button", { name: "Turn off in 24 hours" })).toBeVisible();
  await open(page, "/dashboard");
  await expect(page.getByRole("region", { name: "Needs attention" })).toContainText("Your kill switch is on");
});

test("an alert is set, seen and removed", async ({ page, baseURL }) => {
  const url = baseURL ?? "";
  await signIn(page, url, await createAccount(url), "/market/BTC");
  await page.getByRole("link", { name: "Set alert" }).click();
  const form = page.getByRole("region", { name: "Set alert" });
  await expect(form.getByLabel("Asset")).toHaveValue("BTC");
  await form.getByLabel("Price in USD").fill("30000");
  await form.getByLabel("Note").fill("<b>low</b>");
  await form.getByRole("button", { name: "Set alert" }).click();
  await expect(page.getByText("when the price falls to the level")).toBeVisible();
  const list = page.getByRole("region", { name: "Your alerts" });
  await expect(list.getByText("BTC falls to 30,000.00 USD")).toBeVisible();
  await expect(list.getByText("<b>low</b>")).toBeVisible();
  await list.getByRole("button", { name: /^Remove/ }).click();
  await expect(page.getByText("Alert removed.")).toBeVisible();
  await expect(page.getByText("No alerts")).toBeVisible();
});

test("a recurring order is looked at, made, paused and ended", async ({ page, baseURL }) => {
  await withDollars(page, baseURL ?? "", "/market/ETH");
  await page.getByRole("link", { name: "Recurring buy", exact: true }).click();
  const form = page.getByRole("region", { name: "Recurring buy", exact: true });
  await expect(form.getByLabel("Asset")).toHaveValue("ETH");
  await form.getByRole("button", { name: "Preview" }).click();
  await expect(form.getByLabel("Amount per buy, USD")).toHaveAttribute("aria-invalid", "true");
  await form.getByLabel("Amount per buy, USD").fill("25");
  await form.getByLabel("Frequency").selectOption("Monthly");
  await form.getByLabel("Day of month (if monthly)").fill("31");
  await form.getByRole("button", { name: "Preview" }).click();
  const look = page.getByRole("region", { name: "Preview" });
  await expect(look.getByRole("listitem")).toHaveCount(5);
  await look.getByRole("button", { name: "Start buying 25 USD of ETH monthly" }).click();
  await expect(page.getByText("Recurring buy created.")).toBeVisible();
  const list = page.getByRole("region", { name: "Your recurring buys" });
  await expect(list.getByText("On the 31st of each month, or its last day, at 09:00 UTC")).toBeVisible();
  await list.getByRole("button", { name: /^Pause/ }).click();
  await expect(list.getByText("Paused by you")).toBeVisible();
  await list.getByRole("button", { name: /^Resume/ }).click();
  await expect(page.getByText("Recurring buy resumed.")).toBeVisible();
  await list.getByRole("link", { name: /^Edit/ }).click();
  const change = page.getByRole("region", { name: "Edit recurring buy of ETH" });
  await change.getByLabel("Amount per buy, USD").fill("30");
  await change.getByRole("button", { name: "Save changes" }).click();
  await expect(list.getByText("30.00 USD of ETH")).toBeVisible();
  await list.getByRole("link", { name: /^Delete/ }).click();
  await page.getByRole("button", { name: "Delete recurring buy" }).click();
  await expect(page.getByText("No recurring buys yet")).toBeVisible();
});

test("nothing is wider than a small phone", async ({ page, baseURL }) => {
  const api = await withDollars(page, baseURL ?? "", "/orders");
  await api("/orders", limit);
  await page.setViewportSize({ width: 320, height: 640 });
  for (const path of ["/orders", "/orders?cancel_all=all", "/recurring", "/alerts?asset=BTC", "/guards?kill=on", "/dashboard"]) {
    await open(page, path);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(overflow, path).toBeLessThanOrEqual(0);
  }
});
