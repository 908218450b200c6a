import type { ArtifactStore, Digest } from '@engram/domain';
import type { RecordStore } from '@engram/storage';

/**
 * Digests some upload of this process is still working with. Content-addressed bytes may belong to several uploads at
 * once: what one of them takes back, another may be about to record.
 */
export class DigestsInFlight {
  private readonly holders = new Map<string, number>();

  hold(project: string, digest: Digest): void {
    const name = `${project}/${digest}`;
    this.holders.set(name, (this.holders.get(name) ?? 0) + 1);
  }

  release(project: string, digest: Digest): void {
    const name = `${project}/${digest}`;
    const left = (this.holders.get(name) ?? 1) - 1;
    if (left === 0) this.holders.delete(name);
    else this.holders.set(name, left);
  }

  isHeld(project: string, digest: Digest): boolean {
    return this.holders.has(`${project}/${digest}`);
  }
}

export interface StagingOptions {
  readonly store: ArtifactStore;
  readonly project: string;
  readonly inFlight: DigestsInFlight;
  readonly records: Pick<RecordStore, 'unrecorded'>;
}

/** What one request has put into the store, so that all of it can be taken back. */
export interface Staging {
  /** The store, remembering what is put through it. */
  readonly store: ArtifactStore;
  /** Ends the staging: what nothing recorded refers to is deleted. Call it once, after recording or instead of it. */
  settle(): Promise<void>;
}

export function stageArtifacts(options: StagingOptions): Staging {
  const { store, project, inFlight } = options;
  const staged = new Set<Digest>();
  const remembering: ArtifactStore = {
    async put(owner, bytes, options) {
      const artifact = await store.put(owner, bytes, options);
      if (!staged.has(artifact.digest)) {
        staged.add(artifact.digest);
        inFlight.hold(project, artifact.digest);
      }
      return artifact;
    },
    read: (owner, digest) => store.read(owner, digest),
    stream: (owner, digest) => store.stream(owner, digest),
    open: (owner, digest) => store.open(owner, digest),
    localPath: (owner, digest) => store.localPath(owner, digest),
    has: (owner, digest) => store.has(owner, digest),
    delete: (owner, digest) => store.delete(owner, digest),
    link: (owner, key, output) => store.link(owner, key, output),
    resolve: (owner, key) => store.resolve(owner, key),
  };
  return {
    store: remembering,
    async settle() {
      for (const digest of staged) inFlight.release(project, digest);
      await deleteUnrecorded(options, staged);
    },
  };
}

/** Deletes those of the digests that no record refers to and no upload is working with. */
export async function deleteUnrecorded(options: StagingOptions, digests: Iterable<Digest>): Promise<void> {
  const { store, project, inFlight, records } = options;
  const candidates = [...digests].filter((digest) => !inFlight.isHeld(project, digest));
  if (candidates.length === 0) return;
  for (const digest of await records.unrecorded(project, candidates))
    if (!inFlight.isHeld(project, digest)) await store.delete(project, digest);
}
