/** `--activation` and `--gate` of the commands that put a version into its place, and how their failures read. */
import { Failure, ServerError } from '../failure.ts';
import { single } from '../command.ts';
import { printList, type ListReport } from './reporters.ts';

export const ACTIVATION_OPTIONS = {
  activation: single({ describe: 'atomic: all coordinators change to it together, or none does', choices: ['atomic'] as const }),
  gate: single({ describe: 'tests: only if it passes its own tests; with --activation atomic', choices: ['tests'] as const }),
} as const;

export interface ActivationGiven {
  readonly activation?: string | undefined;
  readonly gate?: string | undefined;
}

/** Throws `Failure` for what does not go together. */
export function activationQuery({ activation, gate }: ActivationGiven): { readonly activation?: string; readonly gate?: string } {
  if (gate !== undefined && activation === undefined) throw new Failure('--gate needs --activation atomic.');
  return { ...(activation === undefined ? {} : { activation }), ...(gate === undefined ? {} : { gate }) };
}

/** Runs a call; where the coordinators could not change, or tests have failed, says so. */
export async function withActivation<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    const { failures, tests } = error.body as { readonly failures?: unknown; readonly tests?: ListReport };
    if (tests !== undefined) printList(tests, { isShort: false });
    if (failures === undefined && tests === undefined) throw error;
    throw new Failure(error.message, { cause: error });
  }
}
