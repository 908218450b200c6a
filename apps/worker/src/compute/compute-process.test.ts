import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { EngramError, Json } from '@engram/domain';
import { ComputePool } from './compute-pool.js';
import { ComputeProcess, type ComputeProcessOptions, type ComputeTask } from './compute-process.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

function options(
  more: Partial<ComputeProcessOptions> = {},
  facts: { [name: string]: Json } = {},
): ComputeProcessOptions {
  return {
    entry: fileURLToPath(new URL('../fixtures/killable-compute.js', import.meta.url)),
    settings: { artifactsRoot: '', device: 'cpu', engineMode: 'auto', threads: null, scratchDir: '', facts },
    recycleAboveBytes: 1000,
    graceMs: 100,
    ...more,
  };
}

function openProcess(...given: Parameters<typeof options>): ComputeProcess {
  const process = new ComputeProcess(options(...given));
  open.push(process);
  return process;
}

function task(act: string, params: { [name: string]: Json } = {}): ComputeTask {
  return {
    project: 'prj',
    inputs: {},
    attempt: 1,
    task: {
      key: 'k',
      kind: 'collect-signals',
      version: 1,
      inputs: {},
      params: { act, ...params },
      seed: 0,
      units: 1,
      resource: 'compute',
    },
  };
}

const quiet = () => ({ signal: new AbortController().signal, onProgress: () => {} });
const code = (wanted: string) => (error: EngramError) => error.code === wanted;
const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a compute process', () => {
  it('starts at its first task, and stays for the next', async () => {
    const compute = openProcess();
    assert.equal(compute.pid, undefined);
    const first = await compute.run(task('done'), quiet());
    const second = await compute.run(task('done'), quiet());
    assert.equal(first.facts.pid, compute.pid);
    assert.equal(second.facts.pid, first.facts.pid);
  });

  it('passes progress on, of the task that runs and no other', async () => {
    const heard: unknown[] = [];
    await openProcess().run(task('report'), { ...quiet(), onProgress: (progress) => heard.push(progress) });
    assert.deepEqual(heard, [{ fraction: 0.5, note: 'half' }]);
  });

  it('passes failures on with code and remedy, and lives on', async () => {
    const compute = openProcess();
    await assert.rejects(compute.run(task('fail'), quiet()), (error: EngramError) => {
      assert.deepEqual([error.code, error.remedy], ['ENG_SATURATED_OUTPUTS', 'Give logits.']);
      return true;
    });
    await compute.run(task('done'), quiet());
  });

  it('tells of a crash as a lost device, and runs the next task in a fresh child', async () => {
    const compute = openProcess();
    const before = (await compute.run(task('done'), quiet())).facts.pid;
    await assert.rejects(compute.run(task('crash'), quiet()), code('ENG_DEVICE_LOST'));
    assert.notEqual((await compute.run(task('done'), quiet())).facts.pid, before);
  });

  it('tells of a child killed from outside as a lost device', async () => {
    const compute = openProcess();
    await compute.run(task('done'), quiet());
    const running = compute.run(task('hang'), quiet());
    process.kill(compute.pid!, 'SIGKILL');
    await assert.rejects(running, /SIGKILL/);
  });

  it('tells of a child that cannot start as a lost device', async () => {
    await assert.rejects(openProcess({}, { crashAtStart: true }).run(task('done'), quiet()), code('ENG_DEVICE_LOST'));
  });

  it('lets a cancelled child stop by itself, and keeps it', async () => {
    const compute = openProcess({ graceMs: 10_000 });
    const abort = new AbortController();
    const running = compute.run(task('wait'), { ...quiet(), signal: abort.signal });
    const { pid } = compute;
    abort.abort();
    await assert.rejects(running, code('ENG_AUDIT_CANCELLED'));
    assert.equal((await compute.run(task('done'), quiet())).facts.pid, pid);
  });

  it('kills a cancelled child that does not listen, after its grace', async () => {
    const compute = openProcess();
    const abort = new AbortController();
    const running = compute.run(task('hang'), { ...quiet(), signal: abort.signal });
    const pid = compute.pid!;
    abort.abort();
    await assert.rejects(running, code('ENG_AUDIT_CANCELLED'));
    assert.equal(alive(pid), false);
    await compute.run(task('done'), quiet());
  });

  it('does not start for a task that was cancelled before', async () => {
    const compute = openProcess();
    await assert.rejects(
      compute.run(task('done'), { ...quiet(), signal: AbortSignal.abort() }),
      code('ENG_AUDIT_CANCELLED'),
    );
    assert.equal(compute.pid, undefined);
  });

  it('replaces a child that holds too much, between tasks', async () => {
    const events: string[] = [];
    const compute = openProcess({ onEvent: (event) => events.push(event) });
    const small = await compute.run(task('done', { rssBytes: 1000 }), quiet());
    const large = await compute.run(task('done', { rssBytes: 1001 }), quiet());
    assert.equal(large.facts.pid, small.facts.pid);
    const next = await compute.run(task('done'), quiet());
    assert.notEqual(next.facts.pid, large.facts.pid);
    assert.deepEqual(events.slice(0, 2), ['started', 'recycled']);
  });

  it('takes its child with it when closed, and takes no task afterwards', async () => {
    const compute = openProcess();
    const running = compute.run(task('hang'), quiet());
    const pid = compute.pid!;
    const ended = assert.rejects(running, code('ENG_DEVICE_LOST'));
    await compute.close();
    await ended;
    assert.equal(alive(pid), false);
    await assert.rejects(compute.run(task('done'), quiet()), code('ENG_DEVICE_LOST'));
  });
});

describe('a pool of compute processes', () => {
  function openPool(size: number): ComputePool {
    const pool = new ComputePool(size, options());
    open.push(pool);
    return pool;
  }

  it('runs at most as many tasks at once as it has processes', async () => {
    const pool = openPool(2);
    const outputs = await Promise.all(Array.from({ length: 6 }, () => pool.run(task('done', { forMs: 5 }), quiet())));
    const used = new Set(outputs.map(({ facts }) => facts.pid));
    assert.ok(used.size <= 2);
    assert.deepEqual([...used].sort(), [...pool.pids].sort());
  });

  it('gives the process back after a crash', async () => {
    const pool = openPool(1);
    const [crash, after] = await Promise.allSettled([
      pool.run(task('crash'), quiet()),
      pool.run(task('done'), quiet()),
    ]);
    assert.deepEqual([crash.status, after.status], ['rejected', 'fulfilled']);
  });

  it('lets a task that was cancelled while it waited leave at once', async () => {
    const pool = openPool(1);
    const first = pool.run(task('hang'), quiet()).catch((error: EngramError) => error.code);
    const abort = new AbortController();
    const waiting = pool.run(task('done'), { ...quiet(), signal: abort.signal });
    abort.abort();
    await assert.rejects(waiting, code('ENG_AUDIT_CANCELLED'));
    await pool.close();
    assert.equal(await first, 'ENG_DEVICE_LOST');
  });

  it('lets everyone who waits know when it is closed', async () => {
    const pool = openPool(1);
    const ended = [pool.run(task('hang'), quiet()), pool.run(task('done'), quiet())].map((run) =>
      assert.rejects(run, code('ENG_DEVICE_LOST')),
    );
    await pool.close();
    await Promise.all(ended);
  });
});
