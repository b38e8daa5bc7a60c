/** A bar for long work, on stderr and only at a terminal. */
import type CliProgress from 'cli-progress';
import { lazily, requirePackage } from '#base';

const library = lazily(() => requirePackage('cli-progress') as typeof CliProgress);

export class ProgressBar {
  readonly #bar: CliProgress.SingleBar | undefined;
  #isRunning = false;

  constructor({ isWanted }: { readonly isWanted: boolean }) {
    if (!isWanted || !process.stderr.isTTY) return;
    const { Presets, SingleBar } = library();
    this.#bar = new SingleBar(
      { format: '{bar} {percentage}% {value}/{total} {label} {eta_formatted}', hideCursor: true, etaBuffer: 50 },
      Presets.shades_classic,
    );
  }

  begin(label: string, total: number): void {
    this.stop();
    this.#bar?.start(Math.max(total, 1), total === 0 ? 1 : 0, { label });
    this.#isRunning = true;
  }

  advance(count: number): void {
    this.#bar?.increment(count);
  }

  stop(): void {
    if (this.#isRunning) this.#bar?.stop();
    this.#isRunning = false;
  }
}
