// Writes the live chart into the package: our modules as one file, in the order in which they use each other, and the
// library as it is published. No bundler is needed: the modules share no names, which terser checks.
//   node chart.js PACKAGE
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { minify } from "terser";

const MODULES = ["indicators", "figures", "look", "candles", "lines", "chart"];
const LIBRARY = "node_modules/lightweight-charts/dist/lightweight-charts.standalone.production.mjs";

const [packageFolder] = process.argv.slice(2);
mkdirSync(packageFolder, { recursive: true });
const sources = MODULES.map((name) => {
  const source = readFileSync(`app/src/shell/chart/${name}.js`, "utf8").replaceAll(/^import .*\n/gm, "");
  return name === MODULES.at(-1) ? source : source.replaceAll(/^export /gm, "");
});
const { code } = await minify(sources.join("\n"), { module: true });
writeFileSync(join(packageFolder, "chart.js"), code);
copyFileSync(LIBRARY, join(packageFolder, "lightweight-charts.js"));
