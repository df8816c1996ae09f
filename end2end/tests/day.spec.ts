// A trader's whole day, from the landing page to signing out.

import type { Page } from "@playwright/test";
import { allowConsoleErrors, expect, expectPageHealthy, newTrader, open, scripted, settled, test, type Trader } from "./fixtures";

async function register(page: Page, trader: Trader): Promise<void> {
  await page.getByLabel("First name").fill("Ada");
  await page.getByLabel("Last name").fill("Lovelace");
  await page.getByLabel("Username").fill(trader.username);
  await page.getByLabel("Email", { exact: true }).fill(`${trader.username}@example.com`);
  await page.getByLabel("Password").fill(trader.password);
  await page.getByRole("button", { name: "Open account" }).click();
  await expect(page).toHaveURL(/\/dashboard/);
  await settled(page);
}

async function transfer(page: Page, direction: "Deposit" | "Withdraw", amount: string): Promise<void> {
  await open(page, "/account");
  const form = page.getByRole("region", { name: direction, exact: true });
  await form.getByLabel("Amount in USD").fill(amount);
  await form.getByRole("button", { name: direction, exact: true }).click();
}

/** Trades on the open trade page; ends with the result on the page. */
async function trade(page: Page, side: "Buy" | "Sell", amount: string): Promise<void> {
  const ticket = page.locator("#ticket");
  await ticket.getByRole("textbox", { name: "Amount in BTC" }).fill(amount);
  await ticket.locator("form button[type=submit]").click();
  await expect(page.getByText("Confirm order")).toBeVisible();
  // The confirmation: a part of the ticket with scripts, a part of the page without.
  const look = page.locator("#confirm, #review");
  await look.getByRole("button", { name: new RegExp(`^${side} .* for about `) }).click();
  const verb = side === "Buy" ? "Bought" : "Sold";
  await expect(page.locator("#form-result")).toContainText(`${verb} ${amount}`);
  await settled(page);
}

/** Dollars of the account page's first figure. */
async function available(page: Page): Promise<number> {
  await open(page, "/account");
  const text = await page.locator(".figures dd").first().innerText();
  return Number(text.replace(/[^0-9.]/g, ""));
}

test("a trader's whole day", async ({ page }) => {
  const trader = newTrader();

  await open(page, "/");
  await expectPageHealthy(page);
  await expect(page.locator("table.market tbody tr")).toHaveCount(10);
  await page.getByRole("link", { name: "Sign in" }).first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
  await expectPageHealthy(page);
  await page.getByRole("link", { name: "Register" }).last().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Open an account");
  await expectPageHealthy(page);
  await register(page, trader);
  await expectPageHealthy(page);

  await transfer(page, "Deposit", "5000");
  await expect(page.locator("#form-result")).toBeVisible();
  await expect(page.locator("#history")).toContainText("+5,000.00");
  await expectPageHealthy(page);

  await open(page, "/market?q=bitcoin");
  await expectPageHealthy(page);
  await page.locator("table.market a", { hasText: "Bitcoin" }).first().click();
  await expect(page).toHaveURL(/\/market\/BTC$/);
  await settled(page);
  await expectPageHealthy(page);
  await page.locator("main").getByRole("link", { name: /^Buy/ }).first().click();
  await expect(page).toHaveURL(/\/trade\/BTC/);
  await settled(page);
  await expectPageHealthy(page);
  await trade(page, "Buy", "0.02");
  await expectPageHealthy(page);

  await open(page, "/portfolio");
  await expect(page.locator("main")).toContainText("Bitcoin");
  await expectPageHealthy(page);
  if (scripted()) {
    // It moves by itself: some figure of the page changes without a reload.
    const figures = page.locator("main");
    const before = await figures.innerText();
    await expect.poll(async () => (await figures.innerText()) !== before, { timeout: 20_000 }).toBe(true);
  }
  await open(page, "/dashboard");
  await expectPageHealthy(page);

  await open(page, "/trade/BTC?side=sell");
  await trade(page, "Sell", "0.02");
  await open(page, "/orders");
  await expect(page.locator("main table tbody tr")).toHaveCount(2);
  await expectPageHealthy(page);
  await page.locator("main table tbody a").first().click();
  await expect(page).toHaveURL(/\/orders\/ord_/);
  await expectPageHealthy(page);

  const before = await available(page);
  expect(before).toBeGreaterThan(4_900);
  expect(before).toBeLessThan(5_100);
  await transfer(page, "Withdraw", "1000");
  await expect(page.locator("#form-result")).toBeVisible();
  await expect(page.locator("#history")).toContainText("−1,000.00");
  expect(await available(page)).toBeCloseTo(before - 1_000, 2);

  await open(page, "/profile");
  await expectPageHealthy(page);
  await page.getByRole("textbox", { name: /^Phone/ }).fill("+44 20 7946 0958");
  await page.getByRole("region", { name: "Personal details" }).getByLabel("Current password").fill(trader.password);
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Profile saved.")).toBeVisible();

  await page.getByRole("region", { name: "Session" }).getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByText("You are signed out.")).toBeVisible();
  await page.goto("/portfolio");
  await expect(page).toHaveURL(/\/login\?next=/);
  await page.getByLabel("Username").fill(trader.username);
  await page.getByLabel("Password").fill(trader.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/portfolio$/);
});

