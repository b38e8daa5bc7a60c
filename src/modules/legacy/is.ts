/** `require('org/arangodb/is')`: questions about values, which services of 2.8 copied from ArangoDB's own code. */

type Question = (value: unknown) => boolean;

const TYPES = ['Object', 'Array', 'Boolean', 'Date', 'Function', 'Number', 'String', 'RegExp'];

const existy: Question = (value) => value !== null && value !== undefined;
const truthy: Question = (value) => value !== false && existy(value);

export const is: Readonly<Record<string, Question>> = {
  existy,
  notExisty: (value) => !existy(value),
  truthy,
  falsy: (value) => !truthy(value),
  ...Object.fromEntries(
    TYPES.flatMap((type): [string, Question][] => {
      const isType: Question = (value) => Object.prototype.toString.call(value) === `[object ${type}]`;
      return [
        [type.toLowerCase(), isType],
        [`no${type}`, (value) => !isType(value)],
      ];
    }),
  ),
};
