import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { createLogger } from './logger.js';
import { onShutdown, type SignalSource } from './shutdown.js';

const logger = createLogger({ name: 'test', level: 'silent' });

class FakeProcess extends EventEmitter implements SignalSource {
  exited: number | undefined;
  readonly ended = new Promise<number>((resolve) => this.once('exited', resolve));
  exit(code: number): void {
    this.exited ??= code;
    this.emit('exited', code);
  }
}

test('parts close one after another, the last opened first', async () => {
  const process = new FakeProcess();
  const shutdown = onShutdown({ logger, process });
  const closed: string[] = [];
  shutdown.add('database', () => void closed.push('database'));
  shutdown.add('queue', async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    closed.push('queue');
  });
  shutdown.add('http', () => void closed.push('http'));
  process.emit('SIGTERM');
  assert.equal(shutdown.signal.aborted, true);
  assert.equal(await process.ended, 0);
  assert.deepEqual(closed, ['http', 'queue', 'database']);
});

test('a part that fails to close does not keep the others open, and the process ends with 1', async () => {
  const process = new FakeProcess();
  const shutdown = onShutdown({ logger, process });
  let closed = false;
  shutdown.add('first', () => {
    closed = true;
  });
  shutdown.add('broken', () => Promise.reject(new Error('no')));
  process.emit('SIGINT');
  assert.equal(await process.ended, 1);
  assert.equal(closed, true);
});

test('a second signal ends the process at once', async () => {
  const process = new FakeProcess();
  const shutdown = onShutdown({ logger, process });
  shutdown.add('stuck', () => new Promise(() => {}));
  process.emit('SIGINT');
  assert.equal(process.exited, undefined);
  process.emit('SIGINT');
  assert.equal(await process.ended, 130);
});

test('parts that do not close in time do not keep the process alive', async () => {
  const process = new FakeProcess();
  const shutdown = onShutdown({ logger, process, graceMs: 10 });
  shutdown.add('stuck', () => new Promise(() => {}));
  process.emit('SIGTERM');
  const beat = setInterval(() => {}, 5);
  assert.equal(await process.ended, 1);
  clearInterval(beat);
});

test('closing by hand closes once and stops listening', async () => {
  const process = new FakeProcess();
  const shutdown = onShutdown({ logger, process });
  let closes = 0;
  shutdown.add('part', () => void closes++);
  await Promise.all([shutdown.close('done'), shutdown.close('done')]);
  assert.equal(closes, 1);
  assert.equal(process.listenerCount('SIGTERM'), 0);
  assert.equal(process.exited, undefined);
});
