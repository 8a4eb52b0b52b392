/**
 * A page, as the header links to it: its folder is relative to demos/.
 *
 * @typedef {{ title: string, folder: string }} Page
 */

/** Every page there is. @type {readonly Page[]} */
export const PAGES = [
  { title: 'Studio', folder: '' },
  { title: 'Shapes', folder: 'shapes/' },
  { title: 'Recognisers', folder: 'recognise/' },
  { title: 'Toys', folder: 'toys/' },
  { title: 'Embed', folder: 'embed/' },
];

/** Pages of the built site alone (scripts/site). @type {Page} */
export const DOCUMENTATION = { title: 'Docs', folder: 'docs/' };

/**
 * The way from a page's folder to the folder of all pages.
 *
 * @param {string} folder
 */
export function rootFrom(folder) {
  return folder === '' ? './' : '../'.repeat(folder.split('/').length - 1);
}
