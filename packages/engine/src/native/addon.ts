import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EngramError } from '@engram/domain';
import type { NativeDevice, NativeLibrary } from './library.js';
import type { AddonPackages } from './packages.js';
import { runProgram } from './process.js';

/** Node's stable interface the addon is built for: every Node from 18 has it, so one build serves them all. */
const nodeApiVersion = 8;

/** What the addon in place was made from; written beside it. */
export interface AddonRecord {
  readonly source: 'wheel' | 'package';
  readonly device: NativeDevice;
  readonly libraryVersion: string;
  readonly wheel?: string;
  readonly libraryFolder: string;
  readonly addonDigest: string;
}

export const compilerRemedy =
  'Install a C++ compiler (Debian, Ubuntu: `sudo apt-get install g++`), then run `npm run setup` again.';

/** The first C++ compiler that answers: `$CXX`, g++, c++, clang++. */
export async function findCompiler(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  for (const program of [env.CXX, 'g++', 'c++', 'clang++']) {
    if (!program) continue;
    if ((await runProgram(program, ['--version'])).status === 0) return program;
  }
  return undefined;
}

/**
 * Compiles the addon against the library unless the cache has it, and returns its path in the cache. One compiler call,
 * no build system. The library's folder is written into it, so it works from wherever it is copied to.
 *
 * @throws ENG_NATIVE_LIBRARY_MISSING no compiler, or it failed.
 */
export async function buildAddon(
  library: NativeLibrary,
  packages: AddonPackages,
  onCompile: () => void,
): Promise<string> {
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(packages.backend, 'binding', file));
  const key = createHash('sha256');
  for (const part of [library.version, packages.backendVersion, `napi${nodeApiVersion}`, library.libraryFolder])
    key.update(`${part}\n`);
  for (const source of sources) key.update(await readFile(source));
  const addon = join(library.siteFolder, 'addon', `tfjs_binding-${key.digest('hex').slice(0, 16)}.node`);
  if (await exists(addon)) return addon;

  const compiler = await findCompiler();
  if (compiler === undefined) {
    throw new EngramError(
      'ENG_NATIVE_LIBRARY_MISSING',
      'compiling the TensorFlow addon needs a C++ compiler, and none of $CXX, g++, c++, clang++ answers',
      { remedy: compilerRemedy },
    );
  }
  onCompile();
  await mkdir(dirname(addon), { recursive: true });
  const include = library.includeFolder;
  const folders = [packages.nodeHeaders, include, join(include, 'tensorflow', 'compiler'), packages.backend];
  const run = await runProgram(compiler, [
    ...['-std=c++17', '-O2', '-shared', '-fPIC', '-w', `-DNAPI_VERSION=${nodeApiVersion}`],
    ...folders.flatMap((folder) => ['-I', folder]),
    ...sources,
    ...['-o', `${addon}.part`, '-L', library.libraryFolder],
    ...['-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2', `-Wl,-rpath,${library.libraryFolder}`],
  ]);
  if (run.status !== 0) {
    throw new EngramError('ENG_NATIVE_LIBRARY_MISSING', `${compiler} could not compile the TensorFlow addon`, {
      remedy: 'See `details.stderr`; a g++ of version 9 or later is known to do.',
      details: { compiler, stderr: run.stderr.slice(-2000) },
    });
  }
  await rename(`${addon}.part`, addon);
  return addon;
}

/** Copies the addon to where @tensorflow/tfjs-node-gpu loads it from, with a record of what it was made from. */
export async function placeAddon(addon: string, library: NativeLibrary, packages: AddonPackages): Promise<AddonRecord> {
  const record: AddonRecord = {
    source: 'wheel',
    device: library.device,
    libraryVersion: library.version,
    wheel: library.wheel,
    libraryFolder: library.libraryFolder,
    addonDigest: await digestOf(addon),
  };
  const placed = await readAddonRecord(packages);
  if (placed !== undefined && JSON.stringify(placed) === JSON.stringify(record) && (await isPlaced(packages, record)))
    return record;
  await mkdir(dirname(packages.addonPath), { recursive: true });
  await copyFile(addon, `${packages.addonPath}.part`);
  await rename(`${packages.addonPath}.part`, packages.addonPath);
  await writeAddonRecord(packages, record);
  return record;
}

export async function writeAddonRecord(packages: AddonPackages, record: AddonRecord): Promise<void> {
  await writeFile(`${packages.recordPath}.part`, `${JSON.stringify(record, null, 2)}\n`);
  await rename(`${packages.recordPath}.part`, packages.recordPath);
}

export async function readAddonRecord(packages: AddonPackages): Promise<AddonRecord | undefined> {
  try {
    return JSON.parse(await readFile(packages.recordPath, 'utf8')) as AddonRecord;
  } catch {
    return undefined;
  }
}

export async function isPlaced(packages: AddonPackages, record: AddonRecord): Promise<boolean> {
  return (await exists(packages.addonPath)) && (await digestOf(packages.addonPath)) === record.addonDigest;
}

export async function digestOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
