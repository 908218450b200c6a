// The whole of engram in front of you: sets up, serves on embedded defaults, audits two models over HTTP, prints what
// was found and where the reports are. `npm run demo -- --stay` keeps serving afterwards.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stay = process.argv.includes('--stay');
const dataFolder = join(root, '.engram');
const reports = join(dataFolder, 'demo');
const started = Date.now();

const setup = spawnSync(process.execPath, [join(root, 'scripts/setup.mjs')], { stdio: 'inherit' });
if (setup.status !== 0) process.exit(setup.status ?? 1);
const setUpSeconds = seconds();

const service = spawn(
  process.execPath,
  [join(root, 'apps/cli/bin/engram.js'), 'serve', '--port', process.env.ENGRAM_PORT ?? '0'],
  {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
process.on('SIGINT', () => stop(130));
process.on('SIGTERM', () => stop(143));
const url = await listening(service);
console.log(`\nserving on ${url}`);

try {
  // Loaded here, once set-up has installed what they stand on.
  const { connect } = await import('../examples/client.mjs');
  const { auditDigits, tellDigits } = await import('../examples/digits.mjs');
  const { auditEmails, tellEmails } = await import('../examples/emails.mjs');
  mkdirSync(reports, { recursive: true });
  const client = connect(url);
  const found = [];
  for (const [name, audit, tell] of [
    ['digits', auditDigits, tellDigits],
    ['e-mails', auditEmails, tellEmails],
  ]) {
    const from = Date.now();
    console.log(`\n=== ${name}`);
    const { audit: finished, report } = await audit(client);
    const page = await fetch(`${url}/v1/audits/${finished.id}/report.html`);
    const file = join(reports, `${name}.html`);
    writeFileSync(file, await page.text());
    found.push(() => {
      console.log(`\n=== ${name}: what was found`);
      tell(report);
      console.log(`  report           ${file}`);
      if (stay) console.log(`                   ${url}/v1/audits/${finished.id}/report.html`);
    });
    console.log(`audited in ${((Date.now() - from) / 1000).toFixed(0)} s`);
  }
  for (const tell of found) tell();
  console.log(`\nset-up took ${setUpSeconds.toFixed(0)} s, everything ${seconds().toFixed(0)} s`);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  console.error(`logs are in ${join(dataFolder, 'logs')}`);
  await stop(1);
}
if (stay) console.log(`\nstill serving on ${url} (try ${url}/docs); stop with Ctrl-C`);
else await stop(0);

function listening(child) {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (bytes) => {
      printed += bytes;
      const match = /listens on (\S+)/.exec(printed);
      if (match) resolve(match[1]);
    });
    child.on('exit', (code) => reject(new Error(`the service ended with exit code ${code}:\n${printed}`)));
  });
}

async function stop(code) {
  if (service.exitCode === null && service.signalCode === null) {
    service.removeAllListeners('exit');
    service.kill('SIGTERM');
    await new Promise((resolve) => service.once('exit', resolve));
  }
  process.exit(code);
}

function seconds() {
  return (Date.now() - started) / 1000;
}
