/**
 * What the search of the documents finds: a section of a document, or a page of the reference.
 *
 * @typedef {object} Entry
 * @property {string} address from the folder of documents on.
 * @property {string} title
 * @property {string} page the document that it is in, or the entry of the package.
 * @property {string} text
 */

/** So much of a page of the reference is searched: what it says of its export, without code, and the names of members. */
const REFERENCE_LENGTH = 1200;

/**
 * The sections of a page, by its headings; for a page of the reference it is one.
 *
 * @param {string} fileName from the folder of the site on.
 * @param {string} title of the page.
 * @param {string} html its body.
 * @param {string} [entry] of the package, for a page of the reference.
 * @returns {Entry[]}
 */
export function searchEntries(fileName, title, html, entry) {
  const address = fileName.replace(/^docs\//, '');
  if (entry !== undefined) {
    const text = plain(html.replaceAll(/<pre.*?<\/pre>/gs, '')).slice(0, REFERENCE_LENGTH);
    const members = [...html.matchAll(/<h3 [^>]*>(.*?)<\/h3>/g)].map(([, name]) => plain(name));
    return [{ address, title, page: entry, text: `${text} ${members.join(' ')}` }];
  }
  return html.split(/(?=<h[23] )/).map((section) => {
    const [, id, heading] = /^<h[23] id="([^"]*)">(.*?)<\/h[23]>/.exec(section) ?? [];
    const text = plain(section.replace(/^<h\d.*?<\/h\d>/, ''));
    if (id === undefined) return { address, title, page: '', text };
    return { address: `${address}#${id}`, title: plain(heading), page: title, text };
  });
}

/** @param {string} html */
function plain(html) {
  return html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
