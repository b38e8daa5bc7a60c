/**
 * A request and its answer as they travel through the house: read by the front, answered in a worker, in between only bytes.
 *
 * Header names are lower-case. A header that came several times is joined with `, `, and cookies with `; `, as Node does.
 */

export interface HttpRequest {
  readonly method: string;
  /** The request target as it was sent: path and query, still percent-encoded. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty when there is none. */
  readonly body: Uint8Array;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /** Came over TLS. */
  readonly isSecure: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  /** A list makes one header line for each value (`set-cookie`). `content-length` is the front's business. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Uint8Array | string;
  /**
   * The answer may leave only when all that this thread has committed so far is on disk (`waitForSync`). The worker holds it
   * back and goes on; one sync releases many answers.
   */
  readonly isDurable?: boolean;
  /** Why a service could not do what it was asked for. Never sent: it is for those who look after the service. */
  readonly failure?: Failure;
}

export interface Failure {
  readonly error: unknown;
  /** The lines of the service around the place. */
  readonly excerpt?: string;
}
