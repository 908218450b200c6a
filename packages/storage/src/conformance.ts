export * from './artifacts/conformance.js';
