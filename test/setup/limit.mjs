/**
 * Milliseconds that a poll, a page or a child process of a test may take; the test and its hooks may
 * take twice as long. It ends a hang, and measures nothing: everything takes ten times as long on a
 * machine with other work. No test, and no check of the package, has a limit of its own
 * (eslint.config.js).
 */
export const LIMIT_MS = 300_000;
