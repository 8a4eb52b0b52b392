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

/** What a strict Content-Security-Policy forbids; `eval()` of a module has nothing to do with it. */
const FROM_TEXT = /\beval\((?!\))|\bnew Function\(|\bsetTimeout\(["'`]/;
/** What reaches a network. `loadModule` fetches what it is told to. */
const NETWORK =
  /\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|RTCPeerConnection|WebTransport|importScripts)\(/;
const MAY_FETCH = join('dist', 'nn', 'save.js');

/**
 * The library makes no code of text, and asks no network unless it is told to.
 *
 * @param {string} installed
 * @param {string} file
 */
function checkScript(installed, file) {
  const text = readFileSync(join(installed, file), 'utf8').replace(/\/\*[^]*?\*\//g, '');
  const [made] = FROM_TEXT.exec(text) ?? [];
  if (made) complain(`${file} makes code of text: ${made}`);
  const [asks] = NETWORK.exec(text) ?? [];
  if ((asks === undefined) === (file === MAY_FETCH)) complain(`${file} and networks: ${asks}`);
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
  const scripts = files.filter((file) => file.startsWith('dist') && file.endsWith('.js'));
  // Those of the command line have other packages within.
  for (const file of scripts.filter((name) => !name.includes('cli'))) checkScript(installed, file);

  const main = join(installed, 'dist/cli/main.js');
  const place = { cwd: installed };
  const version = run('lethe --version', process.execPath, [main, '--version'], place).trim();
  if (version !== manifest.version) complain(`lethe --version says ${version}`);
}
