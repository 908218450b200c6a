import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inspectNative } from '@engram/engine';

/** Versions a report states: of engram, and of the libraries its numbers rest on. */
export async function versions(cacheDir: string): Promise<Record<string, string>> {
  const { libraryVersion } = await inspectNative({ cacheDir });
  return {
    engram: versionIn(new URL('../package.json', import.meta.url)),
    ...(libraryVersion === null ? {} : { libtensorflow: libraryVersion }),
    onnxruntime: versionIn(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')),
  };
}

function versionIn(packageJson: string | URL): string {
  return (JSON.parse(readFileSync(packageJson, 'utf8')) as { version: string }).version;
}
