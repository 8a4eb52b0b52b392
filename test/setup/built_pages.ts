/** What the project `e2e` begins with: the pages are built, once for all its files. */
import { join } from 'node:path';

import { build } from 'vite';

const ROOT = join(import.meta.dirname, '../..');

/** Where they are, as `npm run build:pages` builds them. */
export const PAGES = join(ROOT, 'dist-pages');

export async function setup(): Promise<void> {
  const before = process.env['NODE_ENV'] ?? 'test';
  // As in a terminal; the test runner says otherwise.
  process.env['NODE_ENV'] = 'production';
  try {
    await build({ logLevel: 'error', configFile: join(ROOT, 'vite.pages.config.ts') });
  } finally {
    process.env['NODE_ENV'] = before;
  }
}
