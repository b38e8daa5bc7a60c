/** `require('@arangodb').errors` and `.ArangoError`. */
import { ArangoError, ERRORS, findErrorName, isArangoError } from '#base';

/** `errors.ERROR_X` is `{code, message}`, and `code` is the error number: ArangoDB's naming. */
export const errors: Readonly<Record<string, { readonly code: number; readonly message: string }>> = Object.freeze(
  Object.fromEntries(Object.entries(ERRORS).map(([name, { errorNum, message }]) => [name, Object.freeze({ code: errorNum, message })])),
);

interface ErrorData {
  readonly errorNum?: number;
  readonly errorMessage?: string;
  readonly code?: number;
}

/** As services construct it: from `{errorNum, errorMessage}`, of which any may be missing. Errors of the database are instances too. */
export class ServiceArangoError extends ArangoError {
  constructor(data: ErrorData = {}) {
    const { errorNum, errorMessage, code } = data;
    const name = errorNum === undefined ? undefined : findErrorName(errorNum);
    super(name ?? 'ERROR_FAILED', errorMessage === undefined ? undefined : { message: errorMessage });
    Object.assign(this, errorNum === undefined ? {} : { errorNum }, code === undefined ? {} : { code });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === ServiceArangoError ? isArangoError(value) : Function.prototype[Symbol.hasInstance].call(this, value);
  }
}
Object.defineProperty(ServiceArangoError, 'name', { value: 'ArangoError' });
