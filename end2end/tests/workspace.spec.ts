// The trading workspace: its fold, the way to another asset, the dock, visitors, keys; with scripts and without.

import { apiClient, createAccount, expect, expectPageHealthy, open, scripted, settled, signIn, test } from "./fixtures";
import type { Page } from "@playwright/test";

const isPhone = (page: Page): boolean => (page.viewportSize()?.width ?? 0) < 960;

/** Somebody with dollars and coins, on this page. */
async function trader(page: Page, url: string, next: string): Promise<void> {
  const account = await createAccount(url);
  const api = await apiClient(url, account);
  await api("/balance/deposit", { amount: "5000" });
  await api("/orders", { order_type: "market_buy", asset_id: "BTC", quantity: "0.02" });
  await signIn(page, url, account, next);
}

// The button that places an order lay below the fold for every type of order.
for (const type of ["market", "limit", "stop_limit", "oco"]) {
  test(`the button of a ${type} order is in the window`, async ({ page, baseURL }) => {
    await page.setViewportSize(isPhone(page) ? { width: 390, height: 844 } : { width: 1440, height: 900 });
    await trader(page, baseURL ?? "", `/trade/BTC?side=buy&type=${type}`);
    const button = page.locator(".ticket-form button[type=submit]");
    await expect(button).toBeInViewport({ ratio: 1 });
    await expect(page.locator("#ticket-amount")).toBeInViewport();
    await expect(page.locator(".ticket-form").getByText("Total incl. fee")).toBeInViewport();
    if (!isPhone(page)) {
      await page.locator("footer").scrollIntoViewIfNeeded();
      await expect(button).toBeInViewport({ ratio: 1 });
    }
    await expectPageHealthy(page);
  });
}

test("a visitor sees the whole screen, and signs in at the submit", async ({ page, baseURL }) => {
  const url = baseURL ?? "";
  const account = await createAccount(url);
  await (await apiClient(url, account))("/balance/deposit", { amount: "1000" });
  await open(page, "/trade/ETH?side=buy&type=market");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Ethereum");
  await expect(page.locator(".chart")).toBeVisible();
  await page.locator("#ticket-amount").fill("0.05");
  await expectPageHealthy(page);
  await page.locator(".ticket-form button[type=submit]").click();
  await expect(page).toHaveURL(/\/login\?next=/);
  await page.getByLabel("Username").fill(account.username);
  await page.getByLabel("Password").fill(account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.locator("#confirm")).toContainText("Confirm order");
  await expect(page.locator("#confirm")).toContainText("0.05");
});

test("a side of the quote gives its price to the ticket", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC");
  const ask = page.locator(".pair-facts a").nth(1);
  const shown = (await ask.innerText()).replaceAll(",", "");
  await ask.click();
  await settled(page);
  const price = page.locator("#ticket-price");
  await expect(price).not.toHaveValue("");
  // It may have moved between reading and pressing.
  expect(Math.abs(Number(await price.inputValue()) / Number(shown) - 1)).toBeLessThan(0.01);
  await expect(page.getByRole("navigation", { name: "Order type" }).locator("[aria-current]")).toHaveText("Limit");
});

test("another asset is found by its name", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC");
  const list = page.locator("#pair-list");
  if (scripted()) {
    await page.keyboard.press("/");
    await page.keyboard.type("dogec");
    await expect(list.locator("li:visible")).toHaveCount(1);
    await page.keyboard.press("Enter");
  } else {
    await open(page, "/trade/BTC?find=dogec#pairs");
    await list.getByRole("link", { name: /Dogecoin/ }).click();
  }
  await expect(page).toHaveURL(/\/trade\/DOGE$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Dogecoin");
});

test("the dock has a tab for each list", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC");
  const dock = page.locator("#dock");
  for (const [tab, content] of [
    ["Fills", /0\.02/],
    ["History", /Market buy/],
    ["Balances", /USD available/],
    ["Alerts", /No BTC alerts/],
    ["Open orders", /No open BTC orders/],
  ] as const) {
    await dock.getByRole("link", { name: tab, exact: true }).click();
    await expect(dock).toContainText(content);
    await settled(page);
    await expectPageHealthy(page);
  }
});

