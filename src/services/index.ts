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
export { idiomaticReport, REPORTERS, type Reporter } from '#modules';
