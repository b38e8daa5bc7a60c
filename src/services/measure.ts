/** Counts what a service answers, and remembers what failed: for `/_api/foxx/metrics` and the metrics of the server. */
import { clock, describeError, isArangoError, type HttpAnswer, type ServiceMeter, type ServiceMetrics } from '#base';
import type { ServiceRequest } from '#modules';

/** A path that fills what a failure may take would leave no room for its reason. */
const LONGEST_PATH = 500;

type Answer = HttpAnswer | Promise<HttpAnswer> | undefined;

/** The answers of one service in this thread. */
export class Measure {
  readonly #metrics: ServiceMetrics;
  readonly #database: string;
  readonly #mount: string;
  /** Taken with the first request: a service that is never asked takes no place. `none`: all were taken. */
  #meter: ServiceMeter | 'none' | undefined;

  constructor(metrics: ServiceMetrics, database: string, mount: string) {
    this.#metrics = metrics;
    this.#database = database;
    this.#mount = mount;
  }

  around(request: ServiceRequest, action: () => Answer): Answer {
    const startedAtMs = clock.monotonic();
    let answer;
    try {
      answer = action();
    } catch (error) {
      this.#noteError(request, startedAtMs, error);
      throw error;
    }
    if (answer === undefined || !('then' in answer)) {
      this.#note(request, startedAtMs, answer);
      return answer;
    }
    return answer.then(
      (later) => {
        this.#note(request, startedAtMs, later);
        return later;
      },
      (error: unknown) => {
        this.#noteError(request, startedAtMs, error);
        throw error;
      },
    );
  }

  /** Without an answer the service has no such path. */
  #note(
    { http, path }: ServiceRequest,
    startedAtMs: number,
    { status, failure }: Pick<HttpAnswer, 'status' | 'failure'> = { status: 404 },
  ): void {
    const nowMs = clock.monotonic();
    const durationMs = nowMs - startedAtMs;
    this.#meter ??= this.#metrics.meter(this.#database, this.#mount) ?? 'none';
    if (this.#meter !== 'none') this.#meter.observe(status, durationMs, nowMs);
    if (status < 500) return;
    this.#metrics.remember(this.#database, this.#mount, {
      time: clock.now(),
      method: http.method,
      path: path.slice(0, LONGEST_PATH),
      status,
      durationMs,
      error: failure === undefined ? '' : describeError(failure.error),
      excerpt: failure?.excerpt ?? '',
    });
  }

  #noteError(request: ServiceRequest, startedAtMs: number, error: unknown): void {
    this.#note(request, startedAtMs, { status: isArangoError(error) ? error.code : 500, failure: { error } });
  }
}
