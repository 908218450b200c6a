import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { createLogger } from './logger.js';

function logged(write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLogger({ name: 'test', level: 'info', destination: { write: (line) => void lines.push(line) } }));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('credentials and sample content are withheld at every level an event has', () => {
  const lines = logged((log) => {
    log.info({ password: 'hunter2', apiKey: 'hunter2' }, 'top level');
    log.info({ request: { authorization: 'Bearer hunter2', headers: { cookie: 'hunter2' } } }, 'below');
    log.info({ details: { sample: 'hunter2', texts: ['hunter2'], generation: 'hunter2' } }, 'sample');
  });
  assert.equal(lines.length, 3);
  for (const line of lines) assert.doesNotMatch(JSON.stringify(line), /hunter2/);
  assert.equal(lines[0]!.password, '[withheld]');
});

test('an error is written with its code, details and stack', () => {
  const [line] = logged((log) =>
    log.error(
      { err: new EngramError('ENG_RATE_LIMITED', 'asked too often', { details: { retryAfterMs: 500 } }) },
      'failed',
    ),
  );
  const err = line!.err as Record<string, unknown>;
  assert.equal(err.code, 'ENG_RATE_LIMITED');
  assert.deepEqual(err.details, { retryAfterMs: 500 });
  assert.match(String(err.stack), /logger\.test/);
});

test('a level is written by name and times in UTC', () => {
  const [line] = logged((log) => log.warn({ auditId: 'aud_1' }, 'event'));
  assert.equal(line!.level, 'warn');
  assert.match(String(line!.time), /^\d{4}-\d\d-\d\dT.*Z$/);
});
