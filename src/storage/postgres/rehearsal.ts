/**
 * What pieces of work are going to ask, found out by letting each begin: a rehearsal runs up to its first question, which is noted instead of asked.
 * All of them are then asked with one request, and each piece finds the answer when it comes to its question for good.
 *
 * A question is known by its statement and parameters: a piece that comes to ask something else than its rehearsal asks that by itself.
 */
import type { Answer, Parameter, RequestWriter, Rows, Statement } from './wire.ts';

/** Ends a rehearsal. One for all: nobody looks where it comes from. */
const ENDED = new Error('a rehearsal does not ask');

/** Rows that are asked for together at most: they are all in memory at a time. */
const MOST_ROWS = 1000;

interface Question {
  readonly what: Statement;
  readonly parameters: readonly Parameter[];
  /** At most so many rows; 0: all. */
  readonly limit: number;
}

export class Rehearsals {
  readonly #questions = new Map<string, Question>();
  readonly #answers = new Map<string, Rows>();
  #isGoingOn = false;
  #rows = 0;

  /** The answer to a question, if it is there. In a rehearsal notes it, and does not return. */
  answerTo(question: Question): Rows | undefined {
    const name = nameOf(question);
    if (!this.#isGoingOn) return this.#answers.get(name);
    if (!this.#questions.has(name)) {
      this.#rows += question.limit === 0 ? 1 : question.limit;
      if (this.#rows <= MOST_ROWS) this.#questions.set(name, question);
    }
    throw ENDED;
  }

  /** To be called before anything is asked that cannot be noted. */
  assertPerforming(): void {
    if (this.#isGoingOn) throw ENDED;
  }

  /** Runs a rehearsal. */
  note(rehearse: () => void): void {
    this.#isGoingOn = true;
    try {
      rehearse();
    } catch {
      // It has come to its question; or to something wrong, to which the piece itself comes again and says so.
    } finally {
      this.#isGoingOn = false;
    }
  }

  /** Has asked what was noted. */
  ask(askAll: (write: (writer: RequestWriter) => void) => Answer): void {
    if (this.#questions.size === 0) return;
    const { results } = askAll((writer) => {
      for (const { what, parameters, limit } of this.#questions.values()) writer.run(what, parameters, '', limit);
    });
    let next = 0;
    for (const name of this.#questions.keys()) this.#answers.set(name, results[next++]!);
  }
}

function nameOf({ what, parameters, limit }: Question): string {
  let name = `${what.name}/${limit}`;
  // The lengths tell where each ends.
  for (const parameter of parameters) name += `/${parameter.length}/${parameter.toString('latin1')}`;
  return name;
}
