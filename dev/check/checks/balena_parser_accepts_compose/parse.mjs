// Print why balena's own parser refuses a compose file; print nothing if it accepts the file:
//   node parse.mjs FOLDER FILE
// FOLDER has the node_modules that package-lock.json names, with the parser's Go program built.
import { createRequire } from "node:module";

const [folder, file] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { parse } = require("@balena/compose-parser");

try {
  await parse(file);
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
}
