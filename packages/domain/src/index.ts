export * from './arrays.js';
export * from './errors.js';
export * from './measured.js';
