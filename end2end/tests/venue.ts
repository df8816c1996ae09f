// A running venue for the tests, and a page that fails its test on any error in the console.

import { expect, test as base, type Page } from "@playwright/test";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const binary = resolve(process.env.CARGO_TARGET_DIR ?? "../target", "release/cnop");

export type Trader = { username: string; password: string };

let traders = 0;

/** Somebody who has no account yet. */
export function newTrader(): Trader {
  traders += 1;
  return { username: `trader_${process.pid}_${traders}`, password: "Correct-Horse-9" };
}

async function startVenue(): Promise<{ url: string; stop: () => Promise<void> }> {
  const data = mkdtempSync(join(tmpdir(), "cnop-end2end-"));
  const child = spawn(binary, ["serve", "--listen", "127.0.0.1:0", "--data-dir", data], {
    // The whole suite comes from one address: quotas for one person would stop it.
    env: { PATH: process.env.PATH, CNOP_QUOTA_MULTIPLIER: "1000", CNOP_LOG: "warn", CNOP_SEED: "7" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  const url = await new Promise<string>((found, failed) => {
    child.once("exit", (code) => failed(new Error(`the server ended with ${code}`)));
    child.once("error", failed);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const address = /^listening on (http:\/\/\S+)$/.exec(line)?.[1];
      if (address) found(address);
    });
  });
  return {
    url,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      rmSync(data, { recursive: true });
    },
  };
}

export const test = base.extend<{ complaints: string[] }, { venue: { url: string } }>({
  venue: [
    async ({}, use) => {
      const venue = await startVenue();
      await use(venue);
      await venue.stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ venue }, use) => use(venue.url),
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      await use(complaints);
      expect(complaints, "the console is silent").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Whether this project's browser runs scripts. */
export function scripted(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}

/** Opens a page and, where scripts run, waits until the application has taken over. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await settled(page);
}

/** Waits until the application has taken over the page: its stream is open and the first prices are there. */
export async function settled(page: Page): Promise<void> {
  if (scripted()) await expect(page.locator(".connection")).toHaveAttribute("data-state", "live");
}
