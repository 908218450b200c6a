import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { ArtifactStore, TaskOutput } from '@engram/domain';

/** A store under test. */
export interface StoreUnderTest {
  readonly store: ArtifactStore;
  /** Changes stored bytes behind the store's back, as a failing disk would; absent where a store cannot be got behind. */
  damage?(project: string, digest: string): Promise<void>;
  /** How many bytes lie anywhere, half-written ones included. */
  bytesHeld?(): Promise<number>;
  close(): Promise<void>;
}

/** What every artifact store does: the definition of the port, as tests. Call it from a test file of the store. */
export function artifactStoreConformance(name: string, open: () => Promise<StoreUnderTest>): void {
  const check = (title: string, body: (under: StoreUnderTest) => Promise<void>): void => {
    test(`${name}: ${title}`, async () => {
      const under = await open();
      try {
        await body(under);
      } finally {
        await under.close();
      }
    });
  };
  const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
  const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const outputOf = (digest: string, durationMs = 1): TaskOutput => ({
    digest,
    sizeBytes: 3,
    durationMs,
    facts: { n: 1 },
  });
  async function* inPieces(...pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
    yield* pieces;
  }

  check('what is put can be read, under the sha-256 of its bytes', async ({ store }) => {
    const bytes = bytesOf('what a model remembers');
    const stored = await store.put('default', bytes);
    assert.deepEqual(stored, { digest: digestOf(bytes), sizeBytes: bytes.length });
    assert.deepEqual(new Uint8Array(await store.read('default', stored.digest)), bytes);
    assert.equal(await store.has('default', stored.digest), true);
  });

  check(
    'a stream of pieces is the same artifact as its bytes at once; nothing at all is one too',
    async ({ store }) => {
      const whole = await store.put('default', bytesOf('abcdef'));
      const pieces = await store.put('default', inPieces(bytesOf('ab'), new Uint8Array(0), bytesOf('cdef')));
      assert.deepEqual(pieces, whole);
      const empty = await store.put('default', inPieces());
      assert.equal(empty.sizeBytes, 0);
      assert.equal((await store.read('default', empty.digest)).length, 0);
    },
  );

  check('one project neither reads nor detects what another stored', async ({ store }) => {
    const { digest } = await store.put('alpha', bytesOf('private'));
    assert.equal(await store.has('beta', digest), false);
    await assert.rejects(store.read('beta', digest), { code: 'ENG_ARTIFACT_NOT_FOUND' });
    await assert.rejects(store.open('beta', digest), { code: 'ENG_ARTIFACT_NOT_FOUND' });
    await assert.rejects(store.localPath('beta', digest), { code: 'ENG_ARTIFACT_NOT_FOUND' });
    await store.link('alpha', 'task', outputOf(digest));
    assert.equal(await store.resolve('beta', 'task'), undefined);
    await store.delete('beta', digest);
    assert.equal(await store.has('alpha', digest), true);
  });

  check('a write beyond its limit is refused while it streams and leaves nothing', async (under) => {
    const before = await under.bytesHeld?.();
    let pulled = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        pulled++;
        yield new Uint8Array(1000);
      }
    }
    await assert.rejects(under.store.put('default', endless(), { limitBytes: 10_000 }), {
      code: 'ENG_UPLOAD_TOO_LARGE',
    });
    assert.equal(pulled, 11);
    assert.equal(await under.bytesHeld?.(), before);
    const exact = await under.store.put('default', new Uint8Array(10_000), { limitBytes: 10_000 });
    assert.equal(exact.sizeBytes, 10_000);
  });

  check('a source that fails, and an upload given up while its source is silent, leave nothing', async (under) => {
    const before = await under.bytesHeld?.();
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield bytesOf('half');
      // As a socket fails: what the source threw comes through as it is, and is not blamed on the store.
      throw Object.assign(new Error('connection lost'), { code: 'ECONNRESET', syscall: 'read' });
    }
    await assert.rejects(under.store.put('default', failing()), { code: 'ECONNRESET' });
    const abort = new AbortController();
    async function* silent(): AsyncGenerator<Uint8Array> {
      yield bytesOf('half');
      queueMicrotask(() => abort.abort(new Error('client went away')));
      await new Promise(() => {});
    }
    await assert.rejects(under.store.put('default', silent(), { signal: abort.signal }), /client went away/);
    assert.equal(await under.bytesHeld?.(), before);
  });

  check('ranges are read exactly, and one past the end is refused', async ({ store }) => {
    const { digest } = await store.put('default', bytesOf('0123456789'));
    const file = await store.open('default', digest);
    assert.equal(file.sizeBytes, 10);
    assert.deepEqual(await file.read(3, 4), bytesOf('3456'));
    assert.deepEqual(await file.read(10, 0), new Uint8Array(0));
    await assert.rejects(file.read(8, 3), { code: 'ENG_FILE_TRUNCATED' });
    await assert.rejects(file.read(-1, 3), { code: 'ENG_INTERNAL' });
    await file.close();
  });

  check('a stream gives the bytes in order, and a local path a file with them', async ({ store }) => {
    const bytes = new Uint8Array(700_001).map((_, index) => index % 251);
    const { digest } = await store.put('default', bytes);
    const pieces: Uint8Array[] = [];
    for await (const piece of store.stream('default', digest)) pieces.push(piece);
    assert.equal(digestOf(Buffer.concat(pieces)), digest);
    assert.equal(digestOf(await readFile(await store.localPath('default', digest))), digest);
  });

  check('damaged bytes are never given out as whole ones, and putting them again repairs them', async (under) => {
    if (under.damage === undefined) return;
    const { store } = under;
    const bytes = bytesOf('intact');
    const { digest } = await store.put('default', bytes);
    await under.damage('default', digest);
    await assert.rejects(store.read('default', digest), { code: 'ENG_ARTIFACT_CORRUPT' });
    const drain = async (): Promise<void> => {
      for await (const _ of store.stream('default', digest));
    };
    await assert.rejects(drain(), { code: 'ENG_ARTIFACT_CORRUPT' });
    await store.put('default', bytes);
    assert.deepEqual(new Uint8Array(await store.read('default', digest)), bytes);
  });

  check('what was deleted is gone, and deleting it again is no error', async ({ store }) => {
    const { digest } = await store.put('default', bytesOf('short-lived'));
    await store.delete('default', digest);
    await store.delete('default', digest);
    assert.equal(await store.has('default', digest), false);
    await assert.rejects(store.read('default', digest), { code: 'ENG_ARTIFACT_NOT_FOUND' });
  });

  check('of many who name a task’s output at once, one wins and all see the same', async ({ store }) => {
    const stored = await Promise.all(Array.from({ length: 8 }, (_, n) => store.put('default', bytesOf(`output ${n}`))));
    await Promise.all(stored.map(({ digest }, n) => store.link('default', 'task', outputOf(digest, n))));
    const first = await store.resolve('default', 'task');
    assert.ok(first !== undefined && stored.some(({ digest }) => digest === first.digest));
    assert.deepEqual(first.facts, { n: 1 });
    await store.link('default', 'task', outputOf(stored.find(({ digest }) => digest !== first.digest)!.digest));
    assert.deepEqual(await store.resolve('default', 'task'), first);
  });

  check('a name whose artifact is gone names nothing, until the task has run again', async ({ store }) => {
    const old = await store.put('default', bytesOf('first run'));
    await store.link('default', 'task', outputOf(old.digest));
    await store.delete('default', old.digest);
    assert.equal(await store.resolve('default', 'task'), undefined);
    const fresh = await store.put('default', bytesOf('second run'));
    await store.link('default', 'task', outputOf(fresh.digest));
    assert.equal((await store.resolve('default', 'task'))?.digest, fresh.digest);
  });

  check('names that would lead out of the store are refused', async ({ store }) => {
    const { digest } = await store.put('default', bytesOf('x'));
    for (const project of ['..', '../default', 'a/b', '', '.incoming', 'A', 'x'.repeat(64)])
      await assert.rejects(store.put(project, bytesOf('x')), { code: 'ENG_REQUEST_INVALID' }, project);
    for (const name of [`../default/${digest.slice(0, 2)}/${digest}`, '..', digest.toUpperCase(), digest.slice(1)])
      await assert.rejects(store.read('default', name), { code: 'ENG_ARTIFACT_NOT_FOUND' }, name);
    for (const key of ['../task', '', 'a/b', 'a.json'])
      await assert.rejects(store.link('default', key, outputOf(digest)), { code: 'ENG_INTERNAL' }, key);
  });
}
