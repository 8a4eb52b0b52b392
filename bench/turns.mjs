/**
 * Contenders taking turns: whatever slows the machine for a while slows all of them.
 *
 * @typedef {import('./types').Contender} Contender
 * @typedef {import('./types').Job} Job
 * @typedef {import('./types').Row} Row
 * @typedef {import('./types').Turn} Turn
 */
import { setTimeout as rest } from 'node:timers/promises';

import { summarise } from './statistics.mjs';

/** What a contender needs is not on this machine; the message says what. */
export class MissingError extends Error {
  /** @override */
  name = 'MissingError';
}

/**
 * @typedef {object} Plan
 * @property {number} rounds timed turns
 * @property {number} warmup turns before them
 * @property {number} steps of a turn
 * @property {number} limit seconds of a contender
 * @property {number} timeout seconds of a turn
 * @property {number} [pause] milliseconds before a turn, none when left out
 * @property {(line: string) => void} log
 */

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {Contender} [contender]
 * @property {number} spent milliseconds
 * @property {number} skipped warm-up turns
 * @property {Turn[]} warm the first step among them
 * @property {Turn[]} timed
 * @property {Row} row
 */

/** Losses whose relative difference is below it are the same. */
const SAME_LOSS = 1e-3;

/** Characters for each step of a sampling turn: one alone would be too short to time. */
const CHARACTERS_A_STEP = 100;

/**
 * Runs one workload; a row for each contender, in the given order.
 *
 * @param {Job} job
 * @param {readonly string[]} names
 * @param {(name: string, job: Job) => Promise<Contender>} open
 * @param {Plan} plan
 * @returns {Promise<Row[]>}
 */
export async function takeTurns(job, names, open, plan) {
  /** @type {Entry[]} */
  const entries = [];
  try {
    for (const name of names) {
      const row = { workload: job.name, contender: name };
      const entry = { name, spent: 0, skipped: 0, warm: [], timed: [], row };
      entries.push(entry);
      plan.log(`${job.name}: ${name} begins`);
      await begin(entry, job, open, plan);
    }
    for (let i = 0; i < plan.warmup; i++) {
      for (const entry of entries) {
        if (entry.spent > 1000 * plan.limit) entry.skipped++;
        else await guard(entry, async () => entry.warm.push(await turn(entry, job, plan)));
      }
    }
    for (let i = 0; i < plan.rounds; i++) {
      plan.log(`${job.name}: round ${i + 1} of ${plan.rounds}`);
      for (const entry of entries) {
        if (entry.spent > 1000 * plan.limit && entry.timed.length > 0) continue;
        await guard(entry, async () => entry.timed.push(await turn(entry, job, plan)));
      }
    }
  } finally {
    for (const { contender } of entries) await contender?.close();
  }
  for (const entry of entries) finishRow(entry, job, plan);
  if (job.kind === 'train') compareLosses(entries);
  return entries.map(({ row }) => row);
}

/**
 * @param {Entry} entry
 * @param {Job} job
 * @param {(name: string, job: Job) => Promise<Contender>} open
 * @param {Plan} plan
 */
function begin(entry, job, open, plan) {
  return guard(entry, async () => {
    const opening = open(entry.name, job);
    try {
      entry.contender = await within(plan.timeout, opening);
    } catch (error) {
      // One that opens too late is not wanted any more.
      opening.then(
        (contender) => contender.close(),
        () => {},
      );
      throw error;
    }
    entry.row.on = entry.contender.on;
    // A turn of `encode` is many steps; its first step has no time of its own.
    const first = await turn(entry, job, { ...plan, steps: 1 });
    if (job.kind === 'train') entry.row.firstMs = entry.contender.beginMs + first.milliseconds;
    entry.warm.push(first);
  });
}

/**
 * Notes why a contender cannot go on, and lets the others.
 *
 * @param {Entry} entry
 * @param {() => Promise<unknown>} body
 */
