// Several tabs of one browser: they share a stream, and none shows figures of an account that has left.

import { allowConsoleErrors, apiClient, createAccount, expect, open, scripted, settled, signIn, test, type Trader } from "./fixtures";
import type { BrowserContext, Page } from "@playwright/test";

test.beforeEach(() => test.skip(!scripted(), "without scripts a page does not stay connected"));

async function traderWith(url: string, dollars: string): Promise<{ trader: Trader; api: Awaited<ReturnType<typeof apiClient>> }> {
  const trader = await createAccount(url);
  const api = await apiClient(url, trader);
  await api("/balance/deposit", { amount: dollars });
  return { trader, api };
}

/** The streams that are open, now and later. */
function openStreams(context: BrowserContext): () => number {
  const streams = new Map<unknown, Page>();
  context.on("request", (request) => {
    if (request.url().includes("/api/v1/stream")) streams.set(request, request.frame().page());
  });
  context.on("requestfinished", (request) => streams.delete(request));
  context.on("requestfailed", (request) => streams.delete(request));
  // A tab that is closed tells no end of its requests.
  return () => [...streams.values()].filter((page) => !page.isClosed()).length;
}

/** Makes the tabs deaf to each other: they learn of another account from the server alone. */
async function withoutStorage(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    Object.defineProperty(window, "localStorage", {
      get: () => {
        throw new Error("storage is blocked");
      },
    });
  });
}

/** Notes in the document if a text ever shows in it; another document knows nothing of it. */
async function watchFor(page: Page, text: string): Promise<void> {
  await page.exposeFunction("leaked", () => leaks.push(text));
  await page.evaluate((wanted) => {
    const check = (): void => {
      if (document.body.innerText.includes(wanted)) (window as unknown as { leaked: () => void }).leaked();
    };
    new MutationObserver(check).observe(document.body, { subtree: true, childList: true, characterData: true });
  }, text);
}
let leaks: string[] = [];
test.beforeEach(() => void (leaks = []));

// A browser opens six connections to a host. A stream in each tab took all of them: the seventh tab never loaded, and
// an order that was confirmed in it ran a minute late.
test("seven tabs share one stream, and the seventh trades at once", async ({ page, context, baseURL }) => {
  const url = baseURL ?? "";
  const streams = openStreams(context);
  const { trader, api } = await traderWith(url, "1000");
  await signIn(page, url, trader, "/account");
  const tabs: Page[] = [];
  for (let count = 0; count < 6; count += 1) {
    const tab = await context.newPage();
    await open(tab, `${url}/trade/BTC`);
    tabs.push(tab);
  }
  expect(streams(), "streams of seven tabs").toBe(1);

  const [second, seventh] = [tabs[0] as Page, tabs[5] as Page];
  if (await seventh.locator("#sheet-open").isVisible()) await seventh.locator("#sheet-open").click();
  await seventh.locator("#ticket-amount").fill("0.001");
  await seventh.locator("#ticket form button[type=submit]").click();
  await seventh.locator("#confirm button[type=submit]").click();
  await expect(seventh.locator("#form-result")).toContainText("Bought 0.001");
  await expect(page.locator(".account-figure"), "the other tabs hear of it").not.toContainText("1,000.00");

  // The tab with the connection leaves, and the next one opens it.
  await page.close();
  await api("/balance/deposit", { amount: "5000" });
  await open(second, `${url}/account`);
  const third = tabs[1] as Page;
  await expect(third.locator("[data-state=live]").first()).toBeVisible();
  await expect(second.locator(".account-figure")).toContainText(/5,9\d\d\.\d\d\sUSD/);
  await api("/balance/deposit", { amount: "1000" });
  await expect(second.locator(".account-figure")).toContainText(/6,9\d\d\.\d\d\sUSD/);
  expect(streams(), "streams after the leader left").toBe(1);
});

// A tab that the browser has frozen would keep the lock, and no other tab would ever hear of a price.
test("a tab that does not answer loses the stream", async ({ page, context, baseURL }) => {
  const url = baseURL ?? "";
  const streams = openStreams(context);
  const lock = "/api/v1/stream?topics=prices:*";
  const frozen = await context.newPage();
  await frozen.goto(`${url}/health/live`);
  await frozen.evaluate((name) => {
    navigator.locks.request(name, () => new Promise(() => {})).catch(() => {});
  }, lock);
  await page.goto("/market");
  await settled(page);
  // The other way round: a tab whose lock was taken listens, and gets its turn again.
  await frozen.evaluate((name) => navigator.locks.request(name, { steal: true }, () => undefined), lock);
  const prices = (): Promise<string[]> => page.locator("[data-live=last]").allTextContents();
  const before = await prices();
  await expect.poll(async () => (await prices()).filter((price, row) => price !== before[row]).length).toBeGreaterThan(0);
  await expect(page.locator(".connection")).toHaveAttribute("data-state", "live");
  expect(streams()).toBe(1);
});

