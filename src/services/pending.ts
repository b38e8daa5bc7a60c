/**
 * Operations on services are synchronous and hold locks, and a script may be asynchronous. So an operation that comes to such a script
 * stops where it is, before anything is stored, and lets go of its locks; once the script has ended it is done again without it.
 */

/** Thrown by a step that is not done yet. */
export class Pending extends Error {
  readonly step: string;
  readonly until: Promise<unknown>;

  constructor(step: string, until: Promise<unknown>) {
    super(`the ${step} is not done yet`);
    this.step = step;
    this.until = until;
    void until.catch(() => undefined); // whoever goes on learns of the error
  }
}

/** Does an operation, again and again without the steps that were waited for. `skip` are the names of those steps. */
export function untilDone<Result>(operation: (skip: ReadonlySet<string>) => Result): Result | Promise<Result> {
  const skip = new Set<string>();
  try {
    return operation(skip);
  } catch (error) {
    if (!(error instanceof Pending)) throw error;
    return goOn(operation, skip, error);
  }
}

async function goOn<Result>(operation: (skip: ReadonlySet<string>) => Result, skip: Set<string>, pending: Pending): Promise<Result> {
  for (let next = pending; ;) {
    await next.until;
    skip.add(next.step);
    try {
      return operation(skip);
    } catch (error) {
      if (!(error instanceof Pending)) throw error;
      next = error;
    }
  }
}
