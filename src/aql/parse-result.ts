/**
 * What `POST /_api/query` and `db._parse` answer: that a query parses, what it names, and its tree in ArangoDB's terms.
 *
 * The tree is made of the bound query, so variables have their ids and the same errors come up as when the query is run, except those
 * about the values of bind parameters, which are not there yet. As in ArangoDB, subqueries stand before the statement that uses them,
 * each in a `let` of its own.
 */
import { isArray, isObject, type Value, type ValueObject } from '#values';
import type { BinaryOperator, Direction, UnaryOperator } from './ast.ts';
import { MARK, PLACEHOLDERS } from './bind-values.ts';
import { bindWith, type FindSignature } from './bind.ts';
import type {
  BoundAssignment,
  BoundBlock,
  BoundExpression,
  BoundModification,
  BoundQuantifier,
  BoundQuestionQuantifier,
  BoundStatement,
  BoundSubject,
  Variable,
} from './bound-query.ts';
import { parseQuery } from './parser.ts';
import { comparisonTraits, isMembership, OPERATORS } from './explain/expression-json.ts';

/** Throws what `parseQuery` and `bindQuery` throw. */
export function parseResult(text: string, findSignature: FindSignature): ValueObject {
  const parsed = parseQuery(text);
  const query = bindWith(parsed, PLACEHOLDERS, findSignature);
  const statements = new Serializer(query.nextVariableId).block(query);
  const declared = parsed.query.with.map(({ type, name }) => sourceNode(type === 'name' ? name : PLACEHOLDERS.collection(name)));
  return {
    parsed: true,
    collections: [...query.collections.keys()].filter((name) => !name.startsWith(MARK)),
    bindVars: [...parsed.parameters],
    ast: [node('root', declared.length === 0 ? statements : [node('with collections', declared), ...statements])],
    warnings: query.warnings.map(({ code, message }) => ({ code, message })),
  };
}

const UNARY: Readonly<Record<UnaryOperator, string>> = { '!': 'unary not', '+': 'unary plus', '-': 'unary minus' };

/** The node of each operator, or the function that stands for it. */
const BINARY: Readonly<Record<BinaryOperator, string>> = {
  ...OPERATORS,
  LIKE: 'LIKE',
  'NOT LIKE': 'LIKE',
  '=~': 'REGEX_TEST',
  '!~': 'REGEX_TEST',
};

const DIRECTIONS: Readonly<Record<Direction, number>> = { ANY: 0, INBOUND: 1, OUTBOUND: 2 };

function node(type: string, subNodes: readonly Value[] = [], attributes: ValueObject = {}): ValueObject {
  return { type, ...attributes, ...(subNodes.length === 0 ? {} : { subNodes }) };
}

const NOTHING = node('no-op');

function sourceNode(name: string): ValueObject {
  return name.startsWith(MARK) ? node('datasource parameter', [], { name: name.slice(1) }) : node('collection', [], { name });
}

function nameNode(name: string): ValueObject {
  return name.startsWith(MARK) ? node('parameter', [], { name: name.slice(1) }) : node('value', [], { value: name });
}

function variableNode({ name, id }: Variable): ValueObject {
  return node('variable', [], { name, id });
}

function referenceNode({ name, id }: Variable): ValueObject {
  return node('reference', [], { name, id, subqueryReference: false });
}

function valueNode(value: Value): ValueObject {
  if (isArray(value)) return node('array', value.map(valueNode));
  if (!isObject(value)) return node('value', [], { value });
  return node(
    'object',
    Object.entries(value).map(([name, member]) => node('object element', [valueNode(member)], { name })),
  );
}

function optionsNode(options: ValueObject): ValueObject {
  return Object.keys(options).length === 0 ? NOTHING : valueNode(options);
}

class Serializer {
  #nextId: number;
  /** Where the subqueries of the current statement go. */
  #statements: ValueObject[] = [];

  constructor(nextId: number) {
    this.#nextId = nextId;
  }

  block(block: BoundBlock): ValueObject[] {
    const outer = this.#statements;
    const own: ValueObject[] = [];
    this.#statements = own;
    for (const statement of block.statements) {
      const made = this.#statement(statement);
      own.push(made);
    }
    this.#statements = outer;
    return own;
  }

