// Sets everything up on a fresh clone: packages, build, native TensorFlow library, Redis server. Idempotent; a second
// run only looks. Needs nothing but Node, npm, Python's pip and a C++ compiler.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const quiet = process.argv.includes('--quiet-when-done');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`engram needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

step('packages', packagesAreCurrent, () => {
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stampFile(), lockDigest());
});
// turbo rebuilds only what changed, so it always runs.
step(
  'build',
  () => false,
  () =>
    run(join(root, 'node_modules/.bin/turbo'), ['run', 'build', '--output-logs=errors-only', '--log-order=grouped'], {
      quiet: true,
    }),
);
step(
  'native parts',
  () => false,
  () => run(process.execPath, [join(root, 'apps/cli/bin/engram.js'), 'setup', ...(quiet ? ['--quiet-when-done'] : [])]),
);

function packagesAreCurrent() {
  return existsSync(stampFile()) && readFileSync(stampFile(), 'utf8') === lockDigest();
}

function stampFile() {
  return join(root, 'node_modules', '.engram-lock');
}

function lockDigest() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function step(name, done, work) {
  if (done()) return;
  const started = Date.now();
  if (!quiet) console.log(`set-up: ${name} …`);
  work();
  if (!quiet) console.log(`set-up: ${name} ready after ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function run(command, args, { quiet: hide = false } = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: hide ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    encoding: 'utf8',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
  });
  if (result.status === 0) return;
  if (hide) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
  console.error(
    `set-up stopped: ${command} ${args.join(' ')} failed${result.error ? `: ${result.error.message}` : ''}`,
  );
  process.exit(result.status ?? 1);
}
