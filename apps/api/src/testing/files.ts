/** A little-endian .npy file, version 1.0. */
export function npy(
  values: Float32Array | Float64Array | Int32Array | Uint8Array,
  shape: readonly number[] = [values.length],
): Uint8Array {
  const descr =
    values instanceof Float32Array
      ? '<f4'
      : values instanceof Float64Array
        ? '<f8'
        : values instanceof Int32Array
          ? '<i4'
          : '|u1';
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  // Magic, version and length are 10 bytes; the whole header is a multiple of 64 and ends with a newline.
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64 - 10;
  const header = new TextEncoder().encode(`${dict.padEnd(length - 1)}\n`);
  const bytes = new Uint8Array(10 + length + values.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 0xff, length >> 8]);
  bytes.set(header, 10);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 10 + length);
  return bytes;
}

/** A TensorFlow.js layers model of one dense layer, inputs (width) to logits (classes), with weights of small waves. */
export function denseModel(width: number, classes: number): Record<string, Uint8Array> {
  const weights = Float32Array.from({ length: (width + 1) * classes }, (_, i) => Math.sin(i));
  const topology = {
    class_name: 'Sequential',
    config: {
      name: 'sequential',
      layers: [
        {
          class_name: 'Dense',
          config: {
            name: 'dense',
            trainable: true,
            batch_input_shape: [null, width],
            dtype: 'float32',
            units: classes,
            activation: 'linear',
            use_bias: true,
          },
        },
      ],
    },
  };
  const document = {
    format: 'layers-model',
    modelTopology: topology,
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: [
          { name: 'dense/kernel', shape: [width, classes], dtype: 'float32' },
          { name: 'dense/bias', shape: [classes], dtype: 'float32' },
        ],
      },
    ],
  };
  return {
    'model.json': new TextEncoder().encode(JSON.stringify(document)),
    'weights.bin': new Uint8Array(weights.buffer),
  };
}

/** A multipart body: the manifest, then files under their paths. */
export async function upload(
  manifest: unknown,
  files: Readonly<Record<string, Uint8Array>>,
): Promise<{ readonly payload: Buffer; readonly headers: Record<string, string> }> {
  const form = new FormData();
  form.append('manifest', typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  for (const [path, bytes] of Object.entries(files))
    form.append('files', new Blob([bytes as Uint8Array<ArrayBuffer>]), path);
  const response = new Response(form);
  return {
    payload: Buffer.from(await response.arrayBuffer()),
    headers: { 'content-type': response.headers.get('content-type') as string },
  };
}

/** Recorded outputs of a model that knows its members a little: losses, membership. */
export function outputsDataset(samples: number): { manifest: object; files: Record<string, Uint8Array> } {
  const member = Uint8Array.from({ length: samples }, (_, i) => i % 2);
  const loss = Float64Array.from({ length: samples }, (_, i) => 0.9 + 0.4 * Math.sin(i * 1.7) - 0.2 * (i % 2));
  return {
    manifest: {
      name: 'outputs',
      format: 'npy',
      fields: { loss: { file: 'loss.npy' }, member: { file: 'member.npy' } },
    },
    files: { 'loss.npy': npy(loss), 'member.npy': npy(member) },
  };
}
