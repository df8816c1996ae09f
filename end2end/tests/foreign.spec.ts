// What extensions, translators and password managers put into a page neither stops its prices nor its forms.

import { apiClient, createAccount, expect, open, scripted, settled, signIn, test } from "./fixtures";
import type { Page } from "@playwright/test";

/** Each is put in as soon as the parser has made its place, as an extension does before the islands come alive. */
const INSERTIONS: [string, () => void][] = [
  ["first in the body", () => document.body?.querySelector("#ext") ?? document.body?.prepend(Object.assign(document.createElement("div"), { id: "ext" }))],
  ["last in the body", () => document.body?.append(document.querySelector("#ext") ?? Object.assign(document.createElement("div"), { id: "ext" }))],
  ["a link in the head", () => document.head?.querySelector("#ext") ?? document.head?.append(Object.assign(document.createElement("link"), { id: "ext", rel: "author" }))],
  ["an extension after the main part", () => document.querySelector("grammarly-extension") ?? document.querySelector("main")?.after(document.createElement("grammarly-extension"))],
  [
    "an icon after each password",
    () => {
      for (const field of document.querySelectorAll("input[type=password]")) {
        if (field.nextElementSibling?.className !== "ext") field.after(Object.assign(document.createElement("span"), { className: "ext" }));
      }
    },
  ],
  [
    "attributes of fields",
    () => {
      for (const field of document.querySelectorAll("input:not([data-lpignore])")) field.setAttribute("data-lpignore", "true");
    },
  ],
  // Those put their own elements beside a field, within the island.
  [
    "an element of its own beside each field",
    () => {
      for (const field of document.querySelectorAll("input")) {
        if (field.nextElementSibling?.localName !== "com-1password-button") field.after(document.createElement("com-1password-button"));
      }
    },
  ],
];

/** Inserts until the document is read; the islands come alive after it. */
async function insert(page: Page, change: () => void): Promise<void> {
  await page.addInitScript(`{
    const change = ${change.toString()};
    const observer = new MutationObserver(() => {
      observer.disconnect();
      change();
      if (document.readyState === "loading") observer.observe(document, { childList: true, subtree: true });
    });
    observer.observe(document, { childList: true, subtree: true });
  }`);
}

const prices = (page: Page): Promise<string[]> => page.locator("[data-live=last]").allTextContents();

async function expectPricesMove(page: Page): Promise<void> {
  const before = await prices(page);
  await expect.poll(async () => (await prices(page)).filter((price, row) => price !== before[row]).length).toBeGreaterThan(0);
}

for (const [name, change] of INSERTIONS) {
  test(`foreign elements before hydration: ${name}`, async ({ page, baseURL }) => {
    test.skip(!scripted(), "nothing hydrates without scripts");
    const url = baseURL ?? "";
    const trader = await createAccount(url);
    await (await apiClient(url, trader))("/balance/deposit", { amount: "5000" });
    await insert(page, change);
    await signIn(page, url, trader, "/trade/BTC?side=buy&type=limit&amount=0.01&price=20000");
    await page.locator(".ticket-form button[type=submit]").click();
    await page.locator("#confirm").getByRole("button", { name: /^Buy 0.01 BTC/ }).click();
    await expect(page.locator("#form-result")).toContainText("(limit, open)");
    await settled(page);
    await open(page, `${url}/market`);
    await expectPricesMove(page);
  });
}

test("foreign elements during ticks", async ({ page, baseURL }) => {
  test.skip(!scripted(), "nothing moves without scripts");
  await open(page, `${baseURL ?? ""}/market`);
  await page.evaluate(() => {
    for (const cell of document.querySelectorAll("main td, main a, main h1")) {
      cell.append(document.createElement("ext-icon"));
      cell.prepend(document.createElement("span"));
    }
    document.body.prepend(document.createElement("ext-toolbar"));
  });
  await expectPricesMove(page);
  // Moved within the document, an island goes on.
  await page.evaluate(() => {
    const main = document.querySelector("main");
    const wrapper = document.createElement("div");
    main?.replaceWith(wrapper);
    if (main) wrapper.append(main);
  });
  await expectPricesMove(page);
});
