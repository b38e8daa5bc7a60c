/**
 * What the server does without being asked by a client: jobs and tasks whose time has come.
 *
 * The front knows only when. It asks a worker for what is due, and the answer is a plan: requests to send, each of which runs one job or
 * task, and when to look again. A run answers with a plan too, so whatever follows it starts at once. A run that came to no answer of
 * its own, because its worker had to be ended, is reported with the next look.
 */
import { Alarm, clock, log, type HttpAnswer, type HttpRequest } from '#base';

export interface ErrandOptions {
  /** Paths that only this server knows begin with this. */
  readonly path: string;
  readonly alarm: SharedArrayBuffer;
  /** The first look is so much later than the start. */
  readonly warmupMs: number;
  /** There is a look at least so often. */
  readonly pollMs: number;
}

interface Plan {
  readonly run: readonly string[];
  readonly lookAtMs?: number;
}

/** A run that was answered by others than the one who ran it. */
interface EndedRun {
  readonly url: string;
  readonly message: string;
}

/** How soon to look again when the queue of requests is full, or a look has failed. */
const RETRY_MS = 1_000;
/** Timers cannot be longer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export class Errands {
  readonly #options: ErrandOptions;
  readonly #ask: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly #alarm: Alarm;
  readonly #running = new Set<string>();
  /** Found due by a look while they were running here: their runs may have ended in between, and only the answers be under way. */
  readonly #dueAgain = new Set<string>();
  #ended: EndedRun[] = [];
  #timer: NodeJS.Timeout | undefined;
  #startsAtMs = 0;
  #isLooking = false;
  #isStopped = false;

  constructor(options: ErrandOptions, ask: (request: HttpRequest) => Promise<HttpAnswer>) {
    this.#options = options;
    this.#ask = ask;
    this.#alarm = new Alarm(options.alarm);
  }

  start(): void {
    this.#startsAtMs = clock.now() + this.#options.warmupMs;
    this.#alarm.setBy(this.#startsAtMs);
    void this.#watch();
  }

  /** Starts nothing more. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #watch(): Promise<void> {
    while (!this.#isStopped) {
      const { changes } = this.#alarm;
      this.#setTimer();
      await this.#alarm.changed(changes);
    }
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const { atMs } = this.#alarm;
    if (atMs === undefined || this.#isStopped) return;
    const delayMs = Math.max(atMs, this.#startsAtMs) - clock.now();
    if (delayMs <= 0) void this.#look();
    else this.#timer = setTimeout(() => this.#setTimer(), Math.min(delayMs, LONGEST_TIMER_MS)).unref();
  }

  async #look(): Promise<void> {
    // Whoever sets the alarm meanwhile is seen at the end of this look.
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#alarm.clear();
    const ended = this.#ended;
    this.#ended = [];
    try {
      const answer = await this.#send('look', JSON.stringify({ ended }));
      if (answer.status === 200) {
        const plan = planOf(answer);
        for (const url of plan.run) if (this.#running.has(url)) this.#dueAgain.add(url);
        this.#follow(plan);
        this.#alarm.setBy(clock.now() + this.#options.pollMs);
      } else {
        this.#ended.push(...ended);
        this.#alarm.setBy(clock.now() + RETRY_MS);
      }
    } finally {
      this.#isLooking = false;
      this.#setTimer();
    }
  }

  #follow({ run, lookAtMs }: Plan): void {
    if (lookAtMs !== undefined) this.#alarm.setBy(lookAtMs);
    for (const url of run) void this.#run(url);
  }

  async #run(url: string): Promise<void> {
    if (this.#running.has(url) || this.#isStopped) return;
    this.#running.add(url);
    const answer = await this.#send(url, '');
    this.#running.delete(url);
    if (this.#dueAgain.delete(url)) this.#alarm.setBy(clock.now());
    if (answer.status === 200) return this.#follow(planOf(answer));
    const message = messageOf(answer);
    log.debug('general', `a run of the server's own ended early: ${message}`);
    this.#ended.push({ url, message });
    this.#alarm.setBy(answer.status === 503 ? clock.now() + RETRY_MS : clock.now());
  }

  #send(url: string, body: string): Promise<HttpAnswer> {
    return this.#ask({
      method: 'POST',
      url: this.#options.path + url,
      headers: {},
      body: Buffer.from(body),
      remoteAddress: '',
      remotePort: 0,
      localAddress: '',
      localPort: 0,
      isSecure: false,
    });
  }
}

function planOf({ body }: HttpAnswer): Plan {
  return JSON.parse(textOf(body)) as Plan;
}

function messageOf({ body }: HttpAnswer): string {
  return (JSON.parse(textOf(body)) as { readonly errorMessage: string }).errorMessage;
}

function textOf(body: HttpAnswer['body']): string {
  return typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
}
