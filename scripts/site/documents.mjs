import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';

import { frame } from './frame.mjs';
import { codeBlock, escape, renderMarkdown } from './markdown.mjs';
import { reference } from './reference.mjs';
import { searchEntries } from './search_entries.mjs';

/**
 * A group of the list of contents.
 *
 * @typedef {object} Group
 * @property {string} title empty for the first, which stands without one.
 * @property {Document[]} documents
 */

/**
 * A line of the list of contents.
 *
 * @typedef {object} Document
 * @property {string} fileName
 * @property {string} title
 * @property {{ fileName: string, title: string }[]} [parts] pages that belong to it.
 */

/** Documents in the order in which to read them, by groups; others of docs/ end the guides. */
const START = ['README.md', 'docs/gallery.md'];
const TUTORIALS = ['page', 'classifier', 'forecaster', 'tagger'].map(
  (name) => `docs/tutorials/${name}.md`,
);
const GUIDES = [
  'tasks',
  'training',
  'cells',
  'adding-a-cell',
  'ctc',
  'inside',
  'embedding',
  'pytorch',
].map((name) => `docs/${name}.md`);
const PROJECT = [
  'docs/architecture.md',
  'docs/adding-an-op.md',
  'docs/results.md',
  'docs/reliability.md',
  'docs/benchmarks.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
];
const REFERENCE = 'docs/api/index.html';

/**
 * The documents of the project as pages of the site, below docs/, and the reference of what the package exports,
 * below docs/api/. Files that documents link to and that are no documents, such as examples, have pages that show
 * them. Names of exports in a document lead to the reference.
 *
 * @param {string} root of the project.
 * @returns {Promise<{ pages: { fileName: string, html: string }[], search: import('./search_entries.mjs').Entry[] }>}
 * @throws Error for a link to a file that there is not.
 */
export async function documents(root) {
  const [read, { pages: exported, linked }] = await Promise.all([
    readDocuments(root),
    reference(root),
  ]);
  const files = read.map(({ source }) => source);
  /** @type {Map<string, string>} */
  const addresses = new Map();
  for (const { file, path } of exported) addresses.set(file, `docs/${path}`);
  /** @type {Map<string, string>} */
  const names = new Map();
  for (const { member, name, path } of exported) if (member) names.set(name, `docs/${path}`);
  const all = contents(read, exported);
  /** @type {import('./search_entries.mjs').Entry[]} */
  const search = [];
  /** Files and folders that documents link to. @type {Set<string>} */
  const shown = new Set();

  /** The page of a file of the project. @param {string} source */
  const addressOf = (source) => {
    if (files.includes(source)) return pageOf(source);
    shown.add(source);
    return sourcePageOf(source);
  };
  for (const [name, source] of linked) addresses.set(name, addressOf(source));

  /** @param {string} code @param {string} fileName of the page that it stands on. */
  const linkCode = (code, fileName) => {
    const name = code.replace(/\(\)$/, '');
    // A plain word may mean something else.
    const target = /[A-Z]/.test(name) || name !== code ? names.get(name) : undefined;
    if (target === undefined || target === fileName) return undefined;
    return posix.relative(dirname(fileName), target);
  };

  const pages = read.map(({ source, text, title }) => {
    const fileName = pageOf(source);
    const linkTo = (/** @type {string} */ href) => {
      if (/^[a-z]+:/.test(href) || href.startsWith('#')) return href;
      const [path, anchor] = href.split('#');
      const page = addressOf(posix.join(dirname(source), path));
      return withAnchor(posix.relative(dirname(fileName), page), anchor);
    };
    const { html, headings } = renderMarkdown(text, linkTo, (code) => linkCode(code, fileName));
    search.push(...searchEntries(fileName, title, html));
    return { fileName, html: frame({ fileName, title, body: html, headings, all }) };
  });

  for (const { file, path, entry, name, text } of exported) {
    const fileName = `docs/${path}`;
    const linkTo = (/** @type {string} */ href) => {
      if (/^[a-z]+:/.test(href) || href.startsWith('#')) return href;
      const [target, anchor] = href.split('#');
      const page = addresses.get(posix.join(dirname(file), target)) ?? target;
      return withAnchor(posix.relative(dirname(fileName), page), anchor);
    };
    const { html } = renderMarkdown(text, linkTo, (code) => linkCode(code, fileName));
    const [whole] = searchEntries(fileName, name, html, entry);
    if (file !== 'README.md') search.push(whole);
    const body = `<div class="reference">${html}</div>`;
    const page = { fileName, title: name, body, headings: [], all, within: REFERENCE };
    pages.push({ fileName, html: frame(page) });
  }

  const sources = Array.from(shown, async (path) => {
    const fileName = sourcePageOf(path);
    const body = await sourceBody(root, path);
    return { fileName, html: frame({ fileName, title: path, body, headings: [], all }) };
  });
  return { pages: [...pages, ...(await Promise.all(sources))], search };
}

