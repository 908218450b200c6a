import type { ArtifactStore, RandomAccess } from '@engram/domain';
import { StagedArtifact } from './staged-artifact.js';

/** Everything one reading writes to the store, so that a failure leaves nothing behind. */
export class Workspace {
  private readonly store: ArtifactStore;
  private readonly project: string;
  private readonly staged: StagedArtifact[] = [];
  private readonly temporary: StagedArtifact[] = [];
  private readonly opened: RandomAccess[] = [];

  constructor(store: ArtifactStore, project: string) {
    this.store = store;
    this.project = project;
  }

  stage(): StagedArtifact {
    const artifact = new StagedArtifact(this.store, this.project);
    this.staged.push(artifact);
    return artifact;
  }

  /** For bytes that must be read again at random positions before the reading ends; gone after `finish` or `discard`. */
  stageTemporary(): StagedArtifact {
    const artifact = new StagedArtifact(this.store, this.project);
    this.temporary.push(artifact);
    return artifact;
  }

  async reopen(artifact: StagedArtifact): Promise<RandomAccess> {
    const { digest } = await artifact.commit();
    const access = await this.store.open(this.project, digest);
    this.opened.push(access);
    return access;
  }

  /** Removes the temporary artifacts. Call before the others are committed: one may hold the same bytes. */
  async finish(): Promise<void> {
    for (const access of this.opened.splice(0)) await access.close();
    for (const artifact of this.temporary.splice(0)) await artifact.discard();
  }

  async discard(): Promise<void> {
    await this.finish();
    for (const artifact of this.staged.splice(0)) await artifact.discard();
  }
}
