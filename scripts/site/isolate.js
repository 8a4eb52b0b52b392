/**
 * In the head of the site's pages. Threads need memory that workers share, and a browser gives that to a page only
 * whose server sends two headers. Where the server does not, a service worker adds them on the next load.
 */
(() => {
  const { currentScript } = document;
  if (crossOriginIsolated || !isSecureContext || !navigator.serviceWorker || top !== self) return;
  if (!(currentScript instanceof HTMLScriptElement)) return;
  const once = 'lethe-reloaded-for-threads';
  // What is refused here (by a policy, in a private window) leaves the page as it is: on one core.
  navigator.serviceWorker
    .register(new URL('service_worker.js', currentScript.src))
    .then(() => navigator.serviceWorker.ready)
    .then(() => {
      // Once, and not under the hands of somebody: the next visit has the headers anyhow.
      if (sessionStorage.getItem(once) || navigator.userActivation?.hasBeenActive) return;
      sessionStorage.setItem(once, 'yes');
      location.reload();
    })
    .catch(() => undefined);
})();
