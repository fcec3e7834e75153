// Print why balena's own parser refuses a compose file, nothing if it takes it:
//   node parse.mjs FOLDER FILE
// FOLDER has node_modules with what package-lock.json names.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, file] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { normalize } = require("@balena/compose/dist/parse");
const yaml = require("js-yaml");

try {
  normalize(yaml.load(readFileSync(file, "utf8")));
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
}
