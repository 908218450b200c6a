/** What reading one dataset may cost, whatever the uploaded bytes claim. */
export interface ReadLimits {
  /** Bytes a gzip file or a zip entry may unpack to. */
  readonly unpackedBytes: number;
  /** Unpacked bytes per packed byte, judged once `ratioFloorBytes` have been unpacked. */
  readonly ratio: number;
  readonly ratioFloorBytes: number;
  /** Samples, and so entries of the set of row hashes (about 16 bytes each). */
  readonly rows: number;
  /** One line of JSON, one record of CSV, one row's text. */
  readonly lineBytes: number;
  /** Column-major (Fortran) arrays are turned round by repeated reading, so they are bounded lower. */
  readonly fortranBytes: number;
}

const mebibyte = 1024 * 1024;

export const defaultReadLimits: ReadLimits = {
  unpackedBytes: 16 * 1024 * mebibyte,
  ratio: 300,
  ratioFloorBytes: 64 * mebibyte,
  rows: 5_000_000,
  lineBytes: 64 * mebibyte,
  fortranBytes: 1024 * mebibyte,
};
