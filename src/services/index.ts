/** The door of `services`. */
export { bundleOfBytes, bundleOfSource, type SourceOptions } from './source.ts';
export {
  Services,
  type InstallOptions,
  type ReplaceOptions,
  type ServiceDescription,
  type ServicesOptions,
  type ServiceSummary,
  type UninstallOptions,
} from './services.ts';
export { QueueJobs, type DueJobs, type JobName, type QueueJobsOptions } from './queue-jobs.ts';
export { Tasks, type TasksOptions } from './tasks.ts';
export { idiomaticReport, REPORTERS, type Reporter } from '#modules';
