/**
 * Checks the package as its users get it. Packs it, lints the manifest, looks after the documents,
 * compiles a program against the types, holds what a page loads to the sizes of docs/embedding.md, bundles a
 * page and a worker with each bundler, runs the bundles in Chromium, also under a Content-Security-Policy, and
 * runs the same program in Node, Deno and Bun. Needs a build. Installs the bundlers and runtimes (test/consumers) when they are missing.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { installConsumers } from './consumers.mjs';
import { bundle, BUNDLER_NAMES } from './package/bundles.mjs';
import { attempt, complaints } from './package/complaints.mjs';
import { checkContents } from './package/contents.mjs';
import { install } from './package/install.mjs';
import { runPages } from './package/pages.mjs';
import { runRuntimes } from './package/runtimes.mjs';
import { checkSizes } from './package/sizes.mjs';
import { checkTypes } from './package/types.mjs';

installConsumers();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lethe-package-')));
try {
  const { tarball, installed } = install(folder);
  await checkContents(tarball, installed);
  checkTypes(folder);
  await attempt('sizes', () => checkSizes(folder, installed));
  // First, as its report is what the others are held against.
  await runRuntimes(folder);
  await bundle(folder);
  await attempt('the pages', () => runPages(folder, BUNDLER_NAMES));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

for (const complaint of complaints) console.error(complaint);
process.exit(complaints.length === 0 ? 0 : 1);
