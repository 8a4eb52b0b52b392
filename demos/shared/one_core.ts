/**
 * What it costs, in a sentence, that the page is not cross-origin isolated: its CPU has one thread. Undefined where
 * that changes nothing.
 */
export function oneCore(): string | undefined {
  const cores = navigator.hardwareConcurrency;
  if (crossOriginIsolated || !(cores > 1)) return undefined;
  // It was not there yet when the page was loaded.
  const cure = navigator.serviceWorker?.controller
    ? 'Reload the page to use all of them.'
    : 'Where the page came from did not allow it more.';
  return `Training uses one of your ${cores} processor cores, and takes longer for it. ${cure}`;
}