test("refusals stand beside their fields and nothing that was typed is lost", async ({ page, consoleErrors }) => {
  await open(page, "/register");
  await page.getByLabel("First name").fill("Ada");
  await page.getByLabel("Username").fill("no");
  await page.getByRole("button", { name: "Open account" }).click();
  await expect(page.getByRole("alert").first()).toBeVisible();
  await expect(page.getByLabel("Username")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Password")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("First name")).toHaveValue("Ada");
  expect(page.url()).not.toContain("Ada");
  await expectPageHealthy(page);

  await open(page, "/login");
  await page.getByLabel("Username").fill("nobody_here");
  await page.getByLabel("Password").fill("Wrong-Password-1");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert").first()).toContainText("wrong");
  await expect(page.getByLabel("Username")).toHaveValue("nobody_here");
  allowConsoleErrors(consoleErrors, /status of 401/);
});

test("an order that is too large is refused in words", async ({ page }) => {
  await open(page, "/register");
  await register(page, newTrader());
  await open(page, "/trade/BTC?side=buy");
  const ticket = page.locator("#ticket");
  await ticket.getByRole("textbox", { name: "Amount in BTC" }).fill("0.01");
  await ticket.locator("form button[type=submit]").click();
  await expect(page.getByRole("alert").first()).toContainText("0.00 USD available");
});

test("pages that do not exist say so", async ({ page, consoleErrors }) => {
  const answer = await page.goto("/nowhere/at/all");
  expect(answer?.status()).toBe(404);
  await expect(page.locator("h1")).toHaveCount(1);
  allowConsoleErrors(consoleErrors, /status of 404/);
});

for (const theme of ["light", "dark"]) {
  test(`every public page is sound in ${theme}`, async ({ page, context, baseURL }) => {
    await context.addCookies([{ name: "theme", value: theme, url: baseURL ?? "" }]);
    for (const path of ["/", "/market", "/market/ETH", "/about/fills", "/login", "/register", "/design"]) {
      await open(page, path);
      await expectPageHealthy(page);
    }
    await page.setViewportSize({ width: 320, height: 640 });
    for (const path of ["/", "/market", "/market/ETH", "/about/fills", "/login", "/register", "/design"]) {
      await open(page, path);
      await expectPageHealthy(page);
    }
  });
}

test("the API's documentation is readable", async ({ page }) => {
  await page.goto("/docs");
  await expect(page.getByText("/api/v1/orders").first()).toBeVisible();
});
