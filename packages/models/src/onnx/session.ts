import { EngramError, type ModelSource } from '@engram/domain';
import type * as ort from 'onnxruntime-node';

/** The ONNX Runtime module, passed in by the process that loaded it. */
export type OnnxRuntime = typeof ort;

/** The one ONNX file of an upload. */
export function onnxFile(source: ModelSource) {
  const candidates = source.files.filter((file) => file.path.endsWith('.onnx'));
  if (candidates.length === 1) return candidates[0]!;
  throw new EngramError('ENG_FILE_UNREADABLE', `the upload holds ${candidates.length} .onnx files, expected one`, {
    remedy: 'Upload one ONNX model file, its weights inside.',
    details: { present: source.files.map((file) => file.path).slice(0, 20) },
  });
}

/**
 * Opens a session on the CPU with a bounded number of threads.
 *
 * @throws ENG_FILE_UNREADABLE when the runtime cannot load the file. ENG_MODEL_UNSUPPORTED when it has no implementation
 * of an operator.
 */
export async function openSession(
  runtime: OnnxRuntime,
  bytes: Uint8Array,
  threads: number,
): Promise<ort.InferenceSession> {
  try {
    return await runtime.InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    const missing = /implementation for|NOT_IMPLEMENTED|is not a registered|opset/i.test(said);
    throw new EngramError(
      missing ? 'ENG_MODEL_UNSUPPORTED' : 'ENG_FILE_UNREADABLE',
      `ONNX Runtime cannot load the file: ${said.slice(0, 300)}`,
      {
        remedy: missing
          ? 'Export the model with a current opset and standard operators.'
          : 'Export the model again and upload the file whole.',
        cause,
      },
    );
  }
}
