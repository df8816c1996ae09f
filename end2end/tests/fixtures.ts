// A running server for the tests, and a page that fails its test on any error in the console.

import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type Page } from "@playwright/test";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const binary = resolve(process.env.CARGO_TARGET_DIR ?? "../target", "release/cnop");

export type Trader = { username: string; password: string };

let traders = 0;

/** A trader who has no account yet. */
export function newTrader(): Trader {
  traders += 1;
  return { username: `trader_${process.pid}_${traders}`, password: "Correct-Horse-9" };
}

export type TestServer = {
  url: string;
  /** Ends the server as its operator would, and starts it again at the same address, with the same data. */
  restart: (whileDown?: () => Promise<void>) => Promise<void>;
  stop: () => Promise<void>;
};

type Server = { url: string; end: () => Promise<void> };

async function startServer(listen: string, data: string): Promise<Server> {
  const child = spawn(binary, ["serve", "--listen", listen, "--data-dir", data], {
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
  const end = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
  };
  return { url, end };
}

export async function startTestServer(): Promise<TestServer> {
  const data = mkdtempSync(join(tmpdir(), "cnop-end2end-"));
  let server = await startServer("127.0.0.1:0", data);
  const url = server.url;
  return {
    url,
    restart: async (whileDown) => {
      await server.end();
      await whileDown?.();
      server = await startServer(new URL(url).host, data);
    },
    stop: async () => {
      await server.end();
      rmSync(data, { recursive: true });
    },
  };
}

export const test = base.extend<{ consoleErrors: string[] }, { server: TestServer }>({
  server: [
    async ({}, use) => {
      const server = await startTestServer();
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  consoleErrors: [
    async ({ page }, use) => {
      const consoleErrors: string[] = [];
      page.on("console", (message) => {
        if (message.type() === "error") consoleErrors.push(message.text());
      });
      page.on("pageerror", (error) => consoleErrors.push(String(error)));
      await use(consoleErrors);
      expect(consoleErrors, "the console is silent").toEqual([]);
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

/** Waits until the islands of the page, if it has any, are live: the stream is open and the first prices are there. */
export async function settled(page: Page): Promise<void> {
  if (!scripted()) return;
  await page.waitForLoadState();
  const connection = page.locator(".connection");
  if (await page.locator("leptos-island").count()) await expect(connection).toHaveAttribute("data-state", "live");
}

/** Opens an account over the API. */
export async function createAccount(url: string): Promise<Trader> {
  const trader = newTrader();
  const body = { ...trader, email: `${trader.username}@example.com`, first_name: "Ada", last_name: "Lovelace" };
  await call(url, "/auth/register", body);
  return trader;
}

/** A apiClient's session of the same account, beside the one of the browser. */
export async function apiClient(url: string, trader: Trader): Promise<(path: string, body: object) => Promise<void>> {
  const { access_token } = (await call(url, "/auth/login", trader)) as { access_token: string };
  return async (path, body) => void (await call(url, path, body, access_token));
}

async function call(url: string, path: string, body: object, token?: string): Promise<unknown> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(`${url}/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  expect(answer.ok, `${path} answers ${answer.status}`).toBe(true);
  return answer.json();
}

/** Signs in by the form; ends at `next`. */
export async function signIn(page: Page, url: string, trader: Trader, next: string): Promise<void> {
  await open(page, `${url}/login?next=${encodeURIComponent(next)}`);
  await page.getByLabel("Username").fill(trader.username);
  await page.getByLabel("Password").fill(trader.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(`${url}${next}`);
  await settled(page);
}

/** The browser itself reports refused requests in the console; where one is wanted its line is dropped. */
export function allowConsoleErrors(consoleErrors: string[], wanted: RegExp): void {
  consoleErrors.splice(0, consoleErrors.length, ...consoleErrors.filter((line) => !wanted.test(line)));
}

/** No serious fault of accessibility, nothing that scrolls sideways, one heading of the first level. */
export async function expectPageHealthy(page: Page): Promise<void> {
  await expect(page.locator("h1")).toHaveCount(1);
  // What follows runs inside the page. The HTML is the same where scripts do not run.
  if (!scripted()) return;
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow, "nothing scrolls sideways").toBeLessThanOrEqual(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}
