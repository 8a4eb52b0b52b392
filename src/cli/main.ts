#!/usr/bin/env node
// Reads and runs on a Node that is too old for the rest, so as to say so. Only data is imported before.
import { engines, version } from '../../package.json';

const needed = engines.node.replace('>=', '');
const [major, minor] = process.versions.node.split('.').map(Number);
const [leastMajor, leastMinor] = needed.split('.').map(Number);

if (major < leastMajor || (major === leastMajor && minor < leastMinor)) {
  process.stderr.write(
    `lethe: Node ${needed} or later is needed, this is ${process.version}: https://nodejs.org\n`,
  );
  process.exitCode = 2;
} else {
  void import('./program').then(({ run }) => run(version));
}
