/**
 * A Vitest reporter that writes how many tests ran in each project, and which failed, as JSON, to the
 * file that `LETHE_TEST_COUNTS` names. (Vitest's own JSON report leaves the projects out.)
 */
import { writeFileSync } from 'node:fs';

/** @import { Reporter } from 'vitest/reporters' */
/** @import { TestModule } from 'vitest/node' */
/** @typedef {{ passed: number, failed: string[], skipped: number }} Counts `failed` holds names */

/** @implements {Reporter} */
export default class CountReporter {
  /** @param {readonly TestModule[]} modules */
  onTestRunEnd(modules) {
    /** @type {Record<string, Counts>} */
    const projects = {};
    for (const module of modules) {
      // The browser project is named after its browser too: "browser (chromium)".
      const name = module.project.name.replace(/ \(.*\)$/, '');
      const counts = (projects[name] ??= { passed: 0, failed: [], skipped: 0 });
      /** @type {string[]} */
      const failures = [];
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') counts.passed += 1;
        else if (state === 'failed') failures.push(`${module.relativeModuleId}: ${test.fullName}`);
        // A test without a result never ran.
        else counts.skipped += 1;
      }
      // A file that does not even load fails without a test.
      if (failures.length === 0 && module.state() === 'failed')
        failures.push(module.relativeModuleId);
      counts.failed.push(...failures);
    }
    const file = process.env['LETHE_TEST_COUNTS'];
    if (file) writeFileSync(file, JSON.stringify(projects));
  }
}
