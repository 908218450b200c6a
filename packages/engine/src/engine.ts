import { tmpdir } from 'node:os';
import { EngramError, type MatrixKernels } from '@engram/domain';
import { inspectNative, type NativeStatus } from './native/status.js';
import { openEagerSession } from './session/eager-session.js';
import { openGraphSession } from './session/graph-session.js';
import type { Mode, Session, SessionSpec } from './session/spec.js';
import type { NativeBackend, TensorFlow } from './tensorflow/backend.js';
import { applyEnvironment, type EngineEnvironment } from './tensorflow/environment.js';
import { installKernels } from './tensorflow/kernels.js';
import { loadTensorFlow } from './tensorflow/load.js';
import { type NativeMatrix, nativeMatrixKernels } from './tensorflow/matrix-kernels.js';

export interface EngineOptions {
  /** `auto` uses an NVIDIA device when the library in place can. Default `auto`. */
  readonly device?: 'auto' | 'cpu' | 'cuda';
  /** How programs run where neither session nor program says otherwise. Default `auto`. */
  readonly mode?: Mode;
  /** Threads of the native library. Default: all the machine offers. */
  readonly threads?: number;
  /** Where graphs pass through on their way into TensorFlow. Default: the system's temporary folder. */
  readonly scratchDir?: string;
}

/** What computes, for reports: plain JSON. */
export interface EngineInfo {
  readonly library: 'tensorflow';
  readonly libraryVersion: string;
  readonly wheel: string | null;
  readonly device: 'cpu' | 'cuda';
  readonly mode: Mode;
  readonly threads: number;
  /** TensorFlow was told to prefer deterministic kernels. */
  readonly deterministic: boolean;
  readonly xla: boolean;
}

export interface Engine {
  /** The TensorFlow.js namespace on the native backend. */
  readonly tf: TensorFlow;
  readonly info: EngineInfo;
  /**
   * Records the programs and loads them over one set of variables.
   * @throws ENG_PROGRAM_NOT_RECORDABLE a program does what a recording would freeze.
   */
  session(spec: SessionSpec): Session;
  /** Algebra in float64, which sessions do not have. */
  readonly matrices: MatrixKernels<NativeMatrix>;
  /** Tensors alive in TensorFlow.js; sessions' variables are not among them. */
  tensorCount(): number;
  /** Disposes every session that is still open. */
  close(): void;
}

let opened: { tf: TensorFlow; backend: NativeBackend; environment: EngineEnvironment } | undefined;

/**
 * Loads the native TensorFlow library into this process and returns the engine. The library reads its settings once: a
 * second engine of the process shares them, and asking for others is an error.
 *
 * @throws ENG_NATIVE_LIBRARY_MISSING it is not set up. ENG_REQUEST_INVALID settings other than those it was loaded with.
 */
export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const status = await inspectNative();
  const { tf, backend, environment } = loadLibrary(options, status);
  const device = backend.isUsingGpuDevice ? 'cuda' : 'cpu';
  if (options.device === 'cuda' && device !== 'cuda') {
    throw new EngramError('ENG_NATIVE_LIBRARY_MISSING', 'device cuda was asked for, and TensorFlow finds no GPU', {
      remedy: 'Run `ENGRAM_DEVICE=cuda npm run setup` on a machine whose NVIDIA driver works (`nvidia-smi`).',
    });
  }
  const mode = options.mode ?? 'auto';
  const scratchDir = options.scratchDir ?? tmpdir();
  const sessions = new Set<Session>();
  return {
    tf,
    info: {
      library: 'tensorflow',
      libraryVersion: backend.binding.TF_Version,
      wheel: status.wheel,
      device,
      mode,
      threads: environment.threads,
      deterministic: environment.deterministic,
      xla: mode !== 'eager' && mode !== 'recorded',
    },
    session(spec) {
      const asked = spec.mode ?? mode;
      const session =
        asked === 'eager'
          ? openEagerSession(tf, backend, spec)
          : openGraphSession({ tf, backend, device, mode: asked, scratchDir }, spec);
      const { dispose } = session;
      session.dispose = () => {
        sessions.delete(session);
        dispose.call(session);
      };
      sessions.add(session);
      return session;
    },
    matrices: nativeMatrixKernels(backend),
    tensorCount: () => tf.memory().numTensors,
    close() {
      for (const session of sessions) session.dispose();
      sessions.clear();
    },
  };
}

function loadLibrary(options: EngineOptions, status: NativeStatus): NonNullable<typeof opened> {
  if (opened !== undefined) {
    const { threads } = opened.environment;
    if (options.threads !== undefined && options.threads !== threads) {
      throw new EngramError(
        'ENG_REQUEST_INVALID',
        `the native library of this process runs ${threads} threads and cannot change to ${options.threads}`,
        { remedy: 'Open the engine in a process of its own.' },
      );
    }
    return opened;
  }
  if (!status.ready) {
    throw new EngramError(
      'ENG_NATIVE_LIBRARY_MISSING',
      `missing: ${status.missing.map(({ what }) => what).join('; ')}`,
      {
        remedy: `Run \`${status.missing[0]?.repair ?? 'npm run setup'}\`.`,
        details: { status },
      },
    );
  }
  const environment = applyEnvironment(options, status);
  const tf = loadTensorFlow();
  const backend = tf.backend() as unknown as NativeBackend;
  installKernels(tf, backend);
  opened = { tf, backend, environment };
  return opened;
}
