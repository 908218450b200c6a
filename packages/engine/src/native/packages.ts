import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Where the npm packages the addon is made from are, and where it has to lie. */
export interface AddonPackages {
  /** Folder of @tensorflow/tfjs-node-gpu. */
  readonly backend: string;
  readonly backendVersion: string;
  /** C headers of Node's stable interface. */
  readonly nodeHeaders: string;
  /** Where @tensorflow/tfjs-node-gpu looks for its addon. */
  readonly addonPath: string;
  /** Beside it: what the addon there was made from. */
  readonly recordPath: string;
}

export function addonPackages(): AddonPackages {
  const manifest = require.resolve('@tensorflow/tfjs-node-gpu/package.json');
  const backend = dirname(manifest);
  const folder = join(backend, 'lib', 'napi-v8');
  return {
    backend,
    backendVersion: (require(manifest) as { version: string }).version,
    nodeHeaders: (require('node-api-headers') as { include_dir: string }).include_dir,
    addonPath: join(folder, 'tfjs_binding.node'),
    recordPath: join(folder, 'engram.json'),
  };
}
