import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openMetrics, taskBuckets } from './metrics.js';

test('what is counted is rendered, with labels', async () => {
  const metrics = openMetrics({ process: 'api' });
  const tasks = metrics.counter({ name: 'engram_tasks_total', help: 'Tasks finished.', labels: ['kind'] });
  tasks.inc({ kind: 'write-report' }, 2);
  metrics.histogram({ name: 'engram_task_duration_seconds', help: 'Time a task took.' }, taskBuckets).observe(0.3);
  const { body, contentType } = await metrics.render();
  assert.match(body, /engram_tasks_total\{kind="write-report",process="api"\} 2/);
  assert.match(body, /engram_task_duration_seconds_bucket\{le="0\.5",process="api"\} 1/);
  assert.match(body, /engram_nodejs_eventloop_lag/);
  assert.match(contentType, /^text\/plain/);
  metrics.close();
});

test('a gauge with a reader is read at each scrape', async () => {
  const metrics = openMetrics();
  let depth = 3;
  metrics.gauge({ name: 'engram_queue_depth', help: 'Jobs waiting.' }, async (gauge) => gauge.set(depth));
  assert.match((await metrics.render()).body, /engram_queue_depth 3/);
  depth = 5;
  assert.match((await metrics.render()).body, /engram_queue_depth 5/);
  metrics.close();
});

test('two registries in one process do not meet', () => {
  const first = openMetrics();
  const second = openMetrics();
  first.counter({ name: 'engram_same_total', help: 'x' });
  assert.doesNotThrow(() => second.counter({ name: 'engram_same_total', help: 'x' }));
  first.close();
  second.close();
});
