/**
 * Expressions to JavaScript. Types that are known at compile time choose shorter code: two numbers are compared by `<`, and what may be
 * anything by `compareValues`.
 */
import { typeRank, type TypeName, type Value } from '#values';
import { attributeReader, isArray } from '#values';
import type { Variable } from '../bound-query.ts';
import {
  attributePathOf,
  variablesOf,
  type CompareOperator,
  type Expression,
  type ObjectMember,
  type QuestionQuantifier,
} from '../expression.ts';
import { Body, literal, type Program } from './program.ts';

/** The types that a value may have at run time, as bits. */
export const KIND = {
  null: 1,
  bool: 2,
  number: 4,
  string: 8,
  array: 16,
  object: 32,
  /** A document that was not decoded. */
  view: 64,
  /** An array, with such documents among its elements. */
  views: 128,
} as const;

export const PRIMITIVE = KIND.null | KIND.bool | KIND.number | KIND.string;
export const ANY = PRIMITIVE | KIND.array | KIND.object;
const NOT_PLAIN = KIND.view | KIND.views;

/** Source text that gives a value. */
export interface Code {
  readonly text: string;
  readonly kind: number;
  /** A name or a literal: may be written twice. */
  readonly isSimple: boolean;
}

/** How a variable of the plan is found in the program. */
export interface Binding extends Code {
  /** Known everywhere in the program, or at least in all functions of one pipeline. */
  readonly isGlobal?: true;
  /** Attributes that are there without the document, by the JSON text of their path. */
  readonly attributes?: ReadonlyMap<string, Code>;
}

const isOnly = ({ kind }: Code, mask: number): boolean => (kind & ~mask) === 0;

/** Names that arrays or all objects have without being given them. Integers are the names of an array's elements. */
const isInherited = (name: string): boolean => name in Array.prototype || /^\d+$/.test(name);

/** Compiles the expressions of one function. */
export class ExpressionCompiler {
  readonly program: Program;
  readonly bindings: Map<Variable, Binding>;
  readonly #temporaries: string[] = [];
  readonly #parameters: ParameterSlots;

  constructor(program: Program, parameters: ParameterSlots, bindings: Map<Variable, Binding> = new Map()) {
    this.program = program;
    this.#parameters = parameters;
    this.bindings = bindings;
  }

  /** Declares the temporaries that were needed, at the head of the function. */
  get declarations(): string {
    return this.#temporaries.length === 0 ? '' : `  let ${this.#temporaries.join(', ')};\n`;
  }

  temporary(): string {
    const name = this.program.name('t');
    this.#temporaries.push(name);
    return name;
  }

  variable(variable: Variable): Binding {
    const binding = this.bindings.get(variable);
    if (binding === undefined) throw new Error(`variable ${variable.name} (${variable.id}) is read before it is set`);
    return binding;
  }

