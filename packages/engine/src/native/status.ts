import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { type AddonRecord, compilerRemedy, exists, findCompiler, isPlaced, readAddonRecord } from './addon.js';
import { defaultCacheDir } from './cache-dir.js';
import { type NativeDevice, nameOfWheel } from './library.js';
import { addonPackages } from './packages.js';
import { runProgram } from './process.js';
import { findPip, pipRemedy } from './python.js';
import { isIntact, readTakenWheel } from './wheel.js';

/** What is wrong and the command that repairs it. */
export interface MissingPart {
  readonly what: string;
  readonly repair: string;
}

/** The native library in use, as plain JSON. */
export interface NativeStatus {
  /** An engine can be opened. */
  readonly ready: boolean;
  /** Where the addon came from: our build against TensorFlow's wheel, or the old binary of the package itself. */
  readonly source: 'wheel' | 'package' | 'none';
  readonly libraryVersion: string | null;
  readonly wheel: string | null;
  readonly libraryFolder: string | null;
  readonly addonPath: string;
  readonly addonBuilt: boolean;
  /** The device the library in place was taken for. */
  readonly device: NativeDevice | null;
  readonly nvidiaDevice: boolean;
  readonly cacheDir: string;
  readonly missing: readonly MissingPart[];
  readonly notes: readonly string[];
}

/** An NVIDIA device file exists, or nvidia-smi lists a GPU. */
export async function hasNvidiaDevice(): Promise<boolean> {
  const file = await access('/dev/nvidia0').then(
    () => true,
    () => false,
  );
  return file || /GPU \d+/.test((await runProgram('nvidia-smi', ['-L'])).stdout);
}

/** What is set up and what is not, without changing anything. Never throws. */
export async function inspectNative(options: { cacheDir?: string } = {}): Promise<NativeStatus> {
  const cacheDir = options.cacheDir ?? defaultCacheDir();
  const packages = addonPackages();
  const record = await readAddonRecord(packages);
  const nvidiaDevice = await hasNvidiaDevice();
  const missing: MissingPart[] = [];
  const addonBuilt = record !== undefined && (await isPlaced(packages, record));
  const libraryPresent = record !== undefined && (await isLibraryPresent(record));
  if (!libraryPresent) missing.push({ what: 'the TensorFlow library', repair: 'npm run setup' });
  if (!addonBuilt) missing.push({ what: 'the compiled TensorFlow addon', repair: 'npm run setup' });
  if (!libraryPresent && (await findPip()) === undefined)
    missing.push({ what: 'pip, to take the library', repair: pipRemedy });
  if (!addonBuilt && (await findCompiler()) === undefined)
    missing.push({ what: 'a C++ compiler, to build the addon', repair: compilerRemedy });
  return {
    ready: addonBuilt && libraryPresent,
    source: record?.source ?? 'none',
    libraryVersion: record?.libraryVersion ?? null,
    wheel: record?.wheel ?? null,
    libraryFolder: record?.libraryFolder ?? null,
    addonPath: packages.addonPath,
    addonBuilt,
    device: record?.device ?? null,
    nvidiaDevice,
    cacheDir,
    missing,
    notes: notesOn(record, nvidiaDevice),
  };
}

async function isLibraryPresent(record: AddonRecord): Promise<boolean> {
  if (record.source === 'package') return exists(record.libraryFolder);
  const site = join(record.libraryFolder, '..');
  const taken = await readTakenWheel(join(site, `${nameOfWheel(record.device)}.wheel.json`));
  return taken !== undefined && (await isIntact(taken, site, false));
}

function notesOn(record: AddonRecord | undefined, nvidiaDevice: boolean): string[] {
  const notes = [];
  if (record?.source === 'package')
    notes.push('The old binary of @tensorflow/tfjs-node-gpu is in use: slower, and blind to current GPUs.');
  if (nvidiaDevice && record?.device === 'cpu')
    notes.push('An NVIDIA device is present and unused: `ENGRAM_DEVICE=cuda npm run setup` takes the CUDA library.');
  if (record?.device === 'cuda' && !nvidiaDevice)
    notes.push('The CUDA library finds no NVIDIA device and runs on the CPU.');
  return notes;
}
