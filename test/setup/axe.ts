import { createRequire } from 'node:module';

import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const path = createRequire(import.meta.url).resolve('axe-core');

/** The rules of axe that are of its category `cat.color`, and on by default. */
const COLOUR_RULES = ['color-contrast', 'link-in-text-block'];

/** What axe finds on a page, as lines of rule, impact and element. */
export async function axeFindings(page: Page, options: RunOptions = {}): Promise<string[]> {
  if (await page.evaluate(() => !('axe' in globalThis))) await page.addScriptTag({ path });
  const { violations } = await page.evaluate(
    (options) =>
      (globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run(
        options,
      ),
    // What passes is not described, which takes most of the time.
    { ...options, resultTypes: ['violations'] satisfies RunOptions['resultTypes'] },
  );
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ html }) => `${id} (${impact}): ${html}`),
  );
}

/** The same in light and then in dark, where the page differs by its colours alone. */
export async function axeFindingsInBoth(page: Page): Promise<string[]> {
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await axeFindings(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await axeFindings(page, { runOnly: COLOUR_RULES });
  return [...light, ...dark.map((line) => `in dark, ${line}`)];
}