  /** Names code that is used more than once: `first` where it is evaluated, `again` after that. */
  #named(code: Code): { readonly first: string; readonly again: string } {
    if (code.isSimple) return { first: code.text, again: code.text };
    const name = this.temporary();
    return { first: `(${name} = ${code.text})`, again: name };
  }

  /** A value in which no document is left undecoded. */
  plain(expression: Expression): Code {
    return this.toPlain(this.compile(expression));
  }

  toPlain(code: Code): Code {
    if ((code.kind & NOT_PLAIN) === 0) return code;
    const kind = (code.kind & ~NOT_PLAIN) | (code.kind & KIND.view ? KIND.object : 0) | (code.kind & KIND.views ? KIND.array : 0);
    if (isOnly(code, KIND.view)) return { text: `${code.text}.toObject()`, kind, isSimple: false };
    return { text: `${this.program.use(code.kind & KIND.views ? 'plainList' : 'plain')}(${code.text})`, kind, isSimple: false };
  }

  compile(expression: Expression): Code {
    switch (expression.type) {
      case 'constant':
        return this.#constant(expression.value);
      case 'parameter':
        return { text: this.#parameters.slot(expression.name), kind: kindOf(expression.kind), isSimple: true };
      case 'variable':
        return this.variable(expression.variable);
      case 'collection':
        return { text: literal(expression.name), kind: KIND.string, isSimple: true };
      case 'array':
        return value(`[${expression.elements.map((element) => this.plain(element).text).join(', ')}]`, KIND.array);
      case 'object':
        return value(
          this.objectText(expression.members, (member) => this.plain(member).text),
          KIND.object,
        );
      case 'attribute':
        return this.#attribute(expression);
      case 'index':
        return this.#index(expression);
      case 'unary':
        return this.#unary(expression);
      case 'binary':
        return this.#binary(expression);
      case 'quantified':
        return this.#quantified(expression);
      case 'ternary':
        return this.#ternary(expression);
      case 'expansion':
        return this.#expansion(expression);
      case 'question':
        return this.#question(expression);
      case 'call':
        return this.#call(expression);
      case 'user call': {
        const inputs = expression.arguments.map((argument) => this.plain(argument).text);
        return value(`q.callFunction(${literal(expression.name)}, [${inputs.join(', ')}])`, ANY | KIND.view);
      }
    }
  }

  /** A JavaScript condition: true or false, as AQL casts the expression's value. */
  condition(expression: Expression): string {
    if (expression.type === 'binary' && (expression.operator === '&&' || expression.operator === '||')) {
      return `(${this.condition(expression.left)} ${expression.operator} ${this.condition(expression.right)})`;
    }
    if (expression.type === 'unary' && expression.operator === '!') return `!${this.condition(expression.operand)}`;
    return this.#toBool(this.compile(expression));
  }

  #toBool(code: Code): string {
    if (isOnly(code, KIND.bool)) return code.text;
    if (isOnly(code, KIND.number)) return `(${code.text} !== 0)`;
    if (isOnly(code, KIND.string)) return `(${code.text} !== "")`;
    if (isOnly(code, KIND.null | KIND.bool)) return `(${code.text} === true)`;
    return `${this.program.use('toBool')}(${code.text})`;
  }

  #toNumber(code: Code): string {
    return isOnly(code, KIND.number) ? code.text : `${this.program.use('toNumber')}(${code.text})`;
  }

  #constant(constant: Value): Code {
    const kind = kindOfValue(constant);
    const isSimple = typeof constant !== 'object' || constant === null;
    return { text: isSimple ? literal(constant) : this.program.constant(constant), kind, isSimple: true };
  }

  /** An object literal; `textOf` writes its values. Names that are known only when it is made may repeat others. */
  objectText(members: readonly ObjectMember[], textOf: (value: Expression) => string): string {
    if (members.every(hasKnownName)) {
      return `({ ${members.map(({ name, value: member }) => `${memberName(name)}: ${textOf(member)}`).join(', ')} })`;
    }
    const pairs = members.map(({ name, value: member }) => {
      const nameText = typeof name === 'string' ? literal(name) : `${this.program.use('attributeName')}(${this.compile(name).text})`;
      return `[${nameText}, ${textOf(member)}]`;
    });
    return `${this.program.use('makeObject')}([${pairs.join(', ')}])`;
  }

  #attribute(expression: Expression & { readonly type: 'attribute' }): Code {
    const chain = attributePathOf(expression);
    if (chain !== undefined) {
      const binding = this.variable(chain.variable);
      for (let length = chain.path.length; length > 0; length--) {
        const known = binding.attributes?.get(JSON.stringify(chain.path.slice(0, length)));
        if (known !== undefined) return chain.path.slice(length).reduce((code, name) => this.#plainAttribute(code, name), known);
      }
      if (binding.kind & KIND.view) {
        return value(`${this.program.constant(attributeReader(...(chain.path as [string, ...string[]])))}(${binding.text})`, ANY);
      }
    }
    const object = this.compile(expression.object);
    if ((object.kind & KIND.view) === 0) return this.#plainAttribute(object, expression.name);
    return value(`${this.program.constant(attributeReader(expression.name))}(${object.text})`, ANY);
  }

  #plainAttribute(object: Code, name: string): Code {
    if (isInherited(name)) return value(`${this.program.use('attribute')}(${object.text}, ${JSON.stringify(name)})`, ANY);
    const { first, again } = this.#named(object);
    return value(`(typeof ${first} === "object" && ${again} !== null ? ${again}[${JSON.stringify(name)}] ?? null : null)`, ANY);
  }

  #index({ object, index }: Expression & { readonly type: 'index' }): Code {
    const of = this.compile(object);
    const list = of.kind & KIND.view ? this.toPlain(of) : of;
    const kind = ANY | (list.kind & KIND.views ? KIND.view : 0);
    if (index.type === 'constant' && typeof index.value === 'number' && index.value >= 0 && Number.isInteger(index.value)) {
      const { first, again } = this.#named(list);
      return value(
        `(Array.isArray(${first}) ? ${again}[${index.value}] ?? null : ${this.program.use('element')}(${again}, ${index.value}))`,
        kind,
      );
    }
    return value(`${this.program.use('element')}(${list.text}, ${this.plain(index).text})`, kind);
  }

  #unary({ operator, operand }: Expression & { readonly type: 'unary' }): Code {
    switch (operator) {
      case '!':
        return value(`!${this.condition(operand)}`, KIND.bool);
      case '+':
        return value(this.#toNumber(this.compile(operand)), KIND.number);
      case '-': {
        const code = this.compile(operand);
        if (isOnly(code, KIND.number)) return value(`(0 - ${code.text})`, KIND.number);
        return value(`${this.program.use('subtract')}(0, ${code.text}, q)`, KIND.number | KIND.null);
      }
    }
  }

  #binary(expression: Expression & { readonly type: 'binary' }): Code {
    const { operator, left, right } = expression;
    switch (operator) {
      case '&&':
      case '||': {
        const first = this.compile(left);
        const second = this.compile(right);
        if (isOnly(first, KIND.bool) && isOnly(second, KIND.bool)) return value(`(${first.text} ${operator} ${second.text})`, KIND.bool);
        const { first: evaluated, again } = this.#named(first);
        const condition = this.#toBool({ text: evaluated, kind: first.kind, isSimple: false });
        const [yes, no] = operator === '&&' ? [second.text, again] : [again, second.text];
        return value(`(${condition} ? ${yes} : ${no})`, first.kind | second.kind);
      }
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
        return this.#arithmetic(operator, this.compile(left), this.compile(right));
      case '..':
        return value(`${this.program.use('rangeArray')}(${this.compile(left).text}, ${this.compile(right).text}, q)`, KIND.array);
      case 'IN':
      case 'NOT IN':
        return value(this.#membership(left, operator, right), KIND.bool);
      default:
        return this.#comparison(operator, this.compile(left), this.compile(right));
    }
  }

  #arithmetic(operator: '+' | '-' | '*' | '/' | '%', left: Code, right: Code): Code {
    const slow = this.program.use(({ '+': 'add', '-': 'subtract', '*': 'multiply', '/': 'divide', '%': 'modulo' } as const)[operator]);
    const a = this.#named(left);
    const b = this.#named(right);
    const result = this.temporary();
    const checks = [
      ...(isOnly(left, KIND.number) ? [] : [`typeof ${a.again} === "number"`]),
      ...(isOnly(right, KIND.number) ? [] : [`typeof ${b.again} === "number"`]),
      ...(operator === '/' || operator === '%' ? [`${b.again} !== 0`] : []),
      `Number.isFinite(${result} = ${a.again} ${operator} ${b.again})`,
    ];
    const evaluated = [...(left.isSimple ? [] : [a.first]), ...(right.isSimple ? [] : [b.first])];
    const fast = `${checks.join(' && ')} ? ${result} : ${slow}(${a.again}, ${b.again}, q)`;
    return value(`(${[...evaluated, fast].join(', ')})`, KIND.number | KIND.null);
  }

  #comparison(operator: Exclude<CompareOperator, 'IN' | 'NOT IN'>, left: Code, right: Code): Code {
    return value(
      operator === '==' || operator === '!=' ? this.#equality(operator, left, right) : this.#order(operator, left, right),
      KIND.bool,
    );
  }

  #equality(operator: '==' | '!=', left: Code, right: Code): string {
    // A primitive value equals nothing but itself.
    if (isOnly(left, PRIMITIVE) || isOnly(right, PRIMITIVE)) return `(${left.text} ${operator}= ${right.text})`;
    return `${operator === '!=' ? '!' : ''}${this.program.use('equalValues')}(${left.text}, ${right.text})`;
  }

  #order(operator: '<' | '<=' | '>' | '>=', left: Code, right: Code): string {
    if (isOnly(left, KIND.number) && isOnly(right, KIND.number)) return `(${left.text} ${operator} ${right.text})`;
    if (isOnly(right, KIND.number) && right.isSimple) return this.#orderAgainstNumber(operator, left, right);
    if (isOnly(left, KIND.number) && left.isSimple) return this.#orderAgainstNumber(MIRRORED[operator], right, left);
    return `(${this.program.use('compareValues')}(${left.text}, ${right.text}) ${operator} 0)`;
  }

  /** null and booleans are below all numbers, the rest above. */
  #orderAgainstNumber(operator: '<' | '<=' | '>' | '>=', other: Code, number: Code): string {
    const { first, again } = this.#named(other);
    const elsewhere =
      operator === '<' || operator === '<='
        ? `${again} === null || typeof ${again} === "boolean"`
        : `${again} !== null && typeof ${again} !== "boolean"`;
    return `(typeof ${first} === "number" ? ${again} ${operator} ${number.text} : ${elsewhere})`;
  }

  /** Nothing is IN what is no array, and nothing is NOT IN it. */
  #membership(left: Expression, operator: 'IN' | 'NOT IN', right: Expression): string {
    const search = this.compile(left);
    const not = operator === 'IN' ? '' : '!';
    if (right.type === 'constant') {
      if (!isArray(right.value)) return `(${search.text}, false)`;
      if (right.value.every((each) => typeof each !== 'object' || each === null)) {
        return `${not}${this.program.constant(new Set(right.value))}.has(${search.text})`;
      }
    }
    if (right.type === 'binary' && right.operator === '..') {
      const [from, to] = [this.compile(right.left), this.compile(right.right)];
      return `${not}${this.program.use('isInRange')}(${search.text}, ${from.text}, ${to.text})`;
    }
    const list = this.compile(right);
    if (!list.isSimple) return `${this.program.use(operator === 'IN' ? 'isIn' : 'isNotIn')}(${search.text}, ${list.text})`;
    const isMember = `q.isMember(${search.text}, ${list.text})`;
    return operator === 'IN' ? isMember : `(Array.isArray(${list.text}) && !${isMember})`;
  }

  #quantified({ quantifier, operator, left, right }: Expression & { readonly type: 'quantified' }): Code {
    const name = ({ all: 'allMatch', any: 'anyMatches', none: 'noneMatches', 'at least': 'atLeastMatch' } as const)[quantifier.is];
    const inputs = [this.compile(left).text, JSON.stringify(operator), this.compile(right).text];
    if (quantifier.is === 'at least') inputs.push(this.compile(quantifier.count).text);
    return value(`${this.program.use(name)}(${inputs.join(', ')})`, KIND.bool);
  }

  #ternary({ condition, then, otherwise }: Expression & { readonly type: 'ternary' }): Code {
    const last = this.compile(otherwise);
    if (then !== undefined) {
      const middle = this.compile(then);
      return value(`(${this.condition(condition)} ? ${middle.text} : ${last.text})`, middle.kind | last.kind);
    }
    const code = this.compile(condition);
    const { first, again } = this.#named(code);
    return value(`(${this.#toBool({ text: first, kind: code.kind, isSimple: false })} ? ${again} : ${last.text})`, code.kind | last.kind);
  }

  /** A function of its own, so that the function with the rows stays small and captures nothing. */
  #expansion(expression: Expression & { readonly type: 'expansion' }): Code {
    const { object, levels, element, filter, limit, projection } = expression;
    const list = this.compile(object);
    const elements = `${this.program.use('expanded')}(${list.text}, ${levels})`;
    const bounds = limit && `...${this.program.use('sliceBounds')}(${this.compile(limit.offset).text}, ${this.compile(limit.count).text})`;
    if (filter === undefined && projection === undefined) {
      return value(bounds === undefined ? elements : `${elements}.slice(${bounds})`, KIND.array | (list.kind & KIND.views));
    }
    const elementKind = ANY | (list.kind & KIND.views ? KIND.view : 0);
    const parts = [filter, projection].filter((part) => part !== undefined);
    const call = this.#loop(
      element,
      elementKind,
      parts,
      elements,
      (inner, body, current) => {
        body.line('const out = [];');
        body.open('for (let i = 0; i < list.length; i++) {');
        body.line(`const ${current} = list[i];`);
        if (filter !== undefined) body.line(`if (!${inner.condition(filter)}) continue;`);
        if (limit !== undefined) body.line('if (seen++ < start) continue;');
        body.line(`out.push(${projection === undefined ? inner.toPlain(inner.variable(element)).text : inner.plain(projection).text});`);
        if (limit !== undefined) body.line('if (seen >= end) break;');
        body.close();
        body.line('return out;');
      },
      bounds,
    );
    return value(call, KIND.array);
  }

  #question({ object, element, quantifier, filter }: Expression & { readonly type: 'question' }): Code {
    const list = this.compile(object);
    const { first, again } = this.#named(list);
    const [low, high] = this.#questionBounds(quantifier);
    const matches = this.program.use('questionMatches');
    const elementKind = ANY | (list.kind & KIND.views ? KIND.view : 0);
    const count =
      filter === undefined
        ? `${again}.length`
        : this.#loop(element, elementKind, [filter], again, (inner, body, current) => {
            body.line('let count = 0;');
            body.open('for (let i = 0; i < list.length; i++) {');
            body.line(`const ${current} = list[i];`);
            body.line(`if (${inner.condition(filter)}) count++;`);
            body.close();
            body.line('return count;');
          });
    return value(
      `(Array.isArray(${first}) && ${matches}(${count}, ${again}.length, ${JSON.stringify(quantifier.is)}, ${low}, ${high}))`,
      KIND.bool,
    );
  }

  #questionBounds(quantifier: QuestionQuantifier): readonly [low: string, high: string] {
    switch (quantifier.is) {
      case 'exactly':
      case 'at least':
        return [this.#toNumber(this.compile(quantifier.count)), '0'];
      case 'between':
        return [this.#toNumber(this.compile(quantifier.low)), this.#toNumber(this.compile(quantifier.high))];
      default:
        return ['0', '0'];
    }
  }

  /** Adds a function that walks through a list, and returns the call of it. `bounds` are those of an inline LIMIT. */
  #loop(
    element: Variable,
    elementKind: number,
    parts: readonly Expression[],
    list: string,
    write: (inner: ExpressionCompiler, body: Body, current: string) => void,
    bounds?: string,
  ): string {
    const { program } = this;
    const name = program.name('expand');
    const current = program.name('e');
    const outer = new Set<Variable>();
    for (const part of parts) variablesOf(part, outer);
    outer.delete(element);
    const captured = captureVariables(this, outer);
    const inner = new ExpressionCompiler(program, this.#parameters, captured.bindings);
    inner.bindings.set(element, { text: current, kind: elementKind, isSimple: true });
    const body = new Body();
    if (bounds !== undefined) body.line('let seen = 0; if (end <= start) return [];');
    write(inner, body, current);
    const inputs = ['q', 'list', ...captured.names, ...(bounds === undefined ? [] : ['start', 'end'])];
    program.add(`function ${name}(${inputs.join(', ')}) {\n${inner.declarations}${body.text}\n}`);
    return `${name}(${['q', list, ...captured.values, ...(bounds === undefined ? [] : [bounds])].join(', ')})`;
  }

  #call({ function: definition, arguments: given }: Expression & { readonly type: 'call' }): Code {
    const inputs = definition.params.map(({ occurs, takesViews }, i) => {
      const one = (argument: Expression): string => (takesViews === true ? this.compile(argument) : this.plain(argument)).text;
      if (occurs === 'often') return `[${given.slice(i).map(one).join(', ')}]`;
      const argument = given[i];
      return argument === undefined ? 'undefined' : one(argument);
    });
    const call = this.program.constant(definition.call);
    return value(`${call}(${[...inputs, 'q'].join(', ')})`, RESULTS.get(definition.name) ?? ANY | KIND.view);
  }
}

