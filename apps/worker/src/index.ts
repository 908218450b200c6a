export { openWorkerProcess, type WorkerProcess, type WorkerProcessOptions } from './open-worker-process.js';
