// The field in the header of documents. What it searches is fetched when somebody begins to.

/** @typedef {import('./search_entries.mjs').Entry} Entry */

const MOST = 10;
/** Of questions. */
const LITTLE = new Set([
  'a',
  'and',
  'do',
  'does',
  'how',
  'i',
  'in',
  'is',
  'the',
  'to',
  'use',
  'used',
  'why',
  'with',
]);
/** What readers call it, and what the documents do. @type {Map<string, string>} */
const ALSO = new Map([
  ['activations', 'traceCells'],
  ['autosave', 'save every checkpoint'],
  ['csp', 'content security policy'],
  ['custom', 'own'],
  ['gradclip', 'clip gradients'],
  ['denormalise', 'inverse scaler'],
  ['denormalize', 'inverse scaler'],
  ['finetune', 'fine-tune'],
  ['finetuning', 'fine-tune'],
  ['nucleus', 'top-p'],
  ['offline', 'no network'],
  ['undo', 'inverse'],
  ['unscale', 'inverse scaler'],
]);
/** Characters of a text that a result shows. */
const EXCERPT = 110;
/** The folder of documents. */
const here = import.meta.url;

const find = /** @type {HTMLElement} */ (document.querySelector('.find'));
const field = /** @type {HTMLInputElement} */ (find.querySelector('input'));
const list = /** @type {HTMLElement} */ (find.querySelector('ol'));

/** packPaddedSequence is found by its words, too. @param {string} text */
function wordsOf(text) {
  return text.split(/[\s\p{P}=<>|`]+/u).flatMap((word) => {
    const parts = word.split(/(?<=[a-z0-9])(?=[A-Z])/);
    return parts.length > 1 ? [word, ...parts] : [word];
  });
}

/** Documents explain; the changelog names everything, and explains nothing. @param {string} address */
function weightOf(address) {
  if (address.startsWith('changelog')) return 0.2;
  if (/^api\/.*(interfaces|type-aliases)\//.test(address)) return 0.5;
  return address.startsWith('api/') ? 1 : 3;
}

async function load() {
  const [{ default: MiniSearch }, response] = await Promise.all([
    import('minisearch'),
    fetch(new URL('search.json', here)),
  ]);
  if (!response.ok) throw new Error(`search.json: ${response.status}`);
  /** @type {import('minisearch').default<Entry>} */
  const index = new MiniSearch({
    idField: 'address',
    fields: ['title', 'page', 'text'],
    storeFields: ['title', 'page', 'text'],
    tokenize: wordsOf,
    processTerm: (term) => (LITTLE.has(term.toLowerCase()) ? null : term.toLowerCase()),
    searchOptions: {
      boost: { title: 4, page: 1.5 },
      prefix: (term) => term.length > 2,
      combineWith: 'AND',
      boostDocument: (id) => weightOf(String(id)),
    },
  });
  /** @type {Entry[]} */
  const entries = await response.json();
  index.addAll(entries);
  return index;
}

/** @type {ReturnType<typeof load> | undefined} */
let loading;

/** What failed to load is asked for again by the next letter. */
function loaded() {
  loading ??= load().catch((/** @type {unknown} */ cause) => {
    loading = undefined;
    throw cause;
  });
  return loading;
}

async function search() {
  /** @type {Awaited<ReturnType<typeof load>>} */
  let index;
  try {
    index = await loaded();
  } catch {
    show([noteOf('The search did not load; another letter tries again.')]);
    return;
  }
  const text = field.value.trim();
  const items = resultsOf(index, text).slice(0, MOST).map(itemOf);
  show(text !== '' && items.length === 0 ? [noteOf('Nothing found')] : items);
}

/**
 * @param {Awaited<ReturnType<typeof load>>} index
 * @param {string} asked
 */
function resultsOf(index, asked) {
  const text = asked.replaceAll(/\S+/g, (word) => ALSO.get(word.toLowerCase()) ?? word);
  const every = index.search(text);
  const known = new Set(every.map(({ id }) => String(id)));
  // Half of the places are for what has all the words; the others are first for what has some.
  const some = index.search(text, { combineWith: 'OR' }).filter(({ id }) => !known.has(String(id)));
  const found = [...every.slice(0, MOST / 2), ...some, ...every.slice(MOST / 2)];
  if (found.length > 0) return found;
  return index.search(text, { fuzzy: (term) => (term.length > 4 ? 0.2 : false) });
}

/** @param {HTMLLIElement[]} items */
function show(items) {
  list.replaceChildren(...items);
  list.hidden = items.length === 0;
}

/** @param {string} text */
function noteOf(text) {
  const item = document.createElement('li');
  item.append(text);
  return item;
}

/** @param {import('minisearch').SearchResult} result */
function itemOf(result) {
  const { address, title, page, text } = /** @type {Entry} */ (
    /** @type {unknown} */ ({ ...result, address: result.id })
  );
  const link = document.createElement('a');
  link.href = new URL(address, here).href;
  link.append(elementOf('b', title), ' ', elementOf('small', page));
  const excerpt = excerptOf(text, result.terms);
  if (excerpt !== '') link.append(elementOf('p', excerpt));
  const item = document.createElement('li');
  item.append(link);
  return item;
}

/** @param {string} name @param {string} text */
function elementOf(name, text) {
  const element = document.createElement(name);
  element.append(text);
  return element;
}

/**
 * The place of a text that has the longest of the words that it has, or its beginning.
 *
 * @param {string} text
 * @param {string[]} words
 */
function excerptOf(text, words) {
  const lower = text.toLowerCase();
  const longest = words.toSorted((a, b) => b.length - a.length);
  const first = lower.indexOf(longest.find((word) => lower.includes(word)) ?? '');
  const from = first < EXCERPT / 2 ? 0 : text.lastIndexOf(' ', first - EXCERPT / 4) + 1;
  const end = from + EXCERPT < text.length ? text.lastIndexOf(' ', from + EXCERPT) : text.length;
  return `${from > 0 ? '… ' : ''}${text.slice(from, end)}${end < text.length ? ' …' : ''}`;
}

field.addEventListener('focus', () => {
  // `search` tells of what fails.
  loaded().catch(() => {});
});
field.addEventListener('input', () => void search());
find.addEventListener('keydown', (event) => {
  const links = Array.from(list.querySelectorAll('a'));
  const place = links.findIndex((link) => link === document.activeElement);
  if (event.key === 'Enter' && event.target === field) links.at(0)?.click();
  else if (event.key === 'ArrowDown') links.at(Math.min(place + 1, links.length - 1))?.focus();
  else if (event.key === 'ArrowUp') (place < 1 ? field : links[place - 1]).focus();
  else if (event.key === 'Escape') list.hidden = true;
  if (event.key.startsWith('Arrow')) event.preventDefault();
});
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || document.activeElement === field) return;
  event.preventDefault();
  field.focus();
});
document.addEventListener('click', ({ target }) => {
  if (!find.contains(/** @type {Node} */ (target))) list.hidden = true;
});
