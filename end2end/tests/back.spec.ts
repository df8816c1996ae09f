// The browser's own cache of whole pages for the way back. Playwright turns it off unless it is told not to.

import { chromium, type Page } from "@playwright/test";
import { apiClient, createAccount, expect, open, scripted, signIn, test } from "./fixtures";

const kept = test.extend<{ keepingPage: Page }>({
  keepingPage: async ({ launchOptions, baseURL, viewport }, use) => {
    const browser = await chromium.launch({ ...launchOptions, ignoreDefaultArgs: ["--disable-back-forward-cache"] });
    const context = await browser.newContext({ baseURL, viewport });
    await use(await context.newPage());
    await browser.close();
  },
});

const mark = (page: Page): Promise<void> => page.evaluate(() => void Object.assign(window, { isKept: true }));
const isKept = (page: Page): Promise<boolean> => page.evaluate(() => "isKept" in window);
const prices = (page: Page): Promise<string[]> => page.locator("[data-live=last]").allTextContents();

kept("a page that the browser has kept goes on with live prices", async ({ keepingPage: page }) => {
  kept.skip(!scripted(), "nothing moves without scripts");
  await open(page, "/market");
  await mark(page);
  await open(page, "/about/fills");
  // A page that was kept fires no `load`.
  await page.goBack({ waitUntil: "commit" });
  expect(await isKept(page), "kept by the browser").toBe(true);
  await expect(page.locator(".connection")).toHaveAttribute("data-state", "live");
  const before = await prices(page);
  await expect.poll(async () => (await prices(page)).filter((price, row) => price !== before[row]).length).toBeGreaterThan(0);
});

kept("a page of an account that has left is not shown again on the way back", async ({ keepingPage: page, baseURL }) => {
  kept.skip(!scripted(), "without scripts nothing is kept: the page is not stored");
  const url = baseURL ?? "";
  const trader = await createAccount(url);
  await (await apiClient(url, trader))("/balance/deposit", { amount: "1234.50" });
  await signIn(page, url, trader, "/account");
  await expect(page.locator(".account-figure")).toContainText("1,234.50");
  await mark(page);
  await open(page, `${url}/about/fills`);
  await page.context().clearCookies();
  // A page that was kept fires no `load`.
  await page.goBack({ waitUntil: "commit" });
  await expect(page).toHaveURL(/\/login/);
  await expect(page.locator("body")).not.toContainText("1,234.50");
});
