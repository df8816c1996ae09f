// The market: found while typing, starred, sorted.

import { expect, expectPageHealthy, open, scripted, test } from "./fixtures";

test("an asset is found while its name is typed", async ({ page }) => {
  await open(page, "/market?sort=-change");
  const field = page.getByLabel("Search by name or symbol");
  await field.fill("bitcoin c");
  if (!scripted()) await page.getByRole("button", { name: "Search" }).click();
  await expect(page).toHaveURL(/q=bitcoin(\+|%20)c/);
  await expect(page).toHaveURL(/sort=-change/);
  const rows = page.locator(".market tbody tr");
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("Bitcoin Cash");
  if (scripted()) await expect(field).toBeFocused();
  await expect(field).toHaveValue("bitcoin c");
});

test("a star keeps an asset among the favorites", async ({ page }) => {
  await open(page, "/market?category=favorites");
  await expect(page.getByText("Press the star of an asset")).toBeVisible();
  await open(page, "/market");
  await page.getByRole("button", { name: "Favorite: Ethereum", exact: true }).click();
  await expect(page.getByRole("button", { name: "Favorite: Ethereum", exact: true })).toHaveAttribute("aria-pressed", "true");
  await page.getByRole("link", { name: "★ Favorites" }).click();
  const rows = page.locator(".market tbody tr");
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("ETH");
  await expectPageHealthy(page);
  await page.getByRole("button", { name: "Favorite: Ethereum", exact: true }).click();
  await expect(page.getByText("Press the star of an asset")).toBeVisible();
});
