/** The words that make `foxden` a tool instead of the server. Apart, so that the server does not load the tools to know. */
export const FOXDEN_TOOLS: ReadonlySet<string> = new Set([
  'backup',
  'check',
  'cluster',
  'completion',
  'help',
  'import',
  'restore',
  'shell',
]);
