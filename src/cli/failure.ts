/**
 * What ends a command: a message for the person at the terminal, and how the failures of a server and of the network read.
 *
 * Commands throw; only `runProgram` prints and sets the exit code.
 */

/** Ends a command with a message, in red on stderr, and exit code 1. */
export class Failure extends Error {}

/** What a server answered that is not a success. `errorNum` is there when it is one of ArangoDB's errors. */
export class ServerError extends Error {
  readonly status: number;
  readonly errorNum: number | undefined;
  /** All of the answer, where it is JSON. */
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, errorNum: number | undefined, message: string, body: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.errorNum = errorNum;
    this.body = body;
  }
}

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused: %. Is the server running, and is this its address?',
  ENOTFOUND: 'There is no host of this name: %.',
  EAI_AGAIN: 'The name of the host could not be looked up: %. Is this machine online?',
  ENETUNREACH: 'Network unreachable: %. Is this machine online?',
  EHOSTUNREACH: 'Host unreachable: %. May this network reach the server?',
  ECONNRESET: 'The server closed the connection unexpectedly: %.',
  EPIPE: 'The connection was dropped during the upload: %.',
  ETIMEDOUT: 'The server does not respond: %.',
  EMFILE: 'Too many open files. `ulimit -n 2048` allows more.',
  ENOENT: 'There is no such socket: %.',
  DEPTH_ZERO_SELF_SIGNED_CERT: "The server's certificate is signed by itself: %. Name it in NODE_EXTRA_CA_CERTS to trust it.",
  SELF_SIGNED_CERT_IN_CHAIN: "The server's certificate is not trusted: %. Name its authority in NODE_EXTRA_CA_CERTS.",
  CERT_HAS_EXPIRED: "The server's certificate has expired: %.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The server's certificate is for another name: %.",
};

/** The failure of a connection, in words; undefined for another kind of error. */
export function describeNetworkError(error: unknown, url: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // An attempt on several addresses of a host fails with all of their errors.
  const code = codeOf(error) ?? (error instanceof AggregateError ? codeOf(error.errors[0]) : undefined) ?? codeOf(error.cause);
  return code === undefined ? undefined : NETWORK[code]?.replace('%', url);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code !== '' ? error.code : undefined;
}

/** How an error reads at the end of a command. */
export function describeFailure(error: unknown): string {
  if (error instanceof Failure) return error.message;
  if (error instanceof ServerError) return describeServerError(error);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function describeServerError({ status, errorNum, message }: ServerError): string {
  if (errorNum === 11) return 'Server refused authorization.\nEither your credentials are invalid or the user has insufficient privileges.';
  if (status === 401) return 'Authentication failed. Bad username or password?';
  if (errorNum !== undefined) return `Unexpected ArangoDB error (Code: ${errorNum}):\n${message}`;
  return `The server responded with a ${status} status code.${message === '' ? '' : `\n${message}`}`;
}

/** What a service's management can be refused for. */
export interface ServiceSubject {
  readonly mount: string;
  readonly source?: string | undefined;
  readonly script?: string | undefined;
}

/** The refusal to manage a service in words for its author; undefined when it is of another kind. */
export function describeServiceError({ errorNum, message }: ServerError, subject: ServiceSubject): string | undefined {
  const { mount, source = '', script = '' } = subject;
  switch (errorNum) {
    case 3000:
      return 'Service manifest is not a well-formed JSON file.';
    case 3001:
      return `Service manifest rejected due to errors:\n\n${message}`;
    case 3007:
      return `Not a valid mount path: "${mount}".`;
    case 3009:
      return `No service found at "${mount}".`;
    case 3010:
      return `Service at "${mount}" is missing configuration or dependencies.`;
    case 3011:
      return `Mount path already in use: "${mount}".`;
    case 3012:
      return 'Service bundle does not contain a manifest.';
    case 3014:
      return `Server failed to resolve source "${source}".`;
    case 3015:
      return `Server failed to download source "${source}".`;
    case 3016:
      return `Service does not have a script called "${script}".`;
    case 3100:
      return `Server did not find a JavaScript file:\n\n${message}\n\nDoes the bundle include all files that the manifest names?`;
    case 3101:
      return `Server could not parse a JavaScript file:\n\n${message}`;
    case 3103:
      return `Server met an error in a JavaScript file:\n\n${message}\n\nThe log of the server has more.`;
    default:
      return undefined;
  }
}
