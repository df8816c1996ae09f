// The account's own affairs, and finding one's way in lists: with scripts and without.

import { allowConsoleErrors, apiClient, createAccount, expect, open, scripted, settled, signIn, test } from "./fixtures";

test("a new password ends the other sessions and signs in", async ({ page, baseURL, consoleErrors }) => {
  const url = baseURL ?? "";
  const trader = await createAccount(url);
  const elsewhere = await apiClient(url, trader);
  await elsewhere("/balance/deposit", { amount: "1" });
  await signIn(page, url, trader, "/profile");
  const form = page.getByRole("region", { name: "Password", exact: true });
  const change = async (current: string, chosen: string): Promise<void> => {
    await form.getByLabel("Current password").fill(current);
    await form.getByLabel("New password").fill(chosen);
    await form.getByRole("button", { name: "Change password" }).click();
  };
  await change("Wrong-Horse-77", "Another-Horse-8");
  await expect(form.getByLabel("Current password")).toHaveAttribute("aria-invalid", "true");
  await expect(form.getByText("This is not your current password").first()).toBeVisible();
  await settled(page);
  await change(trader.password, "Another-Horse-8");
  await expect(page.getByText("Password changed.")).toBeVisible();
  await expect(elsewhere("/balance/deposit", { amount: "1" })).rejects.toThrow("401");
  await page.context().clearCookies();
  await signIn(page, url, { ...trader, password: "Another-Horse-8" }, "/profile");
  allowConsoleErrors(consoleErrors, /status of 422/);
});

test("another email needs the password, and failed sign-ins are shown", async ({ page, baseURL, consoleErrors }) => {
  const url = baseURL ?? "";
  const trader = await createAccount(url);
  await signIn(page, url, trader, "/profile");
  const form = page.getByRole("region", { name: "Personal details" });
  const change = async (password: string): Promise<void> => {
    await form.getByLabel("Email", { exact: true }).fill(`${trader.username}@elsewhere.example`);
    await form.getByLabel("Current password").fill(password);
    await form.getByRole("button", { name: "Save changes" }).click();
  };
  await change("Wrong-Horse-77");
  await expect(form.getByLabel("Current password")).toHaveAttribute("aria-invalid", "true");
  await settled(page);
  await change(trader.password);
  await expect(page.getByText("Profile saved.")).toBeVisible();
  const events = page.getByRole("region", { name: "Recent sign-ins" });
  await expect(events.getByText("Email or phone changed")).toBeVisible();
  await expect(events.getByText("Wrong current password")).toBeVisible();
  await expect(events.getByText("Signed in · this session")).toBeVisible();
  await expect(page.getByLabel("New password")).toHaveAttribute("passwordrules", /required: special/);
  allowConsoleErrors(consoleErrors, /status of 422/);
});

test("preferences are there with the first byte of the next page", async ({ page, baseURL }) => {
  const url = baseURL ?? "";
  await signIn(page, url, await createAccount(url), "/profile");
  const html = page.locator("html");
  await expect(html).toHaveAttribute("data-palette", "red-green");
  await page.getByLabel("Blue up, orange down").check();
  await page.getByLabel("Dark").last().check();
  await page.getByRole("button", { name: "Save preferences" }).click();
  await expect(page.getByText("Preferences saved")).toBeVisible();
  await expect(html).toHaveAttribute("data-palette", "blue-orange");
  await expect(html).toHaveAttribute("data-theme", "dark");
  await open(page, "/market");
  await expect(html).toHaveAttribute("data-palette", "blue-orange");
  if (scripted()) {
    const colour = await page.locator(".market .rise").first().evaluate((cell) => getComputedStyle(cell).color);
    expect(colour).toBe("rgb(56, 189, 248)");
  }
});

test("the market is read forwards and back", async ({ page }) => {
  await open(page, "/market");
  const first = page.locator("table.market tbody .rank").first();
  const steps: [string, string][] = [["Next", "51"], ["Next", "101"], ["Previous", "51"], ["Previous", "1"]];
  for (const [link, rank] of steps) {
    await page.getByRole("link", { name: link, exact: true }).click();
    // A phone does not show the ranks, but they are there.
    await expect(first).toHaveText(new RegExp(`^★?${rank}$`));
  }
  await expect(page.getByRole("link", { name: "Previous", exact: true })).toHaveCount(0);
});

test("the ticket of a phone is a sheet", async ({ page, baseURL }) => {
  const url = baseURL ?? "";
  await signIn(page, url, await createAccount(url), "/trade/ETH");
  const bar = page.getByRole("navigation", { name: "Order ticket" });
  const ticket = page.locator("#ticket");
  if (!(await bar.isVisible())) {
    await expect(ticket).toBeVisible();
    return;
  }
  await expect(ticket).toBeHidden();
  await bar.getByRole("link", { name: "Sell" }).click();
  await expect(ticket).toBeVisible();
  await expect(ticket.getByRole("link", { name: "Sell" })).toHaveAttribute("aria-current", "true");
  await page.getByRole("link", { name: "Close" }).click();
  await expect(ticket).toBeHidden();
  await page.goBack();
  await expect(ticket).toBeVisible();
});
