// Sets up, then checks and tests everything: style, import rules and dead exports first, unit and conformance tests
// next, end-to-end tests last. Ends with one line of counts.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const started = Date.now();
const packages = ['packages', 'apps'].flatMap((base) =>
  readdirSync(join(root, base)).map((name) => join(root, base, name)),
);

const failures = [];
must('set-up', process.execPath, ['scripts/setup.mjs']);
for (const folder of packages) rmSync(join(folder, 'dist', '.test-counts.json'), { force: true });
check('style', 'npm', ['run', '--silent', 'lint']);
check('import rules', 'npm', ['run', '--silent', 'imports']);
check('dead exports', 'npm', ['run', '--silent', 'exports']);
const turbo = join(root, 'node_modules/.bin/turbo');
const flags = ['--concurrency=1', '--continue', '--output-logs=full', '--log-order=stream'];
check('unit and conformance tests', turbo, ['run', 'test', '--filter=!@engram/e2e', ...flags]);
check('end-to-end tests', turbo, ['run', 'test', '--filter=@engram/e2e', ...flags]);

const total = { passed: 0, failed: 0, skipped: 0 };
for (const folder of packages) {
  const file = join(folder, 'dist', '.test-counts.json');
  if (!existsSync(file)) continue;
  const counts = JSON.parse(readFileSync(file, 'utf8'));
  for (const key of Object.keys(total)) total[key] += counts[key];
}
console.log(`\nall of it took ${((Date.now() - started) / 1000).toFixed(0)} s`);
if (failures.length > 0) console.log(`failed: ${failures.join(', ')}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(failures.length === 0 && total.failed === 0 && total.passed > 0 ? 0 : 1);

function check(name, command, args) {
  const from = Date.now();
  console.log(`\n=== ${name}`);
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  });
  console.log(`=== ${name}: ${status === 0 ? 'passed' : 'FAILED'} after ${((Date.now() - from) / 1000).toFixed(0)} s`);
  if (status !== 0) failures.push(name);
  return status === 0;
}

function must(name, command, args) {
  if (check(name, command, args)) return;
  console.log('0 passed, 1 failed');
  process.exit(1);
}