for (const isDeaf of [false, true]) {
  const title = isDeaf ? " (learned from the server alone)" : "";

  // A stream that reconnected came with the cookie of the user who was signed in by then: the page of one showed the money of
  // the other under "Live".
  test(`a tab of somebody else never shows the new account's figures${title}`, async ({ page, context, browser, baseURL, consoleErrors }) => {
    const url = baseURL ?? "";
    if (isDeaf) await withoutStorage(context);
    const [ada, grace] = [await traderWith(url, "1000"), await traderWith(url, "777")];
    await signIn(page, url, ada.trader, "/account");
    await expect(page.locator(".account-figure")).toContainText("1,000.00 USD");
    await page.evaluate(() => void Object.assign(window, { stayed: true }));
    await watchFor(page, "777.00");

    // The other signs in, and the first never signed out: no page of a visitor comes in between.
    const elsewhere = await browser.newContext();
    await signIn(await elsewhere.newPage(), url, grace.trader, "/account");
    await context.addCookies(await elsewhere.cookies());
    await elsewhere.close();
    const other = await context.newPage();
    await open(other, `${url}/account`);
    if (isDeaf) {
      // The connection breaks, and comes back with the other's session.
      await context.setOffline(true);
      await context.setOffline(false);
    }
    await expect(page.locator("html")).toHaveAttribute("data-username", grace.trader.username);
    await settled(page);
    await expect(page.locator(".account-figure")).toContainText("777.00 USD");
    expect(await page.evaluate(() => (window as unknown as { stayed?: boolean }).stayed), "it is a new page").toBeUndefined();
    expect(leaks, "figures of the other account in the old page").toEqual([]);
    allowConsoleErrors(consoleErrors, /status of 409|ERR_INTERNET_DISCONNECTED|ERR_NETWORK_IO_SUSPENDED/);
  });

  // The tab tried its dead session without end, with the figures of the session still on it.
  test(`signing out in one tab ends the others${title}`, async ({ page, context, baseURL, consoleErrors }) => {
    const url = baseURL ?? "";
    if (isDeaf) await withoutStorage(context);
    const { trader } = await traderWith(url, "1000");
    await signIn(page, url, trader, "/account");
    const other = await context.newPage();
    await open(other, `${url}/profile`);
    await other.locator('form[action="/fn/logout"] button').first().evaluate(
      (button: HTMLButtonElement) => button.form?.submit(),
    );
    await expect(page).toHaveURL(/\/login/);
    await expect(page.locator("body")).not.toContainText("1,000.00");
    allowConsoleErrors(consoleErrors, /status of 401/);
  });
}

// The browser keeps a page for the way back as it was, with the figures of a user who has left.
test("a page that comes back after the session ended is not shown", async ({ page, context, baseURL, consoleErrors }) => {
  const url = baseURL ?? "";
  const { trader } = await traderWith(url, "1000");
  await signIn(page, url, trader, "/account");
  await page.evaluate(() => void dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await expect(page.locator(".account-figure"), "the owner sees it").toBeVisible();
  await context.clearCookies();
  const visibility = await page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    return getComputedStyle(document.body).visibility;
  });
  expect(visibility, "until it is known whose the browser is").toBe("hidden");
  await expect(page).toHaveURL(/\/login/);
  allowConsoleErrors(consoleErrors, /status of 401/);
});

// The browser's translation replaces text nodes. Figures in them would stand still, and look live.
test("a translated page keeps its figures moving", async ({ page, baseURL }) => {
  const url = baseURL ?? "";
  const { trader, api } = await traderWith(url, "1000");
  await signIn(page, url, trader, "/account");
  const translate = (): Promise<void> =>
    page.evaluate(() => {
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const found: Text[] = [];
      while (texts.nextNode()) found.push(texts.currentNode as Text);
      for (const text of found) {
        if (!text.data.trim() || text.parentElement?.closest("[translate=no], script, style, svg")) continue;
        const font = document.createElement("font");
        font.textContent = text.data;
        text.replaceWith(font);
      }
    });
  await translate();
  await api("/balance/deposit", { amount: "234.50" });
  await expect(page.locator(".account-figure")).toContainText("1,234.50 USD");
  await expect(page.locator("main dd").first()).toContainText("1,234.50");

  await open(page, `${url}/market`);
  await translate();
  expect(await page.locator("[data-live] font").count(), "live cells are not translated").toBe(0);
  const prices = (): Promise<string[]> => page.locator("[data-live=last]").allTextContents();
  const before = await prices();
  await expect.poll(async () => (await prices()).filter((price, row) => price !== before[row]).length).toBeGreaterThan(0);
});
