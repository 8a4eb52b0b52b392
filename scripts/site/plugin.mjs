import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { DOCUMENTATION, rootFrom } from '../../demos/shared/pages.mjs';
import { documents } from './documents.mjs';

/**
 * Makes of the built pages a site: beside them the documents, and a service worker for hosts that send no headers.
 * `vite build --mode site`.
 *
 * @param {string} root of the project.
 * @returns {import('vite').Plugin}
 */
export function site(root) {
  const here = `${root}/scripts/site`;
  return {
    name: 'site',
    transformIndexHtml: {
      order: 'post',
      handler(html, { path }) {
        const folder = dirname(path).replace(/^\/?\.?/, '');
        const way = rootFrom(folder === '' ? '' : `${folder}/`);
        const { title, folder: documents } = DOCUMENTATION;
        return {
          // Where the header is written down, and not made by a script.
          html: html.replace('</nav>', `  <a href="${way}${documents}">${title}</a>\n      </nav>`),
          // Not a module: it is to run before those of the page.
          tags: [{ tag: 'script', attrs: { src: `${way}isolate.js` }, injectTo: 'head-prepend' }],
        };
      },
    },
    buildStart() {
      this.emitFile({ type: 'chunk', id: `${here}/search.js`, fileName: 'docs/search.js' });
    },
    async generateBundle() {
      const emit = (/** @type {string} */ fileName, /** @type {string | Uint8Array} */ source) =>
        this.emitFile({ type: 'asset', fileName, source });
      for (const name of ['isolate.js', 'service_worker.js']) {
        emit(name, await readFile(`${here}/${name}`));
      }
      const styles = [`${root}/demos/shared/theme.css`, `${here}/documents.css`];
      const texts = await Promise.all(styles.map((file) => readFile(file, 'utf8')));
      emit('docs/documents.css', texts.join('\n'));
      const { pages, search } = await documents(root);
      for (const { fileName, html } of pages) emit(fileName, html);
      for (const name of await readdir(`${root}/docs/gallery`)) {
        emit(`docs/gallery/${name}`, await readFile(`${root}/docs/gallery/${name}`));
      }
      emit('docs/search.json', JSON.stringify(search));
    },
  };
}
