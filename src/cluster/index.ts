/** The door of `cluster`. */
export type { Cluster, Topic } from './cluster.ts';
export { createSharedText, SharedText } from './shared-text.ts';
export { createClusterMemory, joinSingle, releaseLocksOf } from './single.ts';
