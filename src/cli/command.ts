/**
 * How a command is written down, and what becomes of it: one value has its name, arguments, options, examples and what it does, so
 * that help, completion, strictness and errors are the same everywhere.
 */
import { foxdenVersion } from '#base';
import yargs, { type Argv, type CommandModule, type InferredOptionTypes, type Options } from 'yargs';
import { describeFailure } from './failure.ts';
import { complain, info } from './output.ts';

interface Argument {
  readonly is: 'required' | 'optional' | 'many';
  readonly about: string;
}

export function required(about: string): { readonly is: 'required'; readonly about: string } {
  return { is: 'required', about };
}

export function optional(about: string): { readonly is: 'optional'; readonly about: string } {
  return { is: 'optional', about };
}

/** All that are left. */
export function many(about: string): { readonly is: 'many'; readonly about: string } {
  return { is: 'many', about };
}

/** A text option of which the last counts. */
export function single<const Given extends Options>(given: Given): Given & { readonly type: 'string'; readonly requiresArg: true } {
  return {
    ...given,
    type: 'string',
    requiresArg: true,
    coerce: (value: string | readonly string[] | undefined) => (Array.isArray(value) ? value.at(-1) : value),
  };
}

/** A text option that may be given often. Takes one value at a time, so that arguments may follow it. */
export function repeated<const Given extends Options>(
  given: Given,
): Given & {
  readonly type: 'string';
  readonly requiresArg: true;
  readonly coerce: (value: string | readonly string[] | undefined) => readonly string[];
} {
  return {
    ...given,
    type: 'string',
    requiresArg: true,
    coerce: (value) => (value === undefined ? [] : typeof value === 'string' ? [value] : value),
  };
}

type GivenArguments<Arguments extends Record<string, Argument>> = {
  readonly [Name in keyof Arguments]: Arguments[Name]['is'] extends 'required'
    ? string
    : Arguments[Name]['is'] extends 'many'
      ? readonly string[]
      : string | undefined;
};

interface Definition<Arguments extends Record<string, Argument>, Choices extends Record<string, Options>> {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** A line for the list of commands. */
  readonly summary: string;
  /** What else there is to say, for the help of this command. */
  readonly about?: string;
  readonly arguments: Arguments;
  readonly options: Choices;
  /** What is typed after the program's name, and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  /** The exit code, 0 when nothing is given. Throws `Failure` or `ServerError`. */
  run(
    given: GivenArguments<Arguments> & InferredOptionTypes<Choices> & { readonly verbose: number },
  ): Promise<number | void> | number | void;
}

export type Command = CommandModule;

export function command<const Arguments extends Record<string, Argument>, const Choices extends Record<string, Options>>(
  definition: Definition<Arguments, Choices>,
): Command {
  const { name, aliases = [], summary, about = summary, options, examples } = definition;
  const places = Object.entries(definition.arguments);
  const usage = [
    name,
    ...places.map(([place, { is }]) => (is === 'required' ? `<${place}>` : `[${place}${is === 'many' ? '..' : ''}]`)),
  ].join(' ');
  return {
    command: usage,
    aliases: [...aliases],
    describe: summary,
    builder: (parser: Argv) => {
      const aliasList = aliases.length === 0 ? '' : `\nAliases: ${aliases.join(', ')}`;
      parser
        .usage(`Usage: $0${usage.replace(/^(?:\$0)? ?/, ' ')}${aliasList}\n\n${about}`)
        .strict()
        .options(options);
      for (const [place, { is, about: text }] of places) parser.positional(place, { type: 'string', array: is === 'many', describe: text });
      for (const [line, text] of examples) parser.example(`$0 ${line}`, text);
      return parser;
    },
    handler: async (given) => {
      process.exitCode = (await definition.run(given as never)) ?? 0;
    },
  };
}

/** Commands under a common name: `foxx server list`. */
export function commandGroup(name: string, aliases: readonly string[], summary: string, commands: readonly Command[]): Command {
  return {
    command: name,
    aliases: [...aliases],
    describe: summary,
    builder: (parser: Argv) => {
      parser.usage(`Usage: $0 ${name} <command>\n\n${summary}`).strict().demandCommand(1, 'Which of these?');
      for (const each of commands) parser.command(each);
      return parser;
    },
    handler: () => undefined,
  };
}

/** Runs a program of commands. Sets the exit code; what fails is told on stderr. */
export async function runProgram(
  program: { readonly name: string; readonly about: string; readonly commands: readonly Command[] },
  args: readonly string[],
): Promise<void> {
  const parser = yargs([...args])
    .scriptName(program.name)
    .usage(`Usage: $0 <command>\n\n${program.about}`)
    .wrap(Math.min(160, process.stdout.columns ?? 100))
    .strict()
    .recommendCommands()
    .version(false)
    .help('help', 'Show how it is used')
    .option('version', { alias: 'V', type: 'boolean', default: false, describe: 'Show the version' })
    .option('verbose', { alias: 'v', type: 'count', describe: 'Say more' })
    .global('verbose')
    .group(['version', 'help', 'verbose'], 'General options:')
    .completion('completion', 'Print a script for the completion of commands by bash or zsh')
    .exitProcess(false)
    .fail((message, error, failed) => {
      if (error !== undefined && error !== null) throw error;
      failed.showHelp('error');
      complain(`\n${message}`);
      throw new Misuse();
    });
  for (const each of program.commands) parser.command(each);
  try {
    if (args[0] === 'completion') {
      parser.showCompletionScript();
      return;
    }
    const given = await parser.parseAsync();
    if (given._.length > 0 || given['help'] === true || args[0] === '--get-yargs-completions') return;
    if (given.version) info(foxdenVersion());
    else {
      parser.showHelp('error');
      process.exitCode = 1;
    }
  } catch (error) {
    if (!(error instanceof Misuse)) complain(describeFailure(error));
    process.exitCode = 1;
  }
}

/** Usage and complaint were printed already. */
class Misuse extends Error {}
