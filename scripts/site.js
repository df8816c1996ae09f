// Writes the site that the server embeds: the public files as they are, and the package's files under names that carry
// a hash of their contents, so that browsers cache them without asking again. Each file is compressed once, ahead of time.
//   node site.js PACKAGE PUBLIC SITE
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, parse } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const [packageFolder, publicFolder, site] = process.argv.slice(2);
const filesOf = (folder) =>
  readdirSync(folder, { recursive: true }).filter((name) => statSync(join(folder, name)).isFile());

const contents = new Map();
for (const name of filesOf(publicFolder)) contents.set(name, readFileSync(join(publicFolder, name)));
for (const name of filesOf(packageFolder)) {
  const bytes = readFileSync(join(packageFolder, name));
  const { dir, name: stem, ext } = parse(name);
  const hash = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
  // The script imports snippets by the names that wasm-bindgen gave them.
  contents.set(join("pkg", dir, dir ? stem + ext : `${stem}.${hash}${ext}`), bytes);
}

const wanted = new Set();
for (const [name, bytes] of contents) {
  const path = join(site, name);
  for (const suffix of ["", ".gz", ".br"]) wanted.add(name + suffix);
  // The brotli form is written last: where it exists, the file is complete.
  if (existsSync(`${path}.br`) && readFileSync(path).equals(bytes)) continue;
  mkdirSync(dirname(path), { recursive: true });
  rmSync(`${path}.br`, { force: true });
  writeFileSync(path, bytes);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }));
}
for (const name of filesOf(site)) if (!wanted.has(name)) rmSync(join(site, name));
