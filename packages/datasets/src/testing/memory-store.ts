import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ArtifactStore, type Digest, EngramError, type RandomAccess, type TaskOutput } from '@engram/domain';

/** An artifact store in memory, with chunks of a chosen size so that every boundary can be tried. */
export class MemoryStore implements ArtifactStore {
  readonly artifacts = new Map<string, Uint8Array>();
  chunkBytes = 65_536;
  /** Puts that are still taking bytes. */
  openPuts = 0;
  /** When set, the put that reaches this many bytes fails as a full disk would. */
  failPutBeyond = Number.POSITIVE_INFINITY;
  private readonly links = new Map<string, TaskOutput>();
  private folder: string | undefined;

  async put(project: string, bytes: Uint8Array | AsyncIterable<Uint8Array>) {
    this.openPuts++;
    try {
      const chunks: Uint8Array[] = [];
      let size = 0;
      for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
        chunks.push(new Uint8Array(chunk));
        size += chunk.length;
        if (size > this.failPutBeyond) throw new EngramError('ENG_STORE_UNAVAILABLE', 'no space left');
      }
      const whole = Buffer.concat(chunks);
      const digest = createHash('sha256').update(whole).digest('hex');
      this.artifacts.set(`${project}/${digest}`, new Uint8Array(whole));
      return { digest, sizeBytes: whole.length };
    } finally {
      this.openPuts--;
    }
  }

  async read(project: string, digest: Digest): Promise<Uint8Array> {
    const bytes = this.artifacts.get(`${project}/${digest}`);
    if (bytes === undefined) throw new EngramError('ENG_ARTIFACT_NOT_FOUND', `no artifact ${digest}`);
    return bytes;
  }

  async *stream(project: string, digest: Digest): AsyncGenerator<Uint8Array> {
    const bytes = await this.read(project, digest);
    for (let at = 0; at < bytes.length; at += this.chunkBytes) yield bytes.subarray(at, at + this.chunkBytes);
  }

  async open(project: string, digest: Digest): Promise<RandomAccess> {
    const bytes = await this.read(project, digest);
    return {
      sizeBytes: bytes.length,
      async read(offset, length) {
        if (offset + length > bytes.length)
          throw new EngramError('ENG_FILE_TRUNCATED', `expected ${length} bytes at ${offset}, got ${bytes.length}`);
        return bytes.slice(offset, offset + length);
      },
      async close() {},
    };
  }

  async localPath(project: string, digest: Digest): Promise<string> {
    this.folder ??= await mkdtemp(join(tmpdir(), 'engram-memory-store-'));
    const file = join(this.folder, digest);
    await writeFile(file, await this.read(project, digest));
    return file;
  }

  /** Removes the files that were asked for by path. */
  async close(): Promise<void> {
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true });
  }

  async has(project: string, digest: Digest): Promise<boolean> {
    return this.artifacts.has(`${project}/${digest}`);
  }

  async delete(project: string, digest: Digest): Promise<void> {
    this.artifacts.delete(`${project}/${digest}`);
  }

  async link(project: string, key: string, output: TaskOutput): Promise<void> {
    const name = `${project}/${key}`;
    if (!this.links.has(name)) this.links.set(name, output);
  }

  async resolve(project: string, key: string): Promise<TaskOutput | undefined> {
    return this.links.get(`${project}/${key}`);
  }
}
