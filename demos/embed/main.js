/** The page around writer.js: a field, a button, and what it writes. */
import code from './writer.js?raw';

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const form = /** @type {HTMLFormElement} */ (document.querySelector('form'));
const begin = /** @type {HTMLInputElement} */ (part('begin'));
const button = /** @type {HTMLButtonElement} */ (form.querySelector('button'));

part('code').textContent = code;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void writeOn();
});

async function writeOn() {
  const { write } = await loading;
  button.disabled = true;
  const text = part('text');
  text.textContent = '';
  for (const characters of write(begin.value)) {
    text.textContent += characters;
    // The page is drawn in between, and text comes at a reader's pace.
    await new Promise(requestAnimationFrame);
  }
  button.disabled = false;
}

// Behind the page, so that it is there while the model is on its way.
const loading = import('./writer.js');
loading.then(
  () => {
    part('note').textContent = 'It computes in this page, without a GPU and without a server.';
    void writeOn();
  },
  (/** @type {unknown} */ reason) => {
    part('note').textContent = `The model could not be loaded: ${String(reason)}`;
  },
);
