import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ArtifactStore, EngramError, type TaskOutput } from '@engram/domain';
import { sha256Hex } from '@engram/numeric';

/** An artifact store in memory: what tasks read and write in tests. */
export class MemoryStore implements ArtifactStore {
  private readonly artifacts = new Map<string, Uint8Array>();
  private folder: string | undefined;
  private readonly links = new Map<string, TaskOutput>();

  async put(project: string, bytes: Uint8Array | AsyncIterable<Uint8Array>) {
    const chunks: Uint8Array[] = [];
    if (bytes instanceof Uint8Array) chunks.push(bytes);
    else for await (const chunk of bytes) chunks.push(chunk);
    const whole = new Uint8Array(Buffer.concat(chunks));
    const digest = sha256Hex(whole);
    this.artifacts.set(`${project}/${digest}`, whole);
    return { digest, sizeBytes: whole.length };
  }

  async read(project: string, digest: string): Promise<Uint8Array> {
    const bytes = this.artifacts.get(`${project}/${digest}`);
    if (bytes === undefined) throw new EngramError('ENG_ARTIFACT_NOT_FOUND', `no artifact ${digest}`);
    return bytes;
  }

  async *stream(project: string, digest: string): AsyncGenerator<Uint8Array> {
    yield await this.read(project, digest);
  }

  async open(project: string, digest: string) {
    const bytes = await this.read(project, digest);
    return {
      sizeBytes: bytes.length,
      read: async (offset: number, length: number) => bytes.slice(offset, offset + length),
      close: async () => {},
    };
  }

  async localPath(project: string, digest: string): Promise<string> {
    this.folder ??= await mkdtemp(join(tmpdir(), 'engram-audits-'));
    const file = join(this.folder, digest);
    await writeFile(file, await this.read(project, digest));
    return file;
  }

  /** Removes the files that were asked for by path. */
  async close(): Promise<void> {
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true });
  }

  async has(project: string, digest: string): Promise<boolean> {
    return this.artifacts.has(`${project}/${digest}`);
  }

  async delete(project: string, digest: string): Promise<void> {
    this.artifacts.delete(`${project}/${digest}`);
  }

  async link(project: string, key: string, output: TaskOutput): Promise<void> {
    if (!this.links.has(`${project}/${key}`)) this.links.set(`${project}/${key}`, output);
  }

  async resolve(project: string, key: string): Promise<TaskOutput | undefined> {
    return this.links.get(`${project}/${key}`);
  }
}