test("a reason comes while one types, and goes with its fault", async ({ page, baseURL }) => {
  test.skip(!scripted(), "without scripts the review tells it");
  await trader(page, baseURL ?? "", "/trade/BTC?side=buy&type=market");
  const amount = page.locator("#ticket-amount");
  await amount.fill("99");
  await expect(page.locator("#ticket-amount-error")).toContainText("Maximum per order is 10,000.00 USD");
  await expect(amount).toHaveAttribute("aria-invalid", "true");
  await amount.fill("0.01");
  await expect(page.locator("#ticket-amount-error")).toBeEmpty();
  await expect(amount).not.toHaveAttribute("aria-invalid", "true");
  // The number is what leaves the account, fee included.
  await expect(page.locator(".ticket-form button[type=submit]")).toHaveText(/^Buy 0\.01.BTC for about \d+\.\d\d.USD$/);
});

test("steps, marks and percentages fill in prices", async ({ page, baseURL }) => {
  test.skip(!scripted(), "they need scripts");
  await trader(page, baseURL ?? "", "/trade/BTC?side=buy&type=limit");
  const price = page.locator("#ticket-price");
  await expect(price).not.toHaveValue("");
  await price.fill("60000");
  await price.press("ArrowUp");
  await expect(price).toHaveValue("60000.10");
  await page.getByRole("button", { name: "One tick lower" }).last().click();
  await expect(price).toHaveValue("60000.00");
  await page.getByRole("group", { name: "Fill in a price" }).getByRole("button", { name: "−2%" }).click();
  await expect(price).not.toHaveValue("60000.00");
  await price.fill("-10%");
  await price.press("Tab");
  await expect(price).toHaveValue(/^\d+\.\d\d$/);
});

test("both ends of a bracket are shown with their results", async ({ page, baseURL }) => {
  await trader(page, baseURL ?? "", "/trade/BTC?side=buy&type=market");
  await page.locator("#ticket-amount").fill("0.01");
  await page.getByText("Add take-profit / stop-loss").click();
  await page.locator("#ticket-take_profit").fill("150000");
  await page.locator("#ticket-stop_loss").fill("20000");
  await page.locator(".ticket-form button[type=submit]").click();
  const confirm = page.locator("#confirm");
  await expect(confirm).toContainText(/Take-profit 150,000\.00\s*1,498\.50.USD \(\+/);
  await expect(confirm).toContainText(/Stop-loss 20,000\.00\s*about 199\.80.USD \(−/);
  await expect(confirm).toContainText("Reward to risk");
  await expectPageHealthy(page);
});

test("the keyboard trades, and can be turned off", async ({ page, baseURL }) => {
  test.skip(!scripted() || isPhone(page), "keys need scripts, and a keyboard");
  await trader(page, baseURL ?? "", "/trade/BTC");
  // Two links lead past the bars: the second one to the amount.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.locator("#ticket-amount")).toBeFocused();
  await page.locator("h1").click();
  await page.keyboard.press("s");
  await expect(page.locator("#ticket-amount")).toBeFocused();
  await expect(page).toHaveURL(/side=sell/);
  await page.keyboard.type("0.01");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator("#confirm")).toBeVisible();
  await page.keyboard.press("Control+Enter");
  await expect(page.locator("#form-result")).toContainText("Sold 0.01 BTC");
  await page.locator("h1").click();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByText("Ticket settings").click();
  await page.getByLabel("Turn keyboard shortcuts off").check();
  await page.locator("h1").click();
  await page.keyboard.press("b");
  await expect(page).toHaveURL(/side=sell/);
});

test("an order is placed without confirmation, and once more", async ({ page, baseURL }) => {
  test.skip(!scripted(), "the setting is kept by a script");
  await trader(page, baseURL ?? "", "/trade/BTC?side=buy&type=market");
  await page.getByText("Ticket settings").click();
  await page.getByLabel("Place without confirmation").check();
  await page.locator("#ticket-amount").fill("0.01");
  await page.locator(".ticket-form button[type=submit]").click();
  await expect(page.locator("#form-result")).toContainText("Bought 0.01 BTC");
  await settled(page);
  await page.getByRole("link", { name: "Repeat last: buy 0.01 BTC" }).click();
  await expect(page.locator("#ticket-amount")).toHaveValue("0.01");
});
