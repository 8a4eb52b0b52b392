import { posix } from 'node:path';

import { DOCUMENTATION, PAGES } from '../../demos/shared/pages.mjs';
import { escape } from './markdown.mjs';

/**
 * A document in the frame that the pages have.
 *
 * @param {object} page
 * @param {string} page.fileName where it will be, from the folder of the site on.
 * @param {string} page.title
 * @param {string} page.body HTML.
 * @param {import('./markdown.mjs').Heading[]} page.headings of the body.
 * @param {import('./documents.mjs').Group[]} page.all for the list of contents.
 * @param {string} [page.within] the file name of the document that it is a part of; its own when left out.
 */
export function frame({ fileName, title, body, headings, all, within = fileName }) {
  const here = posix.dirname(fileName);
  const to = (/** @type {string} */ target) => posix.relative(here, target);
  const pages = PAGES.map(
    ({ title, folder }) => `<a href="${to(folder === '' ? '.' : folder)}/">${escape(title)}</a>`,
  );
  const documentation = `<a href="${to(posix.join(DOCUMENTATION.folder, 'index.html'))}" aria-current="page">${DOCUMENTATION.title}</a>`;
  const link = (/** @type {{ fileName: string, title: string }} */ { fileName: target, title }) => {
    const current = target === fileName ? ' aria-current="page"' : '';
    return `<a href="${to(target)}"${current}>${escape(title)}</a>`;
  };
  const item = (/** @type {import('./documents.mjs').Document} */ document) => {
    if (document.fileName !== within) return `<li>${link(document)}</li>`;
    const below = document.parts?.map((part) => `<li>${link(part)}</li>`) ?? sections(headings);
    return `<li>${link(document)}${below.length > 0 ? `<ul>${below.join('')}</ul>` : ''}</li>`;
  };
  const contents = all.map(({ title, documents }) => {
    const items = documents.map(item).join('\n');
    return title === '' ? items : `<li><p>${title}</p><ul>${items}</ul></li>`;
  });
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${escape(title)} · Lethe</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="${to('docs/documents.css')}" />
  </head>
  <body>
    <header class="site-header">
      <p class="site-name">Lethe</p>
      <nav aria-label="Pages">
        ${[...pages, documentation].join('\n        ')}
      </nav>
      <search class="find">
        <input type="search" placeholder="Find in the docs" aria-label="Find in the docs" />
        <ol hidden></ol>
      </search>
    </header>
    <div class="documents">
      <details class="contents">
        <summary>Contents</summary>
        <nav aria-label="Documents"><ul>${contents.join('\n')}</ul></nav>
      </details>
      <main class="document">
${body}
      </main>
    </div>
    <script>
      // On a wide screen the list stands beside the text.
      document.querySelector('.contents').open = matchMedia('(min-width: 60rem)').matches;
    </script>
    <script type="module" src="${to('docs/search.js')}"></script>
  </body>
</html>
`;
}

/** The sections of a document, as items of a list. @param {import('./markdown.mjs').Heading[]} headings */
function sections(headings) {
  const found = headings.filter(({ depth }) => depth === 2);
  if (found.length < 2) return [];
  return found.map(({ id, text }) => `<li><a href="#${id}">${text}</a></li>`);
}
