/** The door of `services`. */
export { bundleOfBytes, bundleOfSource, type SourceOptions } from './source.ts';
export { ActivationError } from './activation.ts';
export { GateError } from './gate.ts';
export {
  Services,
  type InstallOptions,
  type ReplaceOptions,
  type RollbackOptions,
  type ServiceDescription,
  type ServicesOptions,
  type ServiceSummary,
  type ServiceVersion,
  type UninstallOptions,
} from './services.ts';
export { rivalWarning } from './development.ts';
export { bundleOfTemplate, TEMPLATES } from './new-service.ts';
export { FoxxStore } from './foxx-store.ts';
export type { CoordinatorState } from './states.ts';
export { QueueJobs, type DueJobs, type JobName, type QueueJobsOptions, type ThreadFate } from './queue-jobs.ts';
export { Tasks, type TasksOptions } from './tasks.ts';
export { idiomaticReport, REPORTERS, type Reporter } from '#modules';