async function guard(entry, body) {
  if (entry.row.missing !== undefined || entry.row.error !== undefined) return;
  try {
    await body();
  } catch (error) {
    const [message] = (error instanceof Error ? error.message : String(error)).split('\n');
    if (error instanceof MissingError) entry.row.missing = message;
    else entry.row.error = message;
    // One that hangs would go on computing beside the others.
    await entry.contender?.close();
    entry.contender = undefined;
  }
}

/**
 * @param {Entry} entry
 * @param {Job} job
 * @param {Plan} plan
 * @returns {Promise<Turn>}
 */
async function turn(entry, job, { steps, timeout, pause = 0 }) {
  const { contender } = entry;
  if (!contender) throw new Error('it has not begun');
  // Threads of the contender before may spin for a while, and would take a core from this one.
  if (pause > 0) await rest(pause);
  const start = performance.now();
  const count = job.kind === 'sample' ? steps * CHARACTERS_A_STEP : steps;
  const result = await within(timeout, contender.turn(count));
  entry.spent += performance.now() - start;
  if (job.kind !== 'sample' && !Number.isFinite(result.loss)) {
    throw new Error(`its loss is ${result.loss}`);
  }
  return result;
}

/**
 * @template T
 * @param {number} seconds
 * @param {Promise<T>} work
 * @returns {Promise<T>}
 */
async function within(seconds, work) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${seconds} s`)), 1000 * seconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {Entry} entry
 * @param {Job} job
 * @param {Plan} plan
 */
function finishRow({ row, warm, timed, skipped }, job, plan) {
  const times = summarise(timed.map(({ milliseconds }) => milliseconds));
  if (row.missing !== undefined || row.error !== undefined || !times) return;
  row.msPerStep = times.median;
  row.min = times.min;
  row.max = times.max;
  row.rounds = timed.length;
  const last = timed[timed.length - 1];
  if (job.kind === 'sample' || job.kind === 'eval') row.charactersPerSecond = 1000 / times.median;
  if (job.kind === 'train') {
    row.usPerCharacter = (1000 * times.median) / (job.batch * job.seq);
    row.firstLoss = warm[0].loss ?? undefined;
    row.lastLoss = last.loss ?? undefined;
    row.dispatches = last.dispatches;
    row.bytes = last.bytes;
    row.encodeMs = medianOf(timed.map(({ encode }) => encode));
  }
  if (job.kind === 'encode') {
    row.encodeMs = times.median;
    row.recordMs = medianOf(timed.map(({ record }) => record));
    row.firstRecordMs = warm[0].record;
  }
  const notes = [];
  if (timed.length < plan.rounds) notes.push(`${timed.length} of ${plan.rounds} turns`);
  if (skipped > 0) notes.push(`${plan.warmup - skipped} of ${plan.warmup} warm-up turns`);
  if (notes.length > 0) row.note = `${notes.join(', ')} in its ${plan.limit} s`;
}

/**
 * Says so where a contender's losses are not those of the first: from the same weights the same
 * model has the same losses. PyTorch begins with its own weights.
 *
 * @param {readonly Entry[]} entries
 */
function compareLosses(entries) {
  const ran = entries.filter(({ name, timed }) => timed.length > 0 && !name.startsWith('torch'));
  if (ran.length === 0) return;
  const [expected, ...others] = ran.map(({ warm, timed }) => [...warm, ...timed]);
  for (const [i, turns] of others.entries()) {
    const far = turns.slice(0, expected.length).some(({ loss }, turn) => {
      const wanted = expected[turn].loss ?? NaN;
      return Math.abs((loss ?? NaN) - wanted) > SAME_LOSS * wanted;
    });
    if (!far) continue;
    const { row } = ran[i + 1];
    row.note = [row.note, `its losses are not those of ${ran[0].name}`].filter(Boolean).join('; ');
  }
}

/** @param {readonly (number | undefined)[]} values */
function medianOf(values) {
  return summarise(values.filter((value) => value !== undefined))?.median;
}
