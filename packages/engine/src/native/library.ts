import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnProgress } from './progress.js';
import { type TakenWheel, takeWheel } from './wheel.js';

export type NativeDevice = 'cpu' | 'cuda';

/** The wheels libtensorflow is taken from. The digests are of the files for CPython 3.11 on x86-64, the ones asked for. */
const tensorflowWheels = {
  cpu: {
    name: 'tensorflow-cpu',
    version: '2.21.0',
    expectedBytes: 273_829_956,
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  },
  cuda: {
    name: 'tensorflow',
    version: '2.21.0',
    expectedBytes: 572_440_367,
    sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
  },
} as const;

export interface NativeLibrary {
  readonly device: NativeDevice;
  readonly version: string;
  readonly wheel: string;
  /** Laid out as the wheels are: `tensorflow/`, and for CUDA `nvidia/` beside it, where the library looks for it. */
  readonly siteFolder: string;
  /** Holds libtensorflow_cc.so.2 and libtensorflow_framework.so.2. */
  readonly libraryFolder: string;
  readonly includeFolder: string;
}

/** The folder the library of a device lives in, whether it is there or not. */
export function siteFolderOf(cacheDir: string, device: NativeDevice): string {
  const { name, version } = tensorflowWheels[device];
  return join(cacheDir, 'native', `${name}-${version}-${process.arch}`);
}

export function nameOfWheel(device: NativeDevice): string {
  return tensorflowWheels[device].name;
}

export function libraryIn(siteFolder: string, device: NativeDevice, taken: TakenWheel): NativeLibrary {
  return {
    device,
    version: taken.version,
    wheel: taken.wheel,
    siteFolder,
    libraryFolder: join(siteFolder, 'tensorflow'),
    includeFolder: join(siteFolder, 'tensorflow', 'include'),
  };
}

/** The two libraries and the few headers the addon is compiled against. */
function isWanted(path: string): boolean {
  return (
    /^tensorflow\/libtensorflow_(cc|framework)\.so\.2$/.test(path) ||
    /^tensorflow\/include\/tensorflow\/c\/.*\.h$/.test(path) ||
    /^tensorflow\/include\/(tensorflow\/core|tensorflow\/tsl|tsl)\/platform\/ctstring(_internal)?\.h$/.test(path) ||
    /^tensorflow\/include\/(tensorflow\/compiler\/)?xla\/tsl\/c\/tsl_status\.h$/.test(path) ||
    /^tensorflow[^/]*\.dist-info\/METADATA$/.test(path)
  );
}

/**
 * Takes libtensorflow for a device into the cache; for CUDA also the `nvidia-*` wheels the wheel's `and-cuda` extra
 * names. The folders stay as they are in the wheels, because libtensorflow finds CUDA by a path relative to itself.
 */
export async function takeLibrary(options: {
  cacheDir: string;
  device: NativeDevice;
  verify: boolean;
  onProgress: OnProgress;
}): Promise<NativeLibrary> {
  const { cacheDir, device, verify, onProgress } = options;
  const wheel = tensorflowWheels[device];
  const into = siteFolderOf(cacheDir, device);
  const taken = await takeWheel({
    name: wheel.name,
    version: wheel.version,
    expectedBytes: wheel.expectedBytes,
    ...(process.arch === 'x64' ? { sha256: wheel.sha256 } : {}),
    unpack: isWanted,
    into,
    verify,
    onProgress,
  });
  if (device === 'cuda') {
    const metadataPath = Object.keys(taken.files).find((path) => path.endsWith('/METADATA'));
    const metadata = metadataPath === undefined ? '' : await readFile(join(into, metadataPath), 'utf8');
    for (const { name, version } of cudaRequirements(metadata)) {
      await takeWheel({ name, version, unpack: isCudaRuntime, into, verify, onProgress });
    }
  }
  return libraryIn(into, device, taken);
}

/** Shared objects, and what XLA needs to compile for a GPU: the assembler and libdevice. */
function isCudaRuntime(path: string): boolean {
  return path.startsWith('nvidia/') && (/\.so(\.\d+)*$/.test(path) || /\/(ptxas|nvlink|libdevice\..*\.bc)$/.test(path));
}

/** The `nvidia-*` requirements of the `and-cuda` extra in a wheel's METADATA. */
export function cudaRequirements(metadata: string): { name: string; version: string }[] {
  const found = [];
  for (const line of metadata.split('\n')) {
    const match = /^Requires-Dist: (nvidia-[\w-]+)\s*\(?([^;()]*)\)?\s*;.*extra == ["']and-cuda["']/.exec(line);
    if (match !== null) found.push({ name: match[1]!, version: match[2]!.trim() });
  }
  return found;
}
