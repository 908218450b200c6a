// Status polls per second against a running service, the delays they see, and the delay of the server's event loop.
//   node bench/status-polls.mjs [--url http://127.0.0.1:7373] [--audit aud_…] [--connections 50] [--seconds 10]
//     [--fresh]  ask without If-None-Match, so that every answer has a body
// Without --audit the newest audit is polled. With keys: ENGRAM_KEY.
import { Agent, request } from 'node:http';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: process.env.ENGRAM_URL ?? 'http://127.0.0.1:7373' },
    audit: { type: 'string' },
    connections: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '10' },
    fresh: { type: 'boolean', default: false },
  },
});
const base = new URL(values.url);
const connections = Number(values.connections);
const seconds = Number(values.seconds);
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const key = process.env.ENGRAM_KEY;
const shared = key === undefined ? {} : { authorization: `Bearer ${key}` };

function get(path, headers = {}) {
  return new Promise((resolve, reject) => {
    const asking = request(new URL(path, base), { agent, headers: { ...shared, ...headers } }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text) => {
        body += text;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
      response.on('error', reject);
    });
    asking.on('error', reject);
    asking.end();
  });
}

async function newestAudit() {
  const { items } = JSON.parse((await get('/v1/audits?limit=1')).body);
  if (items.length === 0) throw new Error(`no audit at ${base.href}: post one, or name one with --audit`);
  return items[0].id;
}

/** Gauges of the server's own event loop, in milliseconds. */
async function serverLoop() {
  const { body } = await get('/metrics');
  const read = (name) =>
    Number(new RegExp(`^engram_nodejs_eventloop_lag_${name}_seconds(?:{[^}]*})? (.+)$`, 'm').exec(body)?.[1]) * 1000;
  return { mean: read('mean'), p99: read('p99'), max: read('max') };
}

const audit = values.audit ?? (await newestAudit());
const path = `/v1/audits/${audit}`;
await serverLoop(); // Reading the gauges starts their next interval.
const own = monitorEventLoopDelay({ resolution: 5 });
own.enable();

const delays = [];
const statuses = new Map();
const endsAt = performance.now() + seconds * 1000;
async function poll() {
  let tag;
  while (performance.now() < endsAt) {
    const startedAt = performance.now();
    const { status, headers } = await get(path, tag === undefined || values.fresh ? {} : { 'if-none-match': tag });
    delays.push(performance.now() - startedAt);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    tag = headers.etag;
  }
}
const startedAt = performance.now();
await Promise.all(Array.from({ length: connections }, poll));
const elapsed = (performance.now() - startedAt) / 1000;
own.disable();
const loop = await serverLoop();
agent.destroy();

delays.sort((a, b) => a - b);
const at = (share) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))].toFixed(1);
const answers = [...statuses].map(([status, count]) => `${count} × ${status}`).join(', ');
console.log(`${path}, ${connections} connections, ${elapsed.toFixed(1)} s`);
console.log(`polls per second   ${(delays.length / elapsed).toFixed(0)}   (${answers})`);
console.log(`delay in ms        p50 ${at(0.5)}   p99 ${at(0.99)}   max ${at(1)}`);
console.log(
  `server event loop  mean ${loop.mean.toFixed(1)} ms   p99 ${loop.p99.toFixed(1)} ms   max ${loop.max.toFixed(1)} ms`,
);
console.log(
  `(this process      mean ${(own.mean / 1e6).toFixed(1)} ms   p99 ${(own.percentile(99) / 1e6).toFixed(1)} ms)`,
);