/** @param {string} root @returns {Promise<{ source: string, text: string, title: string }[]>} */
async function readDocuments(root) {
  const ordered = [...START, ...TUTORIALS, ...GUIDES, ...PROJECT];
  const others = (await readdir(join(root, 'docs')))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`)
    .filter((file) => !ordered.includes(file));
  const files = [...START, ...TUTORIALS, ...GUIDES, ...others, ...PROJECT];
  const read = files.map(async (source) => {
    const text = await readFile(join(root, source), 'utf8');
    const title = source === 'README.md' ? 'Overview' : titleOf(text, source);
    return { source, text, title };
  });
  return Promise.all(read);
}

/**
 * @param {{ source: string, title: string }[]} read
 * @param {import('./reference.mjs').ReferencePage[]} exported
 * @returns {Group[]}
 */
function contents(read, exported) {
  const entries = exported.filter(({ member, entry }) => !member && entry !== '');
  const parts = entries.map(({ path, name }) => ({ fileName: `docs/${path}`, title: name }));
  parts.sort((a, b) => (a.title < b.title ? -1 : 1));
  /** @param {(source: string) => boolean} belongs @returns {Document[]} */
  const those = (belongs) =>
    read
      .filter(({ source }) => belongs(source))
      .map(({ source, title }) => ({ fileName: pageOf(source), title }));
  const elsewhere = [...START, ...TUTORIALS, ...PROJECT];
  return [
    { title: '', documents: those((source) => START.includes(source)) },
    { title: 'Tutorials', documents: those((source) => TUTORIALS.includes(source)) },
    { title: 'Guides', documents: those((source) => !elsewhere.includes(source)) },
    { title: 'Reference', documents: [{ fileName: REFERENCE, title: 'Entries and names', parts }] },
    { title: 'Project', documents: those((source) => PROJECT.includes(source)) },
  ];
}

/** @param {string} address @param {string | undefined} anchor */
function withAnchor(address, anchor) {
  return anchor === undefined ? address : `${address}#${anchor}`;
}

/** Where a document's page is. @param {string} source */
function pageOf(source) {
  if (source === 'README.md') return 'docs/index.html';
  const path = source.replace(/^docs\//, '').replace(/\.md$/, '.html');
  return `docs/${path.toLowerCase()}`;
}

/** Where a file or a folder is shown. @param {string} path */
function sourcePageOf(path) {
  return `docs/source/${path.replace(/\/$/, '').replaceAll('/', '-')}.html`;
}

/** @param {string} text @param {string} source */
function titleOf(text, source) {
  return /^# (.+)$/m.exec(text)?.[1].replaceAll('`', '') ?? posix.basename(source, '.md');
}

/**
 * The text of a file, or of all files in a folder.
 *
 * @param {string} root
 * @param {string} path
 */
async function sourceBody(root, path) {
  const folder = (await stat(join(root, path))).isDirectory();
  const files = folder
    ? (await readdir(join(root, path))).sort().map((name) => posix.join(path, name))
    : [path];
  const parts = files.map(async (file) => {
    const code = codeBlock(await readFile(join(root, file), 'utf8'));
    return folder ? `<h2>${escape(posix.basename(file))}</h2>\n${code}` : code;
  });
  return `<h1>${escape(path)}</h1>\n${(await Promise.all(parts)).join('')}`;
}
