// What only happens while a page stays open: an interruption, and a trade without a pointer.

import { allowConsoleErrors, apiClient, createAccount, expect, open, scripted, settled, signIn, startTestServer, test } from "./fixtures";

test.beforeEach(() => test.skip(!scripted(), "without scripts a page does not stay connected"));

test("a page lives through a restart of the server and misses nothing", async ({ page, consoleErrors }) => {
  const server = await startTestServer();
  try {
    const trader = await createAccount(server.url);
    await signIn(page, server.url, trader, "/account");
    const deposit = await apiClient(server.url, trader);
    await deposit("/balance/deposit", { amount: "1000" });
    await expect(page.locator(".account-figure")).toContainText("1,000.00 USD");
    // A reload would forget this; so would it be seen that the server says goodbye before it goes.
    await page.evaluate(() => {
      const seen = window as unknown as { stayed: boolean; drained: boolean };
      seen.stayed = true;
      const stream = new EventSource("/api/v1/stream?topics=system");
      stream.addEventListener("server.draining", () => {
        seen.drained = true;
        stream.close();
      });
      return new Promise((done) => stream.addEventListener("open", done));
    });

    await server.restart(async () => {
      await expect(page.locator(".connection")).toHaveAttribute("data-state", "reconnecting");
      await expect(page.getByText("Reconnecting", { exact: true })).toBeVisible();
      expect(await page.evaluate(() => (window as unknown as { drained?: boolean }).drained)).toBe(true);
    });
    // Booked before the page is back: it is told afterwards.
    const again = await apiClient(server.url, trader);
    await again("/balance/deposit", { amount: "234.50" });

    await settled(page);
    await expect(page.locator(".account-figure")).toContainText("1,234.50 USD");
    await expect(page.locator("#history")).toContainText("+234.50");
    await again("/balance/withdraw", { amount: "34.50" });
    await expect(page.locator(".account-figure")).toContainText("1,200.00 USD");
    await expect(page.locator("#history")).toContainText("−34.50");
    expect(await page.evaluate(() => (window as unknown as { stayed?: boolean }).stayed)).toBe(true);
    allowConsoleErrors(consoleErrors, /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|status of 503/);
  } finally {
    await page.goto("about:blank");
    await server.stop();
  }
});

test("a purchase needs no pointer", async ({ page, baseURL }) => {
  const url = baseURL ?? "";
  const trader = await createAccount(url);
  await (await apiClient(url, trader))("/balance/deposit", { amount: "1000" });
  await signIn(page, url, trader, "/trade/BTC");

  /** Walks on with Tab until the focus is where the selector points. */
  const walkTo = async (selector: string): Promise<void> => {
    for (let steps = 0; steps < 60; steps += 1) {
      if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`the focus never came to ${selector}`);
  };

  const isPhone = await page.locator("#sheet-open").isVisible();
  if (isPhone) {
    await walkTo("#sheet-open");
    await page.keyboard.press("Enter");
    await expect(page.locator("#ticket-amount")).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(page.locator("#ticket")).toBeHidden();
    await expect(page.locator("#sheet-open")).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.locator("#ticket-amount")).toBeFocused();
  }
  await walkTo("#ticket-amount");
  await page.keyboard.type("0.01");
  await walkTo("#ticket form button[type=submit]");
  await page.keyboard.press("Enter");
  await expect(page.locator("#confirm")).toBeFocused();
  // Escape closes the confirmation alone.
  await page.keyboard.press("Escape");
  await expect(page.locator("#confirm")).toHaveCount(0);
  await expect(page.locator("#ticket-amount")).toBeFocused();
  await walkTo("#ticket form button[type=submit]");
  await page.keyboard.press("Enter");
  await expect(page.locator("#confirm")).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.locator("#form-result")).toBeFocused();
  await expect(page.locator("#form-result")).toContainText("Bought 0.01");
});

test("nothing moves while a page comes alive", async ({ page }) => {
  await page.addInitScript(() => {
    const seen = window as unknown as { shift: number };
    seen.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as unknown as { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  for (const path of ["/", "/market", "/market/BTC", "/trade/BTC", "/login"]) {
    await open(page, path);
    const shift = await page.evaluate(() => (window as unknown as { shift: number }).shift);
    expect(shift, path).toBeLessThan(0.002);
  }
});
