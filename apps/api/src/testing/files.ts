import { npy } from '@engram/datasets/testing';

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
