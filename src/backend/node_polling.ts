/**
 * How long Dawn may look without rest after the last call that waits: what ends within it is told at once.
 * Rounds of trials on a GPU are shorter.
 */
const EAGER_MS = 12;
/** Between looks meanwhile: each leaves garbage, and the collector's pauses are milliseconds. */
const EAGER_GAP_MS = 0.03;
/** Between looks from then on. */
const REST_MS = 1;

// Those of the runtime, also where a test puts a clock of its own in their place.
const { setImmediate, setTimeout } = globalThis;
const clock = performance.now.bind(performance);

/** When something last began to wait. */
let began = 0;

/**
 * Calls what gives a promise of WebGPU. Dawn in Node has no thread that tells of finished work: as long as a
 * promise is open it looks in every turn of the event loop, by the global `setImmediate`, which takes a core
 * from drivers in software and fills the heap. Here it looks often for a moment, then at rests. The global
 * is another one only while Dawn asks for its next look.
 */
export function pollGently<T>(call: () => T): T {
  began = clock();
  return withOurs(call);
}

function withOurs<T>(call: () => T): T {
  const own = globalThis.setImmediate;
  globalThis.setImmediate = lookLater as typeof own;
  try {
    return call();
  } finally {
    globalThis.setImmediate = own;
  }
}

/** Stands for `setImmediate`: Dawn gives no more than the function, and needs nothing back. */
function lookLater(look: () => void): void {
  const asked = clock();
  const turn = (): void => {
    const now = clock();
    if (now - began > EAGER_MS) setTimeout(withOurs, REST_MS, look);
    else if (now - asked < EAGER_GAP_MS) setImmediate(turn);
    else withOurs(look);
  };
  setImmediate(turn);
}
