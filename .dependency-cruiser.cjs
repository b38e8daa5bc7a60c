// The layers of ARCHITECTURE.md, as rules: `layers.json` is the only source, and `npm run check` enforces it.
const layers = require('./layers.json');

module.exports = {
  forbidden: [
    ...Object.entries(layers).map(([layer, mayImport]) => ({
      name: `${layer} imports only ${mayImport.join(', ') || 'nothing'}, each by its door`,
      severity: 'error',
      from: { path: `^src/${layer}/` },
      to: { path: '^src/', pathNot: [`^src/${layer}/`, ...mayImport.map((below) => `^src/${below}/index\\.ts$`)] },
    })),
    { name: 'no cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'all resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no devDependencies at run time',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$|\\.suite\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    // Services run in the server and import what it gives them.
    exclude: { path: '^tests/(services|types|web/store)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
};
