import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ArtifactStore, EngramError, Plan, TaskSpec } from '@engram/domain';
import { openFolderStore } from '@engram/storage';
import { openPlanReader } from './plan-reader.js';

const base = { kind: 'collect-signals', version: 1, params: {}, seed: 0, units: 1, resource: 'compute' } as const;
const first: TaskSpec = { ...base, key: 'a'.repeat(64), inputs: { members: { artifact: 'm' } } };
const second: TaskSpec = { ...base, key: 'b'.repeat(64), inputs: { signals: { task: first.key } } };
const plan: Plan = { tasks: [first, second], root: second.key };
const code = (wanted: string) => (error: EngramError) => error.code === wanted;

describe('reading plans', () => {
  let root: string;
  let store: ArtifactStore;
  let digest: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'engram-plans-'));
    store = await openFolderStore({ root, limits: { artifactBytes: 1e6 } });
    ({ digest } = await store.put('prj', new TextEncoder().encode(JSON.stringify(plan))));
  });
  after(() => rm(root, { recursive: true, force: true }));

  it('finds a task by its key', async () => {
    assert.deepEqual(await openPlanReader(store).task('prj', digest, second.key), second);
  });

  it('refuses a key the plan does not have, and a plan of another project', async () => {
    const plans = openPlanReader(store);
    await assert.rejects(plans.task('prj', digest, 'c'.repeat(64)), code('ENG_INTERNAL'));
    await assert.rejects(plans.task('other', digest, first.key), code('ENG_ARTIFACT_NOT_FOUND'));
  });

  it('reads a plan once, and again after a failure', async () => {
    let reads = 0;
    let failing = true;
    const counting: ArtifactStore = Object.assign(Object.create(store) as ArtifactStore, {
      read: async (project: string, name: string) => {
        reads += 1;
        if (failing) throw new Error('the disk is away');
        return store.read(project, name);
      },
    });
    const plans = openPlanReader(counting);
    await assert.rejects(plans.task('prj', digest, first.key));
    failing = false;
    await Promise.all([plans.task('prj', digest, first.key), plans.task('prj', digest, second.key)]);
    assert.equal(reads, 2);
  });

  it('names inputs by digest: stored ones as they are, outputs of tasks once they are there', async () => {
    const plans = openPlanReader(store);
    assert.deepEqual(await plans.inputs('prj', first), { members: 'm' });
    await assert.rejects(plans.inputs('prj', second), code('ENG_ARTIFACT_NOT_FOUND'));
    const output = await store.put('prj', Uint8Array.of(1));
    await store.link('prj', first.key, { ...output, durationMs: 1, facts: {} });
    assert.deepEqual(await plans.inputs('prj', second), { signals: output.digest });
  });
});
