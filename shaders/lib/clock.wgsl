// The optimiser's clock, as src/kernels/optimizer_clock.ts lays it out.
const LEARNING_RATE = 0u;
const STEPS = 1u;
const BETA1_POWER = 2u;
const BETA2_POWER = 3u;
const ENABLED = 4u;
const SKIPPED = 5u;
