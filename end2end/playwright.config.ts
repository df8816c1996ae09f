import { defineConfig } from "@playwright/test";
import { existsSync } from "node:fs";

// The browser of the system: nothing is downloaded.
const candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = process.env.CHROME_PATH ?? candidates.find((path) => existsSync(path));

const phone = { width: 390, height: 844 };
const desktop = { width: 1440, height: 900 };

export default defineConfig({
  testDir: "tests",
  outputDir: "results",
  // One server with one data directory serves a whole worker; two cores are shared with it.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    launchOptions: {
      executablePath,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
    trace: "off",
    screenshot: "only-on-failure",
  },
  projects: [
    { name: "phone", use: { viewport: phone, hasTouch: true } },
    { name: "desktop", use: { viewport: desktop } },
    { name: "phone, no script", use: { viewport: phone, hasTouch: true, javaScriptEnabled: false } },
    { name: "desktop, no script", use: { viewport: desktop, javaScriptEnabled: false } },
  ],
});
