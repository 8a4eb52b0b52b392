// A process that answers one line of JSON with another: bench/process.mjs is its other end.
import { createInterface } from 'node:readline';

import type { Job } from '../types';
import { Lethe } from './lethe';

type Message =
  | { call: 'hello' }
  | { call: 'begin'; job: Job; backend: 'cpu' | 'webgpu' }
  | { call: 'turn'; steps: number };

const lethe = new Lethe();

async function answer(message: Message): Promise<object> {
  switch (message.call) {
    case 'hello':
      return {};
    case 'begin':
      return { on: await lethe.begin(message.job, message.backend) };
    case 'turn':
      return lethe.turn(message.steps);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply: object;
  try {
    reply = await answer(JSON.parse(line) as Message);
  } catch (error) {
    reply = { error: error instanceof Error ? error.message : String(error) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
// A live Dawn object would keep the process.
process.exit();
