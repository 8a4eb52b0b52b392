// In Node, Deno and Bun: prints what was found, as JSON.
import { tryLethe } from './steps.js';

console.log(JSON.stringify(await tryLethe()));
// Dawn keeps Node alive.
globalThis.process.exit(0);
