// A small client: what a user's own script needs of the API. Plain fetch, nothing of engram imported.

/** Talks to one engram service. */
export function connect(url = process.env.ENGRAM_URL ?? 'http://127.0.0.1:7373', key = process.env.ENGRAM_API_KEY) {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };

  async function call(method, path, { body, query, expect = [200, 201, 202] } = {}) {
    const target = new URL(path, url);
    for (const [name, value] of Object.entries(query ?? {})) target.searchParams.set(name, String(value));
    const json = body !== undefined && !(body instanceof FormData);
    const response = await fetch(target, {
      method,
      headers: { ...headers, ...(json ? { 'content-type': 'application/json' } : {}) },
      body: json ? JSON.stringify(body) : body,
    });
    const text = await response.text();
    const answer = text === '' ? null : JSON.parse(text);
    if (!expect.includes(response.status)) throw new Error(describeProblem(method, path, response.status, answer));
    return answer;
  }

  /** Uploads a manifest and the files it names: `{ 'x.npy': Uint8Array }`. */
  async function upload(path, manifest, files) {
    const form = new FormData();
    form.append('manifest', JSON.stringify(manifest));
    for (const [name, bytes] of Object.entries(files)) form.append('file', new Blob([bytes]), name);
    return call('POST', path, { body: form });
  }

  /** Waits for an audit to end, telling how far it is. */
  async function follow(id, onProgress = () => {}) {
    for (;;) {
      const audit = await call('GET', `/v1/audits/${id}`, { query: { wait: 2 } });
      onProgress(audit);
      if (['succeeded', 'failed', 'cancelled'].includes(audit.status)) return audit;
    }
  }

  return {
    url,
    uploadModel: (manifest, files) => upload('/v1/models', manifest, files),
    uploadDataset: (manifest, files) => upload('/v1/datasets', manifest, files),
    submit: (request) => call('POST', '/v1/audits', { body: request }),
    follow,
    capabilities: () => call('GET', '/v1/capabilities'),
    report: (id) => call('GET', `/v1/audits/${id}/report`),
  };
}

function describeProblem(method, path, status, problem) {
  const faults = (problem?.errors ?? []).map(({ pointer, message }) => `\n  ${pointer}: ${message}`).join('');
  return `${method} ${path} → ${status} ${problem?.code ?? ''}: ${problem?.detail ?? problem?.title ?? ''}${faults}${problem?.remedy ? `\n  ${problem.remedy}` : ''}`;
}

/** A .npy file of a typed array. */
export function npy(data, shape) {
  const types = { Float32Array: '<f4', Float64Array: '<f8', Int32Array: '<i4', Uint8Array: '|u1' };
  const shapeText = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const header = `{'descr': '${types[data.constructor.name]}', 'fortran_order': False, 'shape': ${shapeText}, }`;
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11, ' ')}\n`;
  const bytes = new Uint8Array(10 + padded.length + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, padded.length, true);
  bytes.set(new TextEncoder().encode(padded), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + padded.length);
  return bytes;
}

/** One line of progress, rewritten in place on a terminal, a new line now and then elsewhere. */
export function progressLine(label) {
  let last = '';
  return (audit) => {
    const { done, total, phase, etaSeconds } = audit.progress ?? {};
    const eta = etaSeconds === null || etaSeconds === undefined ? '' : `, about ${Math.ceil(etaSeconds)} s left`;
    const line = `${label}: ${audit.status}${total ? ` ${done}/${total} tasks` : ''}${phase ? `, ${phase}` : ''}${eta}`;
    if (line === last) return;
    last = line;
    if (process.stdout.isTTY)
      process.stdout.write(`\r\x1b[K${line}${audit.status === 'running' || audit.status === 'queued' ? '' : '\n'}`);
    else console.log(line);
  };
}

/** A measured number with its interval, or why there is none. */
export function show(measured, format = (value) => value.toFixed(3)) {
  if (measured.status !== 'measured') return `not measured (${measured.reason})`;
  return `${format(measured.value)} [${format(measured.low)}, ${format(measured.high)}]`;
}
