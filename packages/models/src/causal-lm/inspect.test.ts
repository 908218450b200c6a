import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { EngramError, type NdArray } from '@engram/domain';
import { inspectModel } from '../catalog.js';
import { sourceOfFolder } from '../fixtures/folder-source.js';
import { memorySource } from '../fixtures/memory-source.js';
import { realData } from '../fixtures/real-data.js';
import { parseModelManifest } from '../manifest.js';
import { parseSafetensorsHeader, readSafetensorsFloats, writeSafetensors } from '../safetensors/index.js';
import { readTokenizer } from './tokenizer.js';

const { manifest } = parseModelManifest({ name: 'stories', kind: 'causal-lm' });
const failsWith = (code: string, pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof EngramError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, pattern);
  return true;
};

function storiesFiles(folder: string): Record<string, Uint8Array> {
  return Object.fromEntries(
    ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'].map((name) => [
      name,
      readFileSync(`${folder}/hf/${name}`),
    ]),
  );
}
function withConfig(files: Record<string, Uint8Array>, change: object): Record<string, Uint8Array | object> {
  return { ...files, 'config.json': { ...JSON.parse(Buffer.from(files['config.json']!).toString()), ...change } };
}

describe('inspecting a Llama directory', () => {
  it('reads sizes and counts parameters of stories260K', async (context) => {
    const folder = realData(context, 'stories260k-lm');
    if (folder === undefined) return;
    const inspected = await inspectModel(manifest, await sourceOfFolder(`${folder}/hf`));
    assert.equal(inspected.vocabularySize, 512);
    assert.equal(inspected.contextLength, 512);
    // Header of 5,120 bytes aside, the file is all float32.
    assert.equal(inspected.parameterCount, 260_032);
    assert.ok(inspected.abilities.includes('generate'));
  });

  it('names the missing bytes of a truncated safetensors file', async (context) => {
    const folder = realData(context, 'stories260k-lm');
    if (folder === undefined) return;
    const files = storiesFiles(folder);
    const whole = files['model.safetensors']!;
    for (const length of [4, 100, whole.length - 1])
      await assert.rejects(
        inspectModel(manifest, memorySource({ ...files, 'model.safetensors': whole.slice(0, length) })),
        failsWith('ENG_FILE_TRUNCATED', new RegExp(`${length}`)),
      );
  });

  it('refuses pickles, own code, other architectures, scaled rotary positions and quantised weights by name', async (context) => {
    const folder = realData(context, 'stories260k-lm');
    if (folder === undefined) return;
    const files = storiesFiles(folder);
    const { 'model.safetensors': weights, ...rest } = files;
    const inspect = (change: object) => inspectModel(manifest, memorySource(withConfig(files, change)));
    await assert.rejects(
      inspectModel(manifest, memorySource({ ...rest, 'pytorch_model.bin': weights! })),
      failsWith('ENG_MODEL_UNSAFE', /pytorch_model\.bin/),
    );
    await assert.rejects(inspect({ auto_map: { AutoModel: 'code.Model' } }), failsWith('ENG_MODEL_UNSAFE', /auto_map/));
    await assert.rejects(
      inspect({ architectures: ['MistralForCausalLM'] }),
      failsWith('ENG_MODEL_UNSUPPORTED', /MistralForCausalLM/),
    );
    await assert.rejects(
      inspect({ rope_scaling: { rope_type: 'llama3', factor: 8 } }),
      failsWith('ENG_MODEL_UNSUPPORTED', /llama3/),
    );
    await assert.rejects(
      inspect({ quantization_config: { bits: 4 } }),
      failsWith('ENG_MODEL_UNSUPPORTED', /quantised/),
    );
    await assert.rejects(inspect({ intermediate_size: 171 }), failsWith('ENG_FILE_UNREADABLE', /gate_proj.*172.*171/));
  });

  it('reads weights spread over several files by an index', async (context) => {
    const folder = realData(context, 'stories260k-lm');
    if (folder === undefined) return;
    const { 'model.safetensors': whole, ...rest } = storiesFiles(folder);
    const header = parseSafetensorsHeader(whole!, whole!.length, 'whole');
    const parts: Record<string, NdArray<Float32Array>>[] = [{}, {}];
    const weightMap: Record<string, string> = {};
    for (const [index, name] of [...header.entries.keys()].entries()) {
      parts[index % 2]![name] = readSafetensorsFloats(whole!, header, name);
      weightMap[name] = `part-${index % 2}.safetensors`;
    }
    const files = {
      ...rest,
      'part-0.safetensors': writeSafetensors(parts[0]!),
      'part-1.safetensors': writeSafetensors(parts[1]!),
      'model.safetensors.index.json': { weight_map: weightMap },
    };
    assert.equal((await inspectModel(manifest, memorySource(files))).parameterCount, 260_032);
    const { 'part-1.safetensors': _second, ...without } = files;
    await assert.rejects(inspectModel(manifest, memorySource(without)), failsWith('ENG_FILE_UNREADABLE', /part-1/));
  });

  it('gives the token ids the model documents, and text back', async (context) => {
    const folder = realData(context, 'stories260k-lm');
    if (folder === undefined) return;
    const tokenizer = await readTokenizer(await sourceOfFolder(`${folder}/hf`), '');
    const text = 'Once upon a time, there was a little girl named Lily.';
    const ids = tokenizer.encode(text);
    assert.deepEqual([...ids], [1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426]);
    assert.equal(tokenizer.decode(ids), text);
    assert.deepEqual(tokenizer.prefixIds, [1]);
    assert.equal(tokenizer.size, 512);
    const odd = 'héllo Ünï 123 €';
    assert.equal(tokenizer.decode(tokenizer.encode(odd, { special: false })), odd);
  });
});
