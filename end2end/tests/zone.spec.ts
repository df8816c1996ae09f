// Times and days of pages are those of the reader's device. A script tells the server the zone; without it, they are UTC.

import { apiClient, createAccount, expect, open, scripted, signIn, test } from "./fixtures";

for (const timezoneId of ["Pacific/Pago_Pago", "Pacific/Kiritimati"]) {
  test.describe(timezoneId, () => {
    test.use({ timezoneId });

    const today = (): string => new Intl.DateTimeFormat("sv-SE", { timeZone: timezoneId }).format(new Date());
    const offset = timezoneId === "Pacific/Pago_Pago" ? "UTC−11" : "UTC+14";

    test("today is the day on the device", async ({ page, baseURL }) => {
      test.skip(!scripted(), "times are UTC without scripts");
      const url = baseURL ?? "";
      const trader = await createAccount(url);
      const api = await apiClient(url, trader);
      await api("/balance/deposit", { amount: "5000" });
      await api("/orders", { order_type: "limit_buy", asset_id: "BTC", quantity: "0.01", price: "20000" });
      await signIn(page, url, trader, "/account");

      const time = page.locator("main td time").first();
      const moment = new Date((await time.getAttribute("datetime")) ?? "");
      const part = (options: Intl.DateTimeFormatOptions): string =>
        new Intl.DateTimeFormat("en-GB", { timeZone: timezoneId, ...options }).format(moment);
      const clock = part({ hour: "2-digit", minute: "2-digit" });
      await expect(time).toHaveText(`${clock}, ${part({ day: "numeric" })} ${part({ month: "short" }).slice(0, 3)}`);
      await expect(time).toHaveAttribute("title", /UTC$/);
      await expect(page.locator("main")).toContainText("Resets at 00:00 UTC");
      await expect(page.locator("main")).toContainText("your time");

      // "To today" of the device has the order of just now, whatever day it is in UTC.
      await open(page, `${url}/orders?from=${today()}&to=${today()}`);
      await expect(page.locator("#orders-history tbody tr")).toHaveCount(1);
    });

    // The calendar's today was refused as past in the west, and ended hours before midnight in the east.
    test("the last day of an order ends at the device's midnight", async ({ page, baseURL }) => {
      test.skip(!scripted(), "times are UTC without scripts");
      const url = baseURL ?? "";
      const trader = await createAccount(url);
      await (await apiClient(url, trader))("/balance/deposit", { amount: "5000" });
      const fields = `side=buy&type=limit&amount=0.01&price=20000&time_in_force=gtd&expires_at=${today()}`;
      await signIn(page, url, trader, `/trade/BTC?${fields}`);
      await page.locator(".ticket-form button[type=submit]").click();
      const confirm = page.locator("#confirm");
      await expect(confirm).toContainText(`GTD, until ${today()} 23:59:59 ${offset}`);
      await confirm.getByRole("button", { name: /^Buy 0.01 BTC/ }).click();
      await expect(page.locator("#form-result")).toContainText("(limit, open)");
      await open(page, `${url}/orders`);
      await expect(page.getByRole("region", { name: /^Open/ })).toContainText(`${today()} 23:59:59 ${offset}`);
    });
  });
}
