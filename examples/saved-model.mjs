/** The two files `model.save` writes. */
export async function savedModel(tf, model) {
  let artifacts;
  await model.save(
    tf.io.withSaveHandler(async (given) => {
      artifacts = given;
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  const weights = artifacts.weightData instanceof ArrayBuffer ? [artifacts.weightData] : artifacts.weightData;
  const json = {
    format: 'layers-model',
    generatedBy: artifacts.generatedBy,
    modelTopology: artifacts.modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: artifacts.weightSpecs }],
  };
  return {
    'model.json': new TextEncoder().encode(JSON.stringify(json)),
    'weights.bin': new Uint8Array(await new Blob(weights).arrayBuffer()),
  };
}
