/** Adds to pages and workers the headers that isolate them; all else goes the usual way, and nothing is kept. */
const HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** What a header on the response decides for; images, scripts and data of a page follow the page. */
const DECIDING = ['document', 'worker', 'sharedworker'];

/**
 * What a service worker has; the project is checked with the types of a page.
 *
 * @typedef {{
 *   request: Request,
 *   waitUntil(work: Promise<unknown>): void,
 *   respondWith(response: Promise<Response>): void,
 * }} WorkerEvent
 * @typedef {{
 *   addEventListener(type: string, listener: (event: WorkerEvent) => void): void,
 *   skipWaiting(): Promise<void>,
 *   clients: { claim(): Promise<void> },
 * }} WorkerScope
 */
const scope = /** @type {WorkerScope} */ (/** @type {unknown} */ (self));

scope.addEventListener('install', () => void scope.skipWaiting());
scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()));
scope.addEventListener('fetch', (event) => {
  if (DECIDING.includes(event.request.destination)) event.respondWith(isolated(event.request));
});

/** @param {Request} request */
async function isolated(request) {
  const response = await fetch(request);
  // A redirection that the browser follows itself, and what has no body to pass on.
  if (response.status === 0 || response.status === 304) return response;
  const { body, status, statusText } = response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  return new Response(body, { status, statusText, headers });
}
