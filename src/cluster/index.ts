/** The door of `cluster`. */
export type { Cluster, LockOptions, Member, PublishedValue, Topic } from './cluster.ts';
export { coordinatorId, joinCoordinators, type Coordinator, type CoordinatorOptions } from './coordinator.ts';
export { inspectDatabase, type DatabaseReport } from './inspection.ts';
export { joinCluster, joinShared } from './postgres.ts';
export { createSharedClusterMemory, type SharedClusterMemory } from './shared-state.ts';
export { createSharedText, SharedText } from './shared-text.ts';
export { createClusterMemory, joinSingle, releaseLocksOf, type ClusterMemory } from './single.ts';
