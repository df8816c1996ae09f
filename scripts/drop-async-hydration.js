// Empties functions of the bundle that no page calls: the asynchronous hydration of views. It serves documents that are
// streamed, and lazy islands. Ours are hydrated at once, but each type of view names its function in a table, so neither
// the compiler nor wasm-opt may drop it. wasm-opt afterwards removes what only these functions used.
//   node drop-async-hydration.js BUNDLE
import binaryen from "binaryen";
import { readFileSync, writeFileSync } from "node:fs";

const [path] = process.argv.slice(2);
const bundle = binaryen.readBinary(readFileSync(path));
// The functions in those tables and the bodies of their futures. The compiler merges functions that are alike, so what
// drops their values, and what they share with other functions, is in use elsewhere.
const name = /^<.*::into_any::hydrate_async(::\{\{closure\}\})?::h[0-9a-f]{16}$/;
let emptied = 0;
for (let index = 0; index < bundle.getNumFunctions(); index += 1) {
  const function_ = bundle.getFunctionByIndex(index);
  if (!name.test(binaryen.getFunctionInfo(function_).name)) continue;
  binaryen.Function.setBody(function_, bundle.unreachable());
  emptied += 1;
}
// Another name in another version of the framework would make the bundle larger without a word.
if (!emptied) throw new Error(`${path} has no function named hydrate_async`);
writeFileSync(path, bundle.emitBinary());
