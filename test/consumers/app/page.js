// What a page of a user's does, in the page and in a module worker.
import { largeProducts, tryLethe } from './steps.js';

function inWorker() {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(`the worker failed: ${message}`));
    worker.postMessage('begin');
  });
}

Object.assign(globalThis, { outcome: Promise.all([tryLethe(), inWorker()]), largeProducts });
