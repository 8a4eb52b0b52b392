/** For the tests that run in Node: they import the sources of the library, not its entry for Node. */
import { nodePlatform } from '../../src/backend/node_platform';
import { usePlatform } from '../../src/backend/platform';

usePlatform(nodePlatform);
