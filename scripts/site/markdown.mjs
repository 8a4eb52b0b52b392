import { Marked } from 'marked';

/** @typedef {{ id: string, text: string, depth: number }} Heading */

/** Characters of a cell. */
const PROSE_LENGTH = 30;

/**
 * A document as HTML.
 *
 * @param {string} source Markdown, as GitHub has it.
 * @param {(href: string) => string} linkTo gives the address for a link of the document.
 * @param {(code: string) => string | undefined} [linkCode] gives the address of what code in the text names.
 * @returns {{ html: string, headings: Heading[] }} headings have the ids that GitHub gives them.
 */
export function renderMarkdown(source, linkTo, linkCode = () => undefined) {
  /** @type {Heading[]} */
  const headings = [];
  /** @type {Map<string, number>} */
  const taken = new Map();
  /** Code within links and headings, which is no link itself. @type {Set<object>} */
  const plain = new Set();
  const marked = new Marked({
    gfm: true,
    walkTokens(token) {
      if (token.type === 'link') token.href = linkTo(String(token.href));
      if (token.type === 'link' || token.type === 'heading') {
        for (const part of token.tokens ?? []) plain.add(part);
      }
    },
    renderer: {
      heading({ tokens, depth }) {
        const html = this.parser.parseInline(tokens);
        const text = html.replace(/<[^>]*>/g, '');
        const slug = slugOf(text);
        const before = taken.get(slug) ?? 0;
        taken.set(slug, before + 1);
        const id = before === 0 ? slug : `${slug}-${before}`;
        headings.push({ id, text, depth });
        return `<h${depth} id="${id}">${html}</h${depth}>\n`;
      },
      // A wide table, or a long line of code, is scrolled in its place, by keys as well.
      table(token) {
        const plain = /** @type {import('marked').Renderer} */ (Object.getPrototypeOf(this));
        const table = plain.table
          .call(this, token)
          // A corner that says nothing heads nothing.
          .replaceAll(/<th[^>]*><\/th>/g, '<td></td>');
        const kind = holdsProse(token) ? 'wide prose' : 'wide';
        return `<div class="${kind}" tabindex="0" role="group" aria-label="Table">${table}</div>\n`;
      },
      code({ text }) {
        return codeBlock(text);
      },
      codespan(token) {
        const code = `<code>${escape(token.text)}</code>`;
        const address = plain.has(token) ? undefined : linkCode(token.text);
        return address === undefined ? code : `<a href="${address}">${code}</a>`;
      },
    },
  });
  return { html: /** @type {string} */ (marked.parse(source)), headings };
}

/**
 * Whether a table is read by rows: on a phone its cells stand below each other. One of figures stays as it is.
 *
 * @param {import('marked').Tokens.Table} table
 */
function holdsProse({ rows }) {
  return rows.some((cells) => cells.slice(1).some(({ text }) => text.length > PROSE_LENGTH));
}

/** @param {string} text */
export function codeBlock(text) {
  return `<pre tabindex="0"><code>${escape(text)}</code></pre>\n`;
}

/** @param {string} text */
export function escape(text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** As GitHub makes the id of a heading. @param {string} text without tags. */
function slugOf(text) {
  return text
    .replace(/&[a-z]+;|&#\d+;/g, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}
