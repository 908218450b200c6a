// Imports point down, never sideways within layer 1 (docs/architecture.md). Each package lists what it may import.
const allowed = {
  'packages/domain': [],
  'packages/numeric': ['domain'],
  'packages/attacks': ['domain', 'numeric'],
  'packages/metrics': ['domain', 'numeric'],
  'packages/datasets': ['domain', 'numeric'],
  'packages/engine': ['domain', 'numeric'],
  'packages/models': ['domain', 'numeric', 'engine'],
  'packages/contract': ['domain', 'attacks', 'datasets', 'models'],
  'packages/audits': ['domain', 'numeric', 'attacks', 'metrics', 'datasets', 'models', 'contract', 'engine'],
  'packages/queue': ['domain', 'contract'],
  'packages/storage': ['domain', 'contract'],
  'packages/service': ['domain'],
  'packages/report': ['domain', 'contract'],
};

const packageRules = Object.entries(allowed).map(([folder, names]) => ({
  name: `${folder.split('/')[1]}-imports-down`,
  comment: `${folder} may import only: ${names.join(', ') || 'nothing of engram'}`,
  severity: 'error',
  from: { path: `^${folder}/src` },
  to: {
    path: '^(packages|apps)/',
    pathNot: [`^${folder}/`, ...names.map((name) => `^packages/${name}/`)],
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...packageRules,
    {
      name: 'no-app-imports-an-app',
      comment: 'apps meet over HTTP, Redis and the artifact store only; the cli may embed the api',
      severity: 'error',
      from: { path: '^apps/([^/]+)/src', pathNot: '^apps/(cli|e2e)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'only-queue-knows-bullmq',
      severity: 'error',
      from: { pathNot: '^packages/queue/' },
      to: { path: 'node_modules/(bullmq|ioredis)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-the-engine-loads-tensorflow',
      severity: 'error',
      from: { pathNot: '^packages/engine/' },
      to: { path: 'node_modules/@tensorflow/', dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'dist'] },
    exclude: { path: ['\\.test\\.ts$', '/src/fixtures/', '/bench/', '/dist/(?!index)'] },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
