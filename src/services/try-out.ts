/** What a version goes through before it is stored: its setup, its `main` and, if wanted, its tests, from where its files were unpacked. */
import { describeError, isArangoError, log } from '#base';
import type { Database } from '#database';
import { loadService, type ServiceSource } from '#modules';
import { ActivationError, failureOf } from './activation.ts';
import { missingNames } from './configuration.ts';
import type { Activated } from './descriptions.ts';
import { runGate, type GateOptions, type TestReport } from './gate.ts';
import { needsConfiguration, runNamedScript, sourceOf, type Surroundings } from './instance.ts';
import { readManifest } from './manifest.ts';
import { Pending } from './pending.ts';
import { checkFiles, type PreparedService } from './prepare.ts';
import type { ServiceOptions } from './store.ts';
import type { ThreadServices } from './thread-services.ts';

/** What every operation that puts a version into its place takes. */
export interface ActivationOptions {
  /** All coordinators change to it together, or none does. */
  readonly isAtomic?: boolean;
  /** The tests of the new version must pass first; only with `isAtomic`. */
  readonly isTested?: boolean;
  /** The user who asks. */
  readonly by?: string | undefined;
}

/** A version on its way into its place. */
export interface Course {
  /** Steps that have been done. */
  readonly skip: ReadonlySet<string>;
  /** An error of a script or of `main` is only logged. */
  readonly goesOn: boolean;
  readonly runsSetup: boolean;
  readonly options: ActivationOptions;
  /** What becomes of an atomic activation. */
  readonly outcome: { activated?: Activated; tests?: TestReport };
}

/** An error ends the operation, or is only logged if it goes on. Throws `Pending` when a step is asynchronous. */
export function tryOut(
  around: Surroundings,
  mount: string,
  { manifest, folder }: PreparedService,
  stored: ServiceOptions,
  { runsSetup, goesOn, skip, options, outcome }: Course,
  gate: () => GateOptions,
): void {
  const source = sourceOf({ ...around, mount, folder, manifest, ...stored });
  const name = (error: unknown): unknown =>
    options.isAtomic === true ? new ActivationError(mount, [failureOf(around.cluster.id, error)], { cause: error }) : error;
  if (runsSetup && !skip.has('setup')) attempt(goesOn, mount, 'setup', () => runNamedScript(source, 'setup', []), name);
  const missing = missingNames(manifest, stored.configuration, stored.dependencies);
  if (missing.length === 0 && !skip.has('main')) attempt(goesOn, mount, 'main', () => loadOnce(source), name);
  if (options.isTested !== true || skip.has('tests')) return;
  if (missing.length > 0) throw needsConfiguration(mount, missing);
  attempt(false, mount, 'tests', () => runGate(source, gate(), (report) => (outcome.tests = report)));
}

/** Loads a version that another coordinator proposes. A promise when `main` awaits something. */
export function tryLoad(
  services: ThreadServices,
  database: Database,
  mount: string,
  folder: string,
  stored: ServiceOptions,
): void | Promise<void> {
  const manifest = readManifest(folder, mount, { isNoisy: false });
  checkFiles(folder, manifest);
  if (missingNames(manifest, stored.configuration, stored.dependencies).length > 0) return undefined;
  return loadOnce(sourceOf({ ...services.around(database), mount, folder, manifest, ...stored }));
}

/** Runs a step; its error goes to the log if the operation goes on without it. Throws `Pending` when the step is asynchronous. */
export function attempt(goesOn: boolean, mount: string, step: string, action: () => unknown, name = (error: unknown) => error): void {
  const fail = (error: unknown): void => {
    if (!goesOn) throw name(error);
    log.warning(
      'general',
      `The ${step} of the service at "${mount}" failed: ${isArangoError(error) ? error.message : describeError(error)}`,
      error,
    );
  };
  let result;
  try {
    result = action();
  } catch (error) {
    return fail(error);
  }
  if (result instanceof Promise) throw new Pending(step, result.catch(fail));
}

/** Loads a service to see that it can be loaded. A promise when `main` awaits something. */
function loadOnce(source: ServiceSource): void | Promise<void> {
  const service = loadService(source);
  if (service.ready === undefined) return service.close();
  return service.ready.finally(() => service.close());
}
