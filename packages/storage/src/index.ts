export * from './artifacts/folder-store.js';
