// Runs the compiled tests (dist/**/*.test.js) of the package in the current folder with Node's own test runner.
// Arguments narrow the run to files whose path contains one of them: `npm test -w @engram/metrics -- roc`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const scripts = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const files = existsSync('dist')
  ? readdirSync('dist', { recursive: true })
      .map((name) => join('dist', String(name)))
      // A compiled test outlives its deleted source: run only those that still have one.
      .filter((name) => name.endsWith('.test.js') && existsSync(name.replace(/^dist/, 'src').replace(/\.js$/, '.ts')))
      .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
      .sort()
  : [];
if (files.length === 0) {
  console.log(`no tests in ${process.cwd()}`);
  process.exit(0);
}
const reporters = [
  `--test-reporter=${process.env.ENGRAM_TEST_REPORTER ?? 'spec'}`,
  '--test-reporter-destination=stdout',
  `--test-reporter=${join(scripts, 'count-reporter.mjs')}`,
  '--test-reporter-destination=dist/.test-counts.json',
];
const run = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--test', ...reporters, '--test-concurrency=1', ...files],
  {
    stdio: 'inherit',
  },
);
process.exit(run.status ?? 1);