const hasKnownName = (member: ObjectMember): member is ObjectMember & { readonly name: string } => typeof member.name === 'string';

/** `__proto__` would set the prototype, were it not computed. */
export const memberName = (name: string): string => (name === '__proto__' ? '["__proto__"]' : JSON.stringify(name));

/** Functions whose results are of one type, where that makes for shorter code. */
const RESULTS: ReadonlyMap<string, number> = new Map([
  ...['IS_NULL', 'IS_BOOL', 'IS_NUMBER', 'IS_STRING', 'IS_ARRAY', 'IS_OBJECT', 'HAS', 'TO_BOOL', 'LIKE'].map(
    (name) => [name, KIND.bool] as const,
  ),
  ...['TO_NUMBER', 'CHAR_LENGTH', 'DATE_NOW', 'COLLECTION_COUNT'].map((name) => [name, KIND.number] as const),
  ...['CONCAT', 'TO_STRING', 'UPPER', 'LOWER'].map((name) => [name, KIND.string] as const),
]);

function value(text: string, kind: number): Code {
  return { text, kind, isSimple: false };
}

const MIRRORED = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

function kindOf(type: TypeName): number {
  return KIND[type];
}

function kindOfValue(given: Value): number {
  return 1 << typeRank(given);
}

/** The values of bind parameters, each with a place of its own in the run. */
export class ParameterSlots {
  readonly names: string[] = [];

