import { spawnSync } from 'node:child_process';

import { LIMIT_MS } from '../../test/setup/limit.mjs';

/** What is wrong with the package. */
/** @type {string[]} */
export const complaints = [];

/** @param {string} complaint */
export function complain(complaint) {
  complaints.push(complaint);
}

/**
 * Runs a program, and complains where it fails.
 *
 * @param {string} what it does, for the complaint
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} place
 * @returns {string} its standard output
 */
export function run(what, command, args, { cwd, env }) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    // npm is a .cmd file on Windows, which only a shell starts.
    shell: process.platform === 'win32' && command === 'npm',
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  if (status !== 0) complain(`${what}:\n${error?.message ?? stdout + stderr}`.trimEnd());
  return stdout;
}

/**
 * Complains where a check throws.
 *
 * @param {string} what is checked
 * @param {() => unknown} check
 */
export async function attempt(what, check) {
  try {
    await check();
  } catch (error) {
    complain(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
