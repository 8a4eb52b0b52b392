// Entries for `SHIPPED` (src/backend/webgpu/shipped.ts), one of each adapter in a tuning file, for any version of
// its driver:
//
//   npm run shipped -- [FILE]
//
// FILE is what `lethe train` keeps on the machine, `tuning.json` in `lethe` of the user's cache, or JSON of
// `exportTuning()`.
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
const file = process.argv[2] ?? join(cache, 'lethe', 'tuning.json');
/** @type {Record<string, Record<string, string>>} */
const tuning = JSON.parse(readFileSync(file, 'utf8'));
for (const [adapter, fastest] of Object.entries(tuning)) {
  const pattern = adapter
    .replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    // Versions: numbers with points between them.
    .replace(/\d+(\\\.\d+)+/g, '[\\d.]+');
  console.log(`  {\n    adapters: /^${pattern}$/,\n    fastest: {`);
  for (const key of Object.keys(fastest).sort()) {
    console.log(`      ${JSON.stringify(key)}: ${JSON.stringify(fastest[key])},`);
  }
  console.log('    },\n  },');
}
