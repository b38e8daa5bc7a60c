/**
 * What a client of a legacy service gets for an error: its real message, in production too, for that is how 2.8 has it. The stack goes
 * out in development only.
 */
import { isArangoError, type Failure } from '#base';
import { statusOfError } from '../foxx/answers.ts';
import type { LegacyResponse } from './response.ts';

const TYPE_ERROR = 17;

/** A status that an error brings along. */
function statusOf(error: unknown): number | undefined {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? Number(error.statusCode) : NaN;
  return Number.isInteger(status) && status > 0 ? status : undefined;
}

export function isDeclared(error: unknown): boolean {
  return statusOf(error) !== undefined;
}

export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

/** What was thrown for the answer to become what it is: services see the answer, and not this. */
const thrown = new WeakMap<LegacyResponse, Failure>();

export function findFailure(res: LegacyResponse): Failure | undefined {
  return thrown.get(res);
}

export function writeError(res: LegacyResponse, error: unknown, { isDevelopment }: { readonly isDevelopment: boolean }): void {
  const { status, errorNum } = classify(error);
  thrown.set(res, { error });
  const stack = error instanceof Error ? error.stack : undefined;
  const details = isDevelopment
    ? { exception: String(error), ...(stack === undefined ? {} : { stacktrace: stack.trimEnd().split('\n') }) }
    : {};
  write(res, status, errorNum, messageOf(error), details);
}

export function writeBadRequest(res: LegacyResponse, message: string): void {
  write(res, 400, 400, message, {});
}

function write(res: LegacyResponse, status: number, errorNum: number, errorMessage: string, details: object): void {
  res.responseCode = status;
  res.contentType = 'application/json; charset=utf-8';
  res.body = JSON.stringify({ ...details, error: true, code: status, errorNum, errorMessage });
}

function classify(error: unknown): { readonly status: number; readonly errorNum: number } {
  if (isArangoError(error)) return { status: statusOfError(error.errorNum), errorNum: error.errorNum };
  if (error instanceof TypeError) return { status: 400, errorNum: TYPE_ERROR };
  const status = statusOf(error) ?? 500;
  return { status, errorNum: status };
}

/** What `onlyIfAuthenticated` refuses with. */
export class UnauthorizedError extends Error {
  readonly statusCode = 401;

  constructor(message = 'Unauthorized') {
    super(message);
    this.name = 'UnauthorizedError';
  }
}

/** What registering refuses with, by `activateAuthentication`. */
export class UserAlreadyExistsError extends Error {
  readonly statusCode = 400;

  constructor(message = 'User already exists') {
    super(message);
    this.name = 'UserAlreadyExistsError';
  }
}
