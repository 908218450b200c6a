import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngramError } from '@engram/domain';
import { openClient } from './client.js';
import { problemOf } from './problems.js';

interface Asked {
  readonly url: string;
  readonly init: RequestInit;
}

function answering(status: number, body: unknown) {
  const asked: Asked[] = [];
  const send = async (url: string | URL | Request, init: RequestInit = {}) => {
    asked.push({ url: String(url), init });
    return new Response(body === undefined ? null : JSON.stringify(body), { status });
  };
  const first = (): Asked & { readonly headers: Record<string, string> } => {
    const [call] = asked;
    assert.ok(call !== undefined);
    return { ...call, headers: call.init.headers as Record<string, string> };
  };
  return { client: openClient({ url: 'http://127.0.0.1:7373', key: 'k', fetch: send as typeof fetch }), first };
}

test('a call goes to the path of its route, with its parameters and the key', async () => {
  const { client, first } = answering(200, { id: 'aud_0123456789' });
  await client.getAudit({ params: { id: 'aud_0123456789' }, query: { wait: 30 } });
  assert.equal(first().url, 'http://127.0.0.1:7373/v1/audits/aud_0123456789?wait=30');
  assert.equal(first().init.method, 'GET');
  assert.equal(first().headers.authorization, 'Bearer k');
});

test('a body is sent as JSON, as it was written', async () => {
  const { client, first } = answering(202, {});
  const body = { data: { auditSet: 'dst_0123456789' }, tests: { membership: { attacks: ['loss' as const] } } };
  await client.createAudit({ body, headers: { 'idempotency-key': 'k1' } });
  assert.deepEqual(JSON.parse(String(first().init.body)), body);
  assert.equal(first().headers['idempotency-key'], 'k1');
});

test('an upload has the manifest first and files under their paths', async () => {
  const { client, first } = answering(201, {});
  await client.createDataset({ manifest: { name: 'd' }, files: { 'a/x.npy': new Blob(['abc']) } });
  const parts = [...(first().init.body as FormData).entries()];
  assert.deepEqual(
    parts.map(([name]) => name),
    ['manifest', 'files'],
  );
  assert.equal(((parts[1] as unknown[])[1] as File).name, 'a/x.npy');
});

test('nothing is returned where there is nothing', async () => {
  const { client } = answering(204, undefined);
  assert.equal(await client.deleteModel({ params: { id: 'mdl_0123456789' } }), undefined);
});

test('a problem is thrown as the error it was made from', async () => {
  const error = new EngramError('ENG_AUDIT_NOT_FOUND', 'there is no audit aud_0123456789', { remedy: 'List them.' });
  const { client } = answering(404, problemOf(error));
  await assert.rejects(client.getAudit({ params: { id: 'aud_0123456789' } }), {
    code: 'ENG_AUDIT_NOT_FOUND',
    message: 'there is no audit aud_0123456789',
    remedy: 'List them.',
  });
});

test('an answer of something else is told from one of engram', async () => {
  const { client } = answering(502, 'Bad Gateway');
  await assert.rejects(client.getHealth({}), { code: 'ENG_INTERNAL', message: /502/ });
});

test('a service that is not there is unavailable', async () => {
  const client = openClient({ url: 'http://127.0.0.1:1' });
  await assert.rejects(client.getHealth({}), { code: 'ENG_STORE_UNAVAILABLE' });
});
