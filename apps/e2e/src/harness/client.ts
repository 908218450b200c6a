import assert from 'node:assert/strict';
import {
  type Audit,
  type AuditRequestInput,
  audit,
  type Capabilities,
  capabilities,
  type Dataset,
  dataset,
  type Model,
  model,
  type PlantedCanaries,
  type Preflight,
  pageOf,
  plantedCanaries,
  preflight,
  type Report,
  report,
  type SampleRow,
  samplePage,
} from '@engram/contract';
import { z } from 'zod';

/** What is sent in an upload: the manifest, and the bytes of each file by its path. */
export interface Upload {
  readonly manifest: unknown;
  readonly files: Readonly<Record<string, Uint8Array>>;
}

export interface Client {
  /** One request, whatever the answer. */
  send(path: string, init?: RequestInit): Promise<Response>;
  upload(path: '/v1/models' | '/v1/datasets', upload: Upload): Promise<Response>;
  uploadModel(upload: Upload): Promise<Model>;
  uploadDataset(upload: Upload): Promise<Dataset>;
  plantCanaries(request: object): Promise<PlantedCanaries>;
  /** The samples of a dataset, as an .npz archive. */
  content(datasetId: string): Promise<Uint8Array>;
  /** Any JSON, whatever the answer. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  submit(request: AuditRequestInput, headers?: Readonly<Record<string, string>>): Promise<Audit>;
  dryRun(request: AuditRequestInput): Promise<Preflight>;
  audit(id: string): Promise<Audit>;
  /** Long-polls until `isReached`, and no further than the end. */
  follow(id: string, isReached?: (audit: Audit) => boolean): Promise<Audit>;
  cancel(id: string): Promise<Response>;
  report(id: string): Promise<Report>;
  /** The whole per-sample table, a page after another. */
  samples(id: string): Promise<readonly SampleRow[]>;
  capabilities(): Promise<Capabilities>;
  /** The newest items of a list, without their form being checked. */
  list(path: '/v1/models' | '/v1/datasets' | '/v1/audits'): Promise<readonly unknown[]>;
}

/** Talks to a service and holds every answer to the contract's schema: an undeclared field fails the test. */
export function connect(url: string, key?: string): Client {
  const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${url}${path}`, { ...init, headers: { ...headers, ...(init.headers as Record<string, string>) } });
  }

  async function parsed<S extends z.ZodType>(response: Response, status: number, schema: S): Promise<z.output<S>> {
    const text = await response.text();
    assert.equal(response.status, status, `${response.url}: ${text}`);
    return schema.parse(JSON.parse(text));
  }

  const post = (path: string, body: unknown, more: Readonly<Record<string, string>> = {}) =>
    send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...more },
      body: JSON.stringify(body),
    });

  const client: Client = {
    send,
    upload(path, { manifest, files }) {
      const form = new FormData();
      form.append('manifest', typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
      for (const [name, bytes] of Object.entries(files))
        form.append('file', new Blob([bytes as Uint8Array<ArrayBuffer>]), name);
      return send(path, { method: 'POST', body: form });
    },
    uploadModel: async (upload) => parsed(await client.upload('/v1/models', upload), 201, model),
    uploadDataset: async (upload) => parsed(await client.upload('/v1/datasets', upload), 201, dataset),
    plantCanaries: async (request) => parsed(await post('/v1/canaries', request), 201, plantedCanaries),
    async content(datasetId) {
      const response = await send(`/v1/datasets/${datasetId}/content`);
      assert.equal(response.status, 200);
      return new Uint8Array(await response.arrayBuffer());
    },
    post,
    submit: async (request, more) => parsed(await post('/v1/audits', request, more), 202, audit),
    dryRun: async (request) => parsed(await post('/v1/audits?dryRun=true', request), 200, preflight),
    audit: async (id) => parsed(await send(`/v1/audits/${id}`), 200, audit),
    async follow(id, isReached = () => false) {
      let known: Record<string, string> = {};
      for (;;) {
        const response = await send(`/v1/audits/${id}?wait=10`, { headers: known });
        if (response.status === 304) continue;
        known = { 'if-none-match': response.headers.get('etag') ?? '' };
        const seen = await parsed(response, 200, audit);
        if (isReached(seen) || hasEnded(seen)) return seen;
      }
    },
    cancel: (id) => send(`/v1/audits/${id}/cancel`, { method: 'POST' }),
    report: async (id) => parsed(await send(`/v1/audits/${id}/report`), 200, report),
    async samples(id) {
      const rows: SampleRow[] = [];
      let cursor: string | null = null;
      do {
        const query: string = cursor === null ? 'limit=100' : `limit=100&cursor=${cursor}`;
        const page: z.output<typeof samplePage> = await parsed(
          await send(`/v1/audits/${id}/samples?${query}`),
          200,
          samplePage,
        );
        rows.push(...page.items);
        cursor = page.nextCursor;
        if (cursor === null) assert.equal(rows.length, page.count);
      } while (cursor !== null);
      return rows;
    },
    capabilities: async () => parsed(await send('/v1/capabilities'), 200, capabilities),
    list: async (path) => (await parsed(await send(path), 200, pageOf(z.unknown()))).items,
  };
  return client;
}

export function hasEnded({ status }: Pick<Audit, 'status'>): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}

/** Follows an audit to its end, which must be success. */
export async function succeed(client: Client, id: string): Promise<Audit> {
  const ended = await client.follow(id);
  assert.equal(ended.status, 'succeeded', JSON.stringify(ended.error));
  return ended;
}
