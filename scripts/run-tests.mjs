// Runs the compiled tests (dist/**/*.test.js) of the package in the current folder with Node's own test runner.
// Arguments narrow the run to files whose path contains one of them: `npm test -w @engram/metrics -- roc`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const wanted = process.argv.slice(2);
const files = existsSync('dist')
  ? readdirSync('dist', { recursive: true })
      .map((name) => join('dist', String(name)))
      .filter(
        (name) => name.endsWith('.test.js') && (wanted.length === 0 || wanted.some((part) => name.includes(part))),
      )
      .sort()
  : [];
if (files.length === 0) {
  console.log(`no tests in ${process.cwd()}`);
  process.exit(0);
}
const reporter = process.env.ENGRAM_TEST_REPORTER ?? 'spec';
const run = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--test', `--test-reporter=${reporter}`, '--test-concurrency=1', ...files],
  { stdio: 'inherit' },
);
process.exit(run.status ?? 1);
