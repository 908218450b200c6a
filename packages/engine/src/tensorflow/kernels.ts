import { EngramError } from '@engram/domain';
import type { GradConfig, KernelConfig, Tensor, TensorInfo } from '@tensorflow/tfjs';
import { dtypeNumber } from '../graph/dtypes.js';
import { attributeMaker, type NativeBackend, type TensorFlow } from './backend.js';

/**
 * Replaces what of the native backend's kernels and gradients cannot be recorded or is needlessly slow. The replacements
 * compute the same in every mode, since they hold for the whole process.
 */
export function installKernels(tf: TensorFlow, backend: NativeBackend): void {
  const attribute = attributeMaker(backend);
  const typeOf = (tensor: TensorInfo) => dtypeNumber(tensor.dtype);

  function replaceKernel(kernelName: string, kernelFunc: KernelConfig['kernelFunc']): void {
    if (tf.getKernel(kernelName, 'tensorflow') != null) tf.unregisterKernel(kernelName, 'tensorflow');
    tf.registerKernel({ kernelName, backendName: 'tensorflow', kernelFunc });
  }
  function replaceGradient(config: GradConfig): void {
    if (tf.getGradient(config.kernelName) != null) tf.unregisterGradient(config.kernelName);
    tf.registerGradient(config);
  }

  // tfjs-node reads the indices to check them. TensorFlow checks them itself on a CPU.
  replaceKernel('GatherV2', ({ inputs, attrs }) => {
    const { x, indices } = inputs as { x: TensorInfo; indices: TensorInfo };
    const { axis, batchDims } = attrs as unknown as { axis: number; batchDims: number };
    const axisTensor = tf.scalar(axis, 'int32');
    const gathered = backend.executeSingleOutput(
      'GatherV2',
      [
        attribute.int('batch_dims', batchDims),
        attribute.type('Tparams', typeOf(x)),
        attribute.type('Tindices', typeOf(indices)),
        attribute.type('Taxis', dtypeNumber('int32')),
      ],
      [x, indices, axisTensor],
    );
    axisTensor.dispose();
    return gathered;
  });

  // tfjs multiplies matrices with the batched kernel; the plain one is what TensorFlow optimises most.
  replaceKernel('BatchMatMul', ({ inputs, attrs }) => {
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
    const { transposeA, transposeB } = attrs as unknown as { transposeA: boolean; transposeB: boolean };
    const isPlain = a.shape.length === 2 && b.shape.length === 2;
    return backend.executeSingleOutput(
      isPlain ? 'MatMul' : 'BatchMatMulV2',
      [
        attribute.type('T', typeOf(a)),
        attribute.bool(isPlain ? 'transpose_a' : 'adj_x', transposeA),
        attribute.bool(isPlain ? 'transpose_b' : 'adj_y', transposeB),
      ],
      [a, b],
    );
  });

  replaceKernel('Multinomial', () => {
    throw new EngramError('ENG_PROGRAM_NOT_RECORDABLE', 'tf.multinomial draws from a state of its own', {
      remedy: 'Draw with the `random` the program is given.',
    });
  });

  // tfjs writes the slope of a rectifier as six kernels; TensorFlow has one for the whole product.
  replaceKernel('ReluGrad', ({ inputs }) => {
    const { dy, x } = inputs as { dy: TensorInfo; x: TensorInfo };
    return backend.executeSingleOutput('ReluGrad', [attribute.type('T', typeOf(dy))], [dy, x]);
  });
  const reluGrad = (dy: Tensor, x: Tensor): Tensor => tf.engine().runKernel('ReluGrad', { dy, x }) as Tensor;
  replaceGradient({
    kernelName: 'Relu',
    inputsToSave: ['x'],
    gradFunc: (dy, saved) => ({ x: () => reluGrad(dy as Tensor, saved[0]!) }),
  });
  replaceGradient({
    kernelName: 'ReluGrad',
    inputsToSave: ['x'],
    gradFunc: (dy, saved) => ({
      dy: () => reluGrad(dy as Tensor, saved[0]!),
      x: () => tf.zerosLike(saved[0]!),
    }),
  });

  const flat = (x: Tensor): Tensor => tf.zerosLike(tf.cast(x, 'float32'));
  // Piecewise constant: zero almost everywhere. tfjs has no gradient for them at all and throws, so that models with a
  // mask or a threshold in them could not be trained.
  for (const kernelName of ['Greater', 'GreaterEqual', 'Less', 'LessEqual', 'Equal', 'NotEqual']) {
    if (tf.getGradient(kernelName) != null) continue;
    tf.registerGradient({
      kernelName,
      inputsToSave: ['a', 'b'],
      gradFunc: (_dy, saved) => ({ a: () => flat(saved[0]!), b: () => flat(saved[1]!) }),
    });
  }
  for (const kernelName of ['Any', 'All', 'LogicalNot', 'IsNan', 'ArgMax', 'ArgMin']) {
    if (tf.getGradient(kernelName) != null) continue;
    tf.registerGradient({
      kernelName,
      inputsToSave: ['x'],
      gradFunc: (_dy, saved) => ({ x: () => flat(saved[0]!) }),
    });
  }

  // tfjs has the kernel and no gradient, so that its own attention layers could not be trained.
  replaceGradient({
    kernelName: 'Einsum',
    saveAllInputs: true,
    gradFunc: (dy, saved, attrs) => {
      const [left, out] = (attrs as unknown as { equation: string }).equation.replaceAll(' ', '').split('->') as [
        string,
        string,
      ];
      const terms = left.split(',');
      return Object.fromEntries(
        terms.map((term, i) => [
          String(i),
          () => {
            const others = terms.flatMap((other, j) => (j === i ? [] : [{ other, tensor: saved[j]! }]));
            const equation = `${[out, ...others.map(({ other }) => other)].join(',')}->${term}`;
            return tf.einsum(equation, dy as Tensor, ...others.map(({ tensor }) => tensor));
          },
        ]),
      );
    },
  });
}
