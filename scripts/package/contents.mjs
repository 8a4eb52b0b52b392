import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

import { complain, run } from './complaints.mjs';
import { manifest } from './install.mjs';

/** @param {string} tarball */
async function lintManifest(tarball) {
  const bytes = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: new Uint8Array(bytes).buffer },
    strict: true,
  });
  for (const message of messages) {
    complain(`publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`);
  }
}

/**
 * Every link of a document to another file leads somewhere.
 *
 * @param {string} installed
 * @param {string} file
 */
function checkLinks(installed, file) {
  const text = readFileSync(join(installed, file), 'utf8');
  for (const [, target] of text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)) {
    const path = join(installed, dirname(file), target);
    if (!existsSync(path)) complain(`${file} links to ${target}, which is not in the package`);
  }
}

/**
 * @param {string} tarball
 * @param {string} installed the folder of the installed package
 */
export async function checkContents(tarball, installed) {
  await lintManifest(tarball);
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  const documents = files.filter((file) => file.endsWith('.md'));
  for (const needed of ['README.md', 'CHANGELOG.md', 'docs/embedding.md']) {
    if (!documents.includes(needed)) complain(`${needed} is not in the package`);
  }
  for (const file of documents) checkLinks(installed, file);

  const main = join(installed, 'dist/cli/main.js');
  const place = { cwd: installed };
  const version = run('lethe --version', process.execPath, [main, '--version'], place).trim();
  if (version !== manifest.version) complain(`lethe --version says ${version}`);
}
