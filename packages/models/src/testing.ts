/** For tests of other packages. */
export { byteLlama, byteLlamaRecipe, trainByteLlama } from './fixtures/byte-llama.js';
