/** The door of `cluster`. */
export type { Cluster, LockOptions, Member, PublishedValue, Topic } from './cluster.ts';
export { createSharedText, SharedText } from './shared-text.ts';
export { createClusterMemory, joinSingle, releaseLocksOf, type ClusterMemory } from './single.ts';
