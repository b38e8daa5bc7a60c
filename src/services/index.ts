/** The door of `services`. */
export { bundleOfBytes, bundleOfSource, type SourceOptions } from './source.ts';
export { ActivationError } from './activation.ts';
export { GateError } from './gate.ts';
export { Services, type ServicesOptions } from './services.ts';
export type { InstallOptions, ReplaceOptions, RollbackOptions, UninstallOptions } from './lifecycle.ts';
export type { ServiceDescription, ServiceSummary, ServiceVersion } from './descriptions.ts';
export { rivalWarning } from './rivals.ts';
export { bundleOfTemplate, TEMPLATES } from './new-service.ts';
export { FoxxStore } from './foxx-store.ts';
export type { CoordinatorState } from './states.ts';
export { QueueJobs, type DueJobs, type JobName, type QueueJobsOptions, type ThreadFate } from './queue-jobs.ts';
export { Tasks, type TasksOptions } from './tasks.ts';
export { idiomaticReport, REPORTERS, type Reporter } from '#modules';