  slot(name: string): string {
    const known = this.names.indexOf(name);
    const position = known === -1 ? this.names.push(name) - 1 : known;
    return `q.parameters[${position}]`;
  }
}

export interface Captured {
  /** Names of the parameters of the inner function. */
  readonly names: readonly string[];
  /** What is passed for them, in terms of the outer function. */
  readonly values: readonly string[];
  readonly bindings: Map<Variable, Binding>;
}

/** A constant, which any function of the program may write itself. */
function isLiteral({ text }: Code): boolean {
  return /^(?:c\d+|null|true|false|\(?-?[\d.e+-]+\)?|".*")$/.test(text);
}

/** Variables of an outer function as parameters of an inner one. */
export function captureVariables(outer: ExpressionCompiler, variables: Iterable<Variable>): Captured {
  const names: string[] = [];
  const values: string[] = [];
  const bindings = new Map<Variable, Binding>();
  const pass = (code: Code): Code => {
    const name = outer.program.name('p');
    names.push(name);
    values.push(code.text);
    return { text: name, kind: code.kind, isSimple: true };
  };
  for (const variable of new Set(variables)) {
    const { attributes, ...code } = outer.variable(variable);
    const passed = code.text === '' || isLiteral(code) ? { ...code } : pass(code);
    bindings.set(variable, {
      ...passed,
      isGlobal: true,
      ...(attributes && { attributes: new Map([...attributes].map(([path, attribute]) => [path, pass(attribute)])) }),
    });
  }
  return { names, values, bindings };
}
