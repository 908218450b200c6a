import { join } from 'node:path';
import { asEngramError, EngramError } from '@engram/domain';
import { buildAddon, digestOf, exists, placeAddon, writeAddonRecord } from './addon.js';
import { defaultCacheDir } from './cache-dir.js';
import { type NativeDevice, takeLibrary } from './library.js';
import { withLock } from './lock.js';
import { type AddonPackages, addonPackages } from './packages.js';
import { runProgram } from './process.js';
import type { OnProgress } from './progress.js';
import { hasNvidiaDevice, inspectNative, type NativeStatus } from './status.js';

export interface SetUpOptions {
  /** `auto` takes the CUDA library where an NVIDIA device is present; default: `$ENGRAM_DEVICE` or `auto`. */
  readonly device?: 'auto' | NativeDevice;
  readonly cacheDir?: string;
  /** Hash the cached library again (seconds) instead of comparing sizes. */
  readonly verify?: boolean;
  readonly onProgress?: OnProgress;
}

/**
 * Makes the native TensorFlow library usable: takes it out of TensorFlow's Python wheel into the user's cache, compiles
 * the addon against it and puts that where @tensorflow/tfjs-node-gpu looks. Every finished part is kept and skipped next
 * time; with a filled cache nothing is downloaded or compiled.
 *
 * Without pip or a compiler the package's own install script is tried, which downloads an old binary.
 *
 * @throws ENG_NATIVE_LIBRARY_MISSING what is missing and the command that repairs it. ENG_REQUEST_INVALID unknown device.
 */
export async function setUpNative(options: SetUpOptions = {}): Promise<NativeStatus> {
  const onProgress = options.onProgress ?? (() => undefined);
  const cacheDir = options.cacheDir ?? defaultCacheDir();
  const device = await chooseDevice(options.device);
  const packages = addonPackages();
  if (process.platform !== 'linux') {
    throw new EngramError(
      'ENG_NATIVE_LIBRARY_MISSING',
      `the native library is set up on Linux, not ${process.platform}`,
      {
        remedy: 'Run engram in its container image.',
      },
    );
  }
  const before = await inspectNative({ cacheDir });
  if (
    before.ready &&
    before.source === 'wheel' &&
    before.device === device &&
    options.verify !== true &&
    before.libraryFolder?.startsWith(cacheDir)
  ) {
    onProgress({ step: 'done', message: `TensorFlow ${before.libraryVersion} (${device}) is in place` });
    return before;
  }
  await withLock(join(cacheDir, 'native', 'set-up.lock'), () => takeAndBuild(), {
    onWait: () => onProgress({ step: 'wait', message: 'another set-up is running; waiting for it' }),
  });
  const after = await inspectNative({ cacheDir });
  onProgress({ step: 'done', message: `TensorFlow ${after.libraryVersion} (${after.device}) is in place` });
  return after;

  async function takeAndBuild(): Promise<void> {
    try {
      const library = await takeLibrary({ cacheDir, device, verify: options.verify ?? false, onProgress });
      const addon = await buildAddon(library, packages, () =>
        onProgress({ step: 'compile', message: 'compiling the TensorFlow addon (about ten seconds)' }),
      );
      onProgress({ step: 'link', message: 'putting the addon in place' });
      await placeAddon(addon, library, packages);
    } catch (error) {
      await installOldBinary(packages, asEngramError(error), onProgress);
    }
  }
}

async function chooseDevice(asked: SetUpOptions['device']): Promise<NativeDevice> {
  const device = asked ?? process.env.ENGRAM_DEVICE ?? 'auto';
  if (device === 'cpu' || device === 'cuda') return device;
  if (device === 'auto' || device === '') return (await hasNvidiaDevice()) ? 'cuda' : 'cpu';
  throw new EngramError('ENG_REQUEST_INVALID', `ENGRAM_DEVICE is auto, cpu or cuda, got ${JSON.stringify(device)}`);
}

/** The package's own install script: an old binary from outside, better than nothing. Failing too, the first cause stands. */
async function installOldBinary(packages: AddonPackages, cause: EngramError, onProgress: OnProgress): Promise<void> {
  onProgress({
    step: 'download',
    message: `${cause.message}; trying the old binary of @tensorflow/tfjs-node-gpu instead`,
  });
  const run = await runProgram(process.execPath, ['scripts/install.js', 'cpu', 'download'], { cwd: packages.backend });
  const libraryFolder = join(packages.backend, 'deps', 'lib');
  if (run.status !== 0 || !(await exists(packages.addonPath)) || !(await exists(libraryFolder))) {
    throw new EngramError(cause.code, cause.message, {
      ...(cause.remedy === undefined ? {} : { remedy: cause.remedy }),
      details: { ...cause.details, oldBinary: `could not be fetched either: ${run.stderr.slice(-500)}` },
      cause,
    });
  }
  await writeAddonRecord(packages, {
    source: 'package',
    device: 'cpu',
    libraryVersion: '2.9.1',
    libraryFolder,
    addonDigest: await digestOf(packages.addonPath),
  });
}