  #statement(statement: BoundStatement): ValueObject {
    switch (statement.type) {
      case 'for': {
        const { variable, source, search, options } = statement;
        const parts = [variableNode(variable), this.#expression(source)];
        return search === undefined
          ? node('for', [...parts, optionsNode(options)])
          : node('view enumeration', [...parts, node('filter', [this.#expression(search)]), optionsNode(options)]);
      }
      case 'traversal': {
        const { vertex, edge, path, depth, direction, start, subject, prune, options } = statement;
        const variables = [vertex, edge, path].filter((variable) => variable !== undefined).map(variableNode);
        const walk = [this.#direction(direction, depth), this.#expression(start), subjectNode(subject)];
        return node('traversal', [...walk, this.#optional(prune?.condition), optionsNode(options), ...variables]);
      }
      case 'paths': {
        const { kind, variables, depth, direction, from, to, subject, options } = statement;
        const walk = [this.#direction(direction, depth), this.#expression(from), this.#expression(to), subjectNode(subject)];
        const type = kind === 'SHORTEST_PATH' ? 'shortest path' : 'enumerate paths';
        return node(type, [...walk, optionsNode(options), ...variables.map(variableNode)]);
      }
      case 'let':
        return node('let', [variableNode(statement.variable), this.#expression(statement.value)]);
      case 'filter':
        return node('filter', [this.#expression(statement.condition)]);
      case 'collect':
        return this.#collect(statement);
      case 'sort': {
        const keys = statement.keys.map(({ value, isAscending }) =>
          node('sort element', [this.#expression(value), valueNode(isAscending)]),
        );
        return node('sort', [node('array', keys)]);
      }
      case 'limit':
        return node('limit', this.#limit(statement));
      case 'window': {
        const { bounds, range, aggregates } = statement;
        return node('window', [this.#expression(bounds), this.#optional(range), this.#aggregates(aggregates)]);
      }
      case 'return': {
        const value = this.#expression(statement.value);
        return node('return', [statement.isDistinct ? node('distinct', [value]) : value]);
      }
      case 'insert':
        return modificationNode(statement, [this.#expression(statement.document)]);
      case 'update':
      case 'replace': {
        const { key, document } = statement;
        const operands = document === undefined ? [this.#expression(key), NOTHING] : [this.#expression(document), this.#expression(key)];
        return modificationNode(statement, operands);
      }
      case 'remove':
        return modificationNode(statement, [this.#expression(statement.key)]);
      case 'upsert': {
        const { search, insert, document } = statement;
        const found = search.type === 'example' ? node('example', [this.#expression(search.example)]) : this.#expression(search.condition);
        return modificationNode(statement, [found, this.#expression(insert), this.#expression(document)]);
      }
    }
  }

  #collect({ groups, aggregates, into, count, options }: Extract<BoundStatement, { type: 'collect' }>): ValueObject {
    const keys = node(
      'array',
      groups.map((group) => this.#assignment(group)),
    );
    if (count !== undefined) return node('collect with count', [optionsNode(options), keys, variableNode(count)]);
    const projection = into?.type === 'projection' ? this.#expression(into.projection) : NOTHING;
    const captured =
      into?.type === 'variables'
        ? node(
            'array',
            into.captured.map((variable) => referenceNode(variable)),
          )
        : NOTHING;
    const groupsInto = into === undefined ? NOTHING : variableNode(into.variable);
    return node('collect', [optionsNode(options), keys, this.#aggregates(aggregates), groupsInto, projection, captured]);
  }

  #assignment({ variable, value }: Pick<BoundAssignment, 'variable' | 'value'>): ValueObject {
    return node('assign', [variableNode(variable), this.#expression(value)]);
  }

  #aggregates(aggregates: Extract<BoundStatement, { type: 'collect' }>['aggregates']): ValueObject {
    return node(
      'aggregations array',
      aggregates.map((each) => node('assign', [variableNode(each.variable), this.#call('function call', each.function, each.arguments)])),
    );
  }

  #direction(direction: Direction, depth: BoundExpression | undefined): ValueObject {
    const steps = depth === undefined ? node('range', [valueNode(1), valueNode(1)]) : this.#expression(depth);
    return node('direction', [valueNode(DIRECTIONS[direction]), steps]);
  }

  #limit({ offset, count }: { readonly offset?: BoundExpression; readonly count: BoundExpression }): ValueObject[] {
    return [offset === undefined ? valueNode(0) : this.#expression(offset), this.#expression(count)];
  }

  #optional(expression: BoundExpression | undefined): ValueObject {
    return expression === undefined ? NOTHING : this.#expression(expression);
  }

  #all(expressions: readonly BoundExpression[]): ValueObject[] {
    return expressions.map((expression) => this.#expression(expression));
  }

  #expression(expression: BoundExpression): ValueObject {
    switch (expression.type) {
      case 'literal':
        return expression.parameter === undefined ? valueNode(expression.value) : nameNode(MARK + expression.parameter);
      case 'array':
        return node('array', this.#all(expression.elements));
      case 'object':
        return node(
          'object',
          expression.elements.map((element) =>
            element.type === 'property'
              ? this.#property(element.name, element.value)
              : node('calculated object element', [this.#expression(element.name), this.#expression(element.value)]),
          ),
        );
      case 'reference':
        return referenceNode(expression.variable);
      case 'collection':
        return sourceNode(expression.name);
      case 'call':
        return this.#call('function call', expression.name, expression.arguments);
      case 'user call':
        return this.#call('user function call', expression.name, expression.arguments);
      case 'subquery':
        return this.#subquery(expression.query);
      case 'unary':
        return node(UNARY[expression.operator], [this.#expression(expression.operand)]);
      case 'binary':
        return this.#binary(expression.operator, [expression.left, expression.right]);
      case 'quantified': {
        const operands = [...this.#all([expression.left, expression.right]), this.#quantifier(expression.quantifier)];
        return node(
          `array ${BINARY[expression.operator]}`,
          operands,
          isMembership(expression.operator) ? comparisonTraits(expression.operator) : {},
        );
      }
      case 'ternary': {
        const { condition, then, otherwise } = expression;
        return node('ternary', this.#all(then === undefined ? [condition, otherwise] : [condition, then, otherwise]));
      }
      case 'attribute': {
        const object = this.#expression(expression.object);
        const { name } = expression;
        return name.startsWith(MARK)
          ? node('bound attribute access', [object, nameNode(name)])
          : node('attribute access', [object], { name });
      }
      case 'index':
        return node('indexed access', this.#all([expression.object, expression.index]));
      case 'expansion': {
        const { object, levels, element, filter, limit, projection } = expression;
        const iterator = node('iterator', [variableNode(element), this.#expression(object)]);
        const value = projection === undefined ? referenceNode(element) : this.#expression(projection);
        const slice = limit === undefined ? NOTHING : node('array limit', this.#limit(limit));
        return node('expansion', [iterator, value, this.#optional(filter), slice, NOTHING], { levels });
      }
      case 'question': {
        const { object, element, quantifier, filter } = expression;
        const iterator = node('iterator', [variableNode(element), this.#expression(object)]);
        const count = quantifier === undefined ? NOTHING : this.#quantifier(quantifier);
        const condition = node('array filter', [count, this.#optional(filter)]);
        return node('expansion', [iterator, referenceNode(element), condition, NOTHING, NOTHING], { levels: 1, booleanize: true });
      }
    }
  }

  #property(name: string, value: BoundExpression): ValueObject {
    const made = this.#expression(value);
    return name.startsWith(MARK) ? node('calculated object element', [nameNode(name), made]) : node('object element', [made], { name });
  }

  #call(type: string, name: string, inputs: readonly BoundExpression[]): ValueObject {
    return node(type, [node('array', this.#all(inputs))], { name });
  }

  #binary(operator: BinaryOperator, operands: readonly BoundExpression[]): ValueObject {
    switch (operator as string) {
      case 'LIKE':
      case '=~':
        return this.#call('function call', BINARY[operator], operands);
      case 'NOT LIKE':
      case '!~':
        return node(UNARY['!'], [this.#call('function call', BINARY[operator], operands)]);
      default:
        return node(BINARY[operator], this.#all(operands), comparisonTraits(operator));
    }
  }

  #quantifier(quantifier: BoundQuestionQuantifier | BoundQuantifier): ValueObject {
    if (quantifier.is === 'EXACTLY') return this.#expression(quantifier.count);
    const count = quantifier.is === 'AT LEAST' ? [this.#expression(quantifier.count)] : [];
    return node('quantifier', count, { quantifier: quantifier.is.toLowerCase() });
  }

  #subquery(block: BoundBlock): ValueObject {
    const statements = this.#statements;
    const subquery = node('subquery', this.block(block));
    const id = this.#nextId++;
    const variable = { id, name: String(id) };
    statements.push(node('let', [variableNode(variable), subquery]));
    return { ...referenceNode(variable), subqueryReference: true };
  }
}

function subjectNode(subject: BoundSubject): ValueObject {
  if (subject.type === 'named graph') return nameNode(subject.name);
  return node(
    'collection list',
    subject.collections.map(({ direction, name }) => node('direction', [valueNode(DIRECTIONS[direction]), sourceNode(name)])),
  );
}

function modificationNode(
  { type, into, options, old, new: made }: BoundModification & { readonly type: string },
  operands: ValueObject[],
): ValueObject {
  const variables = [old, made].filter((variable) => variable !== undefined).map(variableNode);
  return node(type, [optionsNode(options), sourceNode(into), ...operands, ...variables]);
}
