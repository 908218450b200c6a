import { inspectNative } from '@engram/engine';
import { findRedisServer, readSettings } from '@engram/service';

interface Finding {
  readonly part: string;
  readonly ok: boolean;
  readonly inUse: string;
  readonly repair?: string;
}

/** Says what is in use and what is missing, each with the command that repairs it. Exit code 1 when something is. */
export async function doctor(options: { readonly json?: boolean }): Promise<void> {
  const settings = readSettings(process.env);
  const native = await inspectNative({ cacheDir: settings.cacheDir });
  const findings: Finding[] = [nodeFinding()];
  findings.push({
    part: 'TensorFlow library',
    ok: native.ready,
    inUse: native.ready ? `${native.libraryVersion} from ${native.wheel ?? native.source}` : 'not ready',
    ...(native.missing[0] === undefined ? {} : { repair: native.missing[0].repair }),
  });
  for (const missing of native.missing.slice(1))
    findings.push({ part: missing.what, ok: false, inUse: 'missing', repair: missing.repair });
  findings.push({
    part: 'device',
    ok: settings.device !== 'cuda' || native.nvidiaDevice,
    inUse: native.nvidiaDevice ? `NVIDIA GPU (library for ${native.device ?? 'none'})` : 'CPU; no NVIDIA device found',
    ...(native.nvidiaDevice && native.device === 'cpu' ? { repair: 'npx engram setup --device cuda' } : {}),
  });
  findings.push({ part: 'XLA', ok: true, inUse: settings.engine === 'auto' ? 'chosen per program' : settings.engine });
  findings.push(await redisFinding(settings.redisUrl, settings.cacheDir));
  findings.push({
    part: 'database',
    ok: true,
    inUse:
      settings.databaseUrl === undefined
        ? `embedded, under ${settings.dataDir}`
        : `Postgres at ${hostOf(settings.databaseUrl)}`,
  });
  findings.push({ part: 'artifacts', ok: true, inUse: `local folder ${settings.dataDir}` });
  if (options.json === true) console.log(JSON.stringify({ findings, native }, null, 2));
  else print(findings, native.notes);
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
}

function nodeFinding(): Finding {
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
  const ok = major > 20 || (major === 20 && minor >= 19);
  return { part: 'Node', ok, inUse: process.versions.node, ...(ok ? {} : { repair: 'install Node 20.19 or newer' }) };
}

async function redisFinding(url: string | undefined, cacheDir: string): Promise<Finding> {
  if (url !== undefined) return { part: 'Redis', ok: true, inUse: `server at ${hostOf(url)}` };
  const found = await findRedisServer({ cacheDir, searchPath: process.env.PATH ?? '' });
  return found === undefined
    ? { part: 'Redis', ok: false, inUse: 'no server binary found', repair: 'npx engram setup' }
    : { part: 'Redis', ok: true, inUse: `own server, ${found.path}` };
}

/** Host and port only: the rest of the URL may carry a password. */
function hostOf(url: string): string {
  return new URL(url).host;
}

function print(findings: readonly Finding[], notes: readonly string[]): void {
  for (const { part, ok, inUse, repair } of findings) {
    console.log(`${ok ? 'ok     ' : 'missing'} ${part.padEnd(20)} ${inUse}`);
    if (repair !== undefined) console.log(`        ${''.padEnd(20)} repair: ${repair}`);
  }
  for (const note of notes) console.log(`note    ${note}`);
}
