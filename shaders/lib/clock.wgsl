// The optimiser's clock, as src/kernels/optimizer_clock.ts lays it out.
const LEARNING_RATE = 0u;
const STEPS = 1u;
const CORRECTION1 = 2u;
const CORRECTION2 = 3u;
const ENABLED = 4u;
const SKIPPED = 5u;
const SCALE = 6u;
const NORM = 7u;
