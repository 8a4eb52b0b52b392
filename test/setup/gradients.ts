import { expect } from 'vitest';

import { gradcheck } from '../../src/index';

/** That the gradients of `body` are the numeric ones, in f64; as `gradcheck`, which throws where they are not. */
export async function expectGradients(...given: Parameters<typeof gradcheck>): Promise<void> {
  await expect(gradcheck(...given)).resolves.toBeUndefined();
}
