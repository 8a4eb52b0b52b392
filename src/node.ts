/** The entry `lethe` in Node, and in what runs its programs. */
import { nodePlatform } from './backend/node_platform';
import { usePlatform } from './backend/platform';
import { listAdapters as list } from './backend/webgpu/list_adapters';
import { openDevice as open } from './tensor/open';

export * from './index';

// The platform is set within the functions, not as this file is loaded: a bundle may then leave it out
// where nobody opens a device.
export const openDevice: typeof open = (...args) => {
  usePlatform(nodePlatform);
  return open(...args);
};

export const listAdapters: typeof list = () => {
  usePlatform(nodePlatform);
  return list();
};
