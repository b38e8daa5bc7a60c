/**
 * A parsed query as text again.
 *
 * Operators stand in parentheses and names in backticks, as ArangoDB's explainer writes them, so that the text parses to the same
 * tree without a thought on precedence or keywords.
 */
import { isArray, isObject, type Value } from '#values';
import type {
  AggregateAssignment,
  Block,
  CollectionReference,
  GraphReference,
  Expression,
  GraphSubject,
  LimitClause,
  ObjectElement,
  Query,
  QuestionQuantifier,
  Statement,
  Target,
} from './ast.ts';
import { isKeyword } from './lexer.ts';

export function printQuery(query: Query): string {
  const declared = query.with.map(printReference).join(', ');
  return `${declared && `WITH ${declared} `}${printBlock(query)}`;
}

export function quoteName(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}

/** A value as AQL writes it: `[ 1, { "a" : null } ]`. */
export function printValue(value: Value): string {
  if (isArray(value)) return inBrackets('[', value.map(printValue), ']');
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)} : ${printValue(member)}`);
  return inBrackets('{', members, '}');
}

function inBrackets(open: string, parts: readonly string[], close: string): string {
  return parts.length === 0 ? `${open} ${close}` : `${open} ${parts.join(', ')} ${close}`;
}

function printBlock({ statements }: Block): string {
  return statements.map(printStatement).join(' ');
}

function printStatement(statement: Statement): string {
  switch (statement.type) {
    case 'for': {
      const { target, source, search, options } = statement;
      return `FOR ${printTarget(target)} IN ${printExpression(source)}${clause('SEARCH', search)}${clause('OPTIONS', options)}`;
    }
    case 'traversal': {
      const { variables, depth, direction, start, subject, prune, options } = statement;
      const walk = `FOR ${printNames(variables)} IN${depth ? ` ${printExpression(depth)}` : ''} ${direction} ${printExpression(start)}`;
      return `${walk} ${printSubject(subject)}${prune ? printPrune(prune) : ''}${clause('OPTIONS', options)}`;
    }
    case 'paths': {
      const { kind, variables, depth, direction, from, to, subject, options } = statement;
      const walk = `FOR ${printNames(variables)} IN${depth ? ` ${printExpression(depth)}` : ''} ${direction} ${kind}`;
      return `${walk} ${printExpression(from)}${clause('TO', to)} ${printSubject(subject)}${clause('OPTIONS', options)}`;
    }
    case 'let':
      return `LET ${printTarget(statement.target)} = ${printExpression(statement.value)}`;
    case 'filter':
      return `FILTER ${printExpression(statement.condition)}`;
    case 'collect':
      return printCollect(statement);
    case 'sort':
      return `SORT ${statement.keys.map(printSortKey).join(', ')}`;
    case 'limit':
      return printLimit(statement);
    case 'window': {
      const { bounds, range, aggregates } = statement;
      return `WINDOW ${range ? `${printExpression(range)} WITH ` : ''}${printExpression(bounds)}${printAggregates(aggregates)}`;
    }
    case 'return':
      return `RETURN ${statement.isDistinct ? 'DISTINCT ' : ''}${printExpression(statement.value)}`;
    case 'insert':
      return `INSERT ${printExpression(statement.document)}${printInto(statement)}`;
    case 'update':
    case 'replace': {
      const { type, key, document } = statement;
      return `${type.toUpperCase()} ${printExpression(key)}${clause('WITH', document)}${printInto(statement)}`;
    }
    case 'remove':
      return `REMOVE ${printExpression(statement.key)}${printInto(statement)}`;
    case 'upsert': {
      const { search, insert, action, document } = statement;
      const found = search.type === 'filter' ? `FILTER ${printExpression(search.condition)}` : printExpression(search.example);
      const change = `${action.toUpperCase()} ${printExpression(document)}`;
      return `UPSERT ${found} INSERT ${printExpression(insert)} ${change}${printInto(statement)}`;
    }
  }
}

function printPrune({ variable, condition }: { readonly variable?: string; readonly condition: Expression }): string {
  return variable === undefined ? clause('PRUNE', condition) : clause(`PRUNE ${quoteName(variable)} =`, condition);
}

function printSortKey({ value, direction }: Extract<Statement, { type: 'sort' }>['keys'][number]): string {
  return `${printExpression(value)} ${typeof direction === 'string' ? direction : printExpression(direction)}`;
}

function clause(keyword: string, expression: Expression | undefined): string {
  return expression === undefined ? '' : ` ${keyword} ${printExpression(expression)}`;
}

function printInto({ into, options }: { readonly into: CollectionReference; readonly options?: Expression }): string {
  return ` INTO ${printCollection(into)}${clause('OPTIONS', options)}`;
}

function printCollect({ groups, aggregates, into, count, options }: Extract<Statement, { type: 'collect' }>): string {
  const keys = groups.map(({ name, value }) => `${quoteName(name)} = ${printExpression(value)}`).join(', ');
  const projection = into?.projection === undefined ? '' : ` = ${printExpression(into.projection)}`;
  const keep = into?.keep === undefined ? '' : ` KEEP ${printNames(into.keep)}`;
  const groupsInto = into === undefined ? '' : ` INTO ${quoteName(into.name)}${projection}${keep}`;
  const counted = count === undefined ? '' : ` WITH COUNT INTO ${quoteName(count)}`;
  return `COLLECT${keys && ` ${keys}`}${printAggregates(aggregates)}${groupsInto}${counted}${clause('OPTIONS', options)}`;
}

function printAggregates(aggregates: readonly AggregateAssignment[]): string {
  const list = aggregates.map((each) => `${quoteName(each.name)} = ${printCall(each.function, each.arguments)}`);
  return list.length === 0 ? '' : ` AGGREGATE ${list.join(', ')}`;
}

function printLimit({ offset, count }: LimitClause): string {
  return `LIMIT ${offset === undefined ? '' : `${printExpression(offset)}, `}${printExpression(count)}`;
}

function printTarget(target: Target): string {
  switch (target.type) {
    case 'variable':
      return quoteName(target.name);
    case 'array target':
      return `[${target.elements.map((element) => (element === undefined ? '' : printTarget(element))).join(', ')}]`;
    case 'object target':
      return `{ ${target.elements.map(({ name, target: part }) => `${quoteName(name)}: ${printTarget(part)}`).join(', ')} }`;
  }
}

function printNames(names: readonly string[]): string {
  return names.map(quoteName).join(', ');
}

function printCollection(reference: CollectionReference): string {
  return reference.type === 'name' ? quoteName(reference.name) : `@@${reference.name}`;
}

function printSubject(subject: GraphSubject): string {
  if (subject.type === 'named graph') {
    const { graph } = subject;
    return `GRAPH ${printReference(graph)}`;
  }
  return subject.collections
    .map(({ direction, collection }) => `${direction === undefined ? '' : `${direction} `}${printReference(collection)}`)
    .join(', ');
}

function printReference(reference: GraphReference): string {
  return reference.type === 'bind' ? `@${reference.name}` : printCollection(reference);
}

function printExpression(expression: Expression): string {
  switch (expression.type) {
    case 'literal':
      return printValue(expression.value);
    case 'array':
      return inBrackets('[', expression.elements.map(printExpression), ']');
    case 'object':
      return inBrackets('{', expression.elements.map(printElement), '}');
    case 'name':
      return quoteName(expression.name);
    case 'bind':
      return `@${expression.name}`;
    case 'collection bind':
      return `@@${expression.name}`;
    case 'call':
      return printCall(expression.name, expression.arguments);
    case 'subquery':
      return `(${printBlock(expression.query)})`;
    case 'unary':
      return `(${expression.operator} ${printExpression(expression.operand)})`;
    case 'binary':
      return `(${printExpression(expression.left)} ${expression.operator} ${printExpression(expression.right)})`;
    case 'quantified': {
      const { left, quantifier, operator, right } = expression;
      return `(${printExpression(left)} ${printQuantifier(quantifier)} ${operator} ${printExpression(right)})`;
    }
    case 'ternary': {
      const { condition, then, otherwise } = expression;
      return `(${printExpression(condition)} ? ${then === undefined ? '' : `${printExpression(then)} `}: ${printExpression(otherwise)})`;
    }
    case 'attribute':
    case 'bound attribute':
    case 'index':
    case 'expansion':
    case 'question':
      return printAccess(expression, printOperand(expression.object));
  }
}

/** `before` is the text of what is accessed. */
function printAccess(access: Extract<Expression, { object: Expression }>, before: string): string {
  switch (access.type) {
    case 'attribute':
      return `${before}.${quoteName(access.name)}`;
    case 'bound attribute':
      return `${before}.@${access.name}`;
    case 'index':
      return `${before}[${printExpression(access.index)}]`;
    case 'question': {
      const quantifier = access.quantifier === undefined ? '' : ` ${printQuantifier(access.quantifier)}`;
      return `${before}[?${quantifier}${clause('FILTER', access.filter)}]`;
    }
    case 'expansion': {
      const limit = access.limit === undefined ? '' : ` ${printLimit(access.limit)}`;
      const clauses = `${clause('FILTER', access.filter)}${limit}${clause('RETURN', access.projection)}`;
      return `${before}[${'*'.repeat(access.levels)}${clauses}]${access.tail === undefined ? '' : printTail(access.tail)}`;
    }
  }
}

/** The accesses after an expansion, down to the `CURRENT` that stands for its elements. */
function printTail(tail: Expression): string {
  return 'object' in tail ? printAccess(tail, printTail(tail.object)) : '';
}

/** What accesses may follow: an expansion needs parentheses, or they would become its tail. */
function printOperand(operand: Expression): string {
  const text = printExpression(operand);
  return operand.type === 'literal' || operand.type === 'expansion' ? `(${text})` : text;
}

function printElement(element: ObjectElement): string {
  switch (element.type) {
    case 'property':
      return `${JSON.stringify(element.name)} : ${printExpression(element.value)}`;
    case 'shorthand':
      return quoteName(element.name);
    case 'bound property':
      return `@${element.name} : ${printExpression(element.value)}`;
    case 'computed property':
      return `[ ${printExpression(element.name)} ] : ${printExpression(element.value)}`;
  }
}

function printQuantifier(quantifier: QuestionQuantifier): string {
  switch (quantifier.is) {
    case 'EXACTLY':
      return printExpression(quantifier.count);
    case 'AT LEAST':
      return `AT LEAST (${printExpression(quantifier.count)})`;
    case 'ALL':
    case 'ANY':
    case 'NONE':
      return quantifier.is;
  }
}

function printCall(name: string, inputs: readonly Expression[]): string {
  const parts = name
    .split('::')
    .map((part) => (/^_*[A-Za-z]\w*$/.test(part) && (part === 'LIKE' || !isKeyword(part)) ? part : quoteName(part)));
  return `${parts.join('::')}(${inputs.map(printExpression).join(', ')})`;
}
