import { createHash } from 'node:crypto';
import { type ArtifactStore, type Digest, EngramError, type StoredArtifact } from '@engram/domain';
import { Rendezvous } from './rendezvous.js';

/**
 * An artifact being written whose last step waits for `commit`. The store shows an artifact only once its bytes have
 * ended, so everything that is staged can be dropped without a trace when a later row turns out to be wrong.
 */
export class StagedArtifact {
  private readonly store: ArtifactStore;
  private readonly project: string;
  private readonly channel = new Rendezvous();
  private readonly hash = createHash('sha256');
  private readonly put: Promise<StoredArtifact>;
  private created: Digest | undefined;

  constructor(store: ArtifactStore, project: string) {
    this.store = store;
    this.project = project;
    this.put = store.put(project, this.channel);
    // A store that fails (a full disk) must fail the writer too, who would otherwise wait for ever.
    this.put.catch((error) => this.channel.fail(error));
  }

  /** The bytes belong to the artifact from here on and must not be changed. */
  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.hash.update(bytes);
    await this.channel.send(bytes);
  }

  async commit(): Promise<StoredArtifact> {
    const digest = this.hash.digest('hex');
    const existed = await this.store.has(this.project, digest);
    this.channel.end();
    const stored = await this.put;
    if (!existed) this.created = stored.digest;
    return stored;
  }

  /** Drops what was written: nothing when not committed; the artifact itself when this commit made it. */
  async discard(): Promise<void> {
    this.channel.fail(new EngramError('ENG_INTERNAL', 'the staged artifact was discarded'));
    await this.put.catch(() => {});
    if (this.created !== undefined) await this.store.delete(this.project, this.created);
    this.created = undefined;
  }
}
