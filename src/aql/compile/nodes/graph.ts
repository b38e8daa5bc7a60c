/** Loops over the vertices of a traversal and the paths of a search. */
import type { Variable } from '../../bound-query.ts';
import { attributePathOf, operandsOf, variablesOf, type Expression } from '../../expression.ts';
import {
  expressionsOf,
  mapExpressions,
  variablesReadBy,
  type EnumeratePathsNode,
  type ExecutionNode,
  type Pipeline,
  type ShortestPathNode,
  type StepCondition,
  type TraversalNode,
} from '../../plan.ts';
import type { Outlook } from '../../graph/traversal.ts';
import { ANY, captureVariables, ExpressionCompiler, KIND, type Code } from '../expressions.ts';
import type { FunctionWriter } from '../function-writer.ts';
import { writeRowFilter } from './documents.ts';

export function writeTraversal(writer: FunctionWriter, node: TraversalNode, position: number): void {
  writer.enterSegment();
  const traversal = writer.program.name('walk');
  const depths = [node.minDepth, node.maxDepth].map((depth) => writer.expressions.plain(depth).text).join(', ');
  const inputs = ['q', writer.program.constant(node.source), writer.program.constant(node.options)];
  inputs.push(writer.expressions.variable(node.inVariable).text, `[${depths}]`, writer.program.constant(outlookOf(writer, node, position)));
  const { stepConditions = [] } = node;
  if (node.prune !== undefined) inputs.push(pruneCode(writer, node, node.prune.condition));
  else if (stepConditions.length > 0) inputs.push('undefined');
  if (stepConditions.length > 0) inputs.push(stepCode(writer, node, stepConditions));
  writer.body.line(`const ${traversal} = new ${writer.program.use('Traversal')}(${inputs.join(', ')});`);
  writer.body.open(`while (${traversal}.next()) {`);
  const document = KIND.view | KIND.null;
  if (writer.readers.has(node.vertexOutVariable)) writer.declare(node.vertexOutVariable, { text: `${traversal}.vertex`, kind: document });
  const { edgeOutVariable, pathOutVariable, prune } = node;
  if (edgeOutVariable !== undefined && writer.readers.has(edgeOutVariable)) {
    writer.declare(edgeOutVariable, { text: `${traversal}.edge`, kind: document });
  }
  if (node.filter !== undefined) {
    declareFiltered(writer, node, node.filter, traversal);
    writeRowFilter(writer, node);
  }
  if (pathOutVariable !== undefined && writer.readers.has(pathOutVariable)) {
    const parts = { vertices: `${traversal}.pathVertices`, edges: `${traversal}.pathEdges` };
    declarePath(writer, pathOutVariable, `${traversal}.path`, parts, position);
  }
  if (prune?.outVariable !== undefined) writer.declare(prune.outVariable, { text: `${traversal}.pruned`, kind: ANY });
}

/** Which documents somebody looks at, and whether all of them. */
function outlookOf(writer: FunctionWriter, node: TraversalNode, position: number): Outlook {
  const { vertexOutVariable, edgeOutVariable, pathOutVariable, prune, filter, stepConditions = [], options } = node;
  const own = new Set<Variable>();
  for (const { condition } of stepConditions) variablesOf(condition, own);
  if (prune !== undefined) variablesOf(prune.condition, own);
  if (filter !== undefined) variablesOf(filter, own);
  const isRead = (variable: Variable | undefined): boolean => variable !== undefined && (writer.readers.has(variable) || own.has(variable));
  const isPathRead = isRead(pathOutVariable);
  const parts =
    pathOutVariable === undefined || own.has(pathOutVariable) ? undefined : partsRead(writer.nodes.slice(position + 1), pathOutVariable);
  const isPartRead = (part: string): boolean => isPathRead && (parts === undefined || parts.includes(part));
  return {
    vertices: isRead(vertexOutVariable) || isPartRead('vertices'),
    edges: isRead(edgeOutVariable) || isPartRead('edges') || options.weightAttribute !== undefined,
    isWhole: prune === undefined && stepConditions.length === 0 && !writer.hasLimitAfter(position),
  };
}

/** What the filter reads and nobody else does. */
function declareFiltered(writer: FunctionWriter, node: TraversalNode, filter: Expression, traversal: string): void {
  const read = variablesOf(filter);
  const document = KIND.view | KIND.null;
  for (const [variable, part] of [
    [node.vertexOutVariable, 'vertex'],
    [node.edgeOutVariable, 'edge'],
  ] as const) {
    if (variable === undefined || !read.has(variable) || writer.readers.has(variable)) continue;
    writer.declare(variable, { text: `${traversal}.${part}`, kind: document });
  }
}

/** A function that says of each step whether it is wanted, by its depth. */
function stepCode(writer: FunctionWriter, node: TraversalNode, conditions: readonly StepCondition[]): string {
  const { vertexOutVariable, edgeOutVariable } = node;
  const outer = new Set<Variable>();
  for (const { condition } of conditions) variablesOf(condition, outer);
  outer.delete(vertexOutVariable);
  if (edgeOutVariable !== undefined) outer.delete(edgeOutVariable);
  const captured = captureVariables(writer.expressions, outer);
  const inner = new ExpressionCompiler(writer.program, writer.parameters, captured.bindings);
  const document = KIND.view | KIND.null;
  inner.bindings.set(vertexOutVariable, { text: 'walk.vertex', kind: document, isSimple: false });
  if (edgeOutVariable !== undefined) inner.bindings.set(edgeOutVariable, { text: 'walk.edge', kind: document, isSimple: false });
  const lines = conditions.map(({ on, depth, condition }) => {
    const applies = depth === undefined ? (on === 'edge' ? 'depth > 0' : 'true') : `depth === ${depth}`;
    return `  if (${applies} && !(${inner.condition(condition)})) return false;`;
  });
  const name = writer.program.name('wanted');
  const inputs = ['q', 'walk', 'depth', ...captured.names].join(', ');
  writer.program.add(`function ${name}(${inputs}) {\n${inner.declarations}${lines.join('\n')}\n  return true;\n}`);
  return `(walk, depth) => ${name}(${['q', 'walk', 'depth', ...captured.values].join(', ')})`;
}

/** The condition as a function of its own, which gets what the traversal has at the moment. */
function pruneCode(
  writer: FunctionWriter,
  { vertexOutVariable, edgeOutVariable, pathOutVariable }: TraversalNode,
  condition: Expression,
): string {
  const outer = variablesOf(condition);
  const own = [vertexOutVariable, edgeOutVariable, pathOutVariable].filter((variable) => variable !== undefined);
  for (const variable of own) outer.delete(variable);
  const captured = captureVariables(writer.expressions, outer);
  const inner = new ExpressionCompiler(writer.program, writer.parameters, captured.bindings);
  const document = KIND.view | KIND.null;
  inner.bindings.set(vertexOutVariable, { text: 'vertex', kind: document, isSimple: true });
  if (edgeOutVariable !== undefined) inner.bindings.set(edgeOutVariable, { text: 'edge', kind: document, isSimple: true });
  if (pathOutVariable !== undefined) {
    const attributes = new Map<string, Code>([
      ['["vertices"]', { text: 'walk.pathVertices', kind: KIND.array | KIND.views, isSimple: false }],
      ['["edges"]', { text: 'walk.pathEdges', kind: KIND.array | KIND.views, isSimple: false }],
    ]);
    inner.bindings.set(pathOutVariable, { text: 'walk.path', kind: KIND.object, isSimple: false, attributes });
  }
  const name = writer.program.name('prune');
  const result = inner.plain(condition).text;
  const inputs = ['q', 'vertex', 'edge', 'walk', ...captured.names].join(', ');
  writer.program.add(`function ${name}(${inputs}) {\n${inner.declarations}  return ${result};\n}`);
  // Documents that nobody looks at are not read.
  const read = variablesOf(condition);
  const vertex = read.has(vertexOutVariable) ? 'walk.vertex' : 'null';
  const edge = edgeOutVariable !== undefined && read.has(edgeOutVariable) ? 'walk.edge' : 'null';
  const passed = ['q', vertex, edge, 'walk', ...captured.values].join(', ');
  return `{ condition: (walk) => ${name}(${passed}), isTrue: ${writer.program.use('toBool')} }`;
}

/** A path, whole or those of its lists that are read. */
function declarePath(
  writer: FunctionWriter,
  variable: Variable,
  whole: string,
  parts: Readonly<Record<string, string>>,
  position: number,
): void {
  const names = partsRead(writer.nodes.slice(position + 1), variable);
  if (names === undefined) {
    writer.declare(variable, { text: whole, kind: KIND.object });
    return;
  }
  const attributes = new Map<string, Code>();
  for (const part of names) {
    const text = parts[part];
    if (text === undefined) continue;
    const name = writer.program.name('v');
    writer.body.line(`const ${name} = ${text};`);
    attributes.set(JSON.stringify([part]), { text: name, kind: KIND.array | KIND.views, isSimple: true });
  }
  if (names.some((part) => parts[part] === undefined)) writer.declare(variable, { text: whole, kind: KIND.object });
  else {
    writer.expressions.bindings.set(variable, { text: '', kind: KIND.object, isSimple: true, attributes });
    writer.rowVariables.add(variable);
  }
}

export function writeShortestPath(writer: FunctionWriter, node: ShortestPathNode): void {
  writer.enterSegment();
  const row = writer.program.name('hop');
  const inputs = ['q', writer.program.constant(node.source), writer.program.constant(node.options)];
  inputs.push(writer.expressions.variable(node.startVariable).text, writer.expressions.variable(node.targetVariable).text);
  writer.body.open(`for (const ${row} of ${writer.program.use('shortestPathRows')}(${inputs.join(', ')})) {`);
  const document = KIND.view | KIND.null;
  writer.declare(node.vertexOutVariable, { text: `${row}.vertex`, kind: document });
  if (node.edgeOutVariable !== undefined) writer.declare(node.edgeOutVariable, { text: `${row}.edge`, kind: document });
}

export function writePaths(writer: FunctionWriter, node: EnumeratePathsNode, position: number): void {
  writer.enterSegment();
  const found = writer.program.name('path');
  const depths = [node.minDepth, node.maxDepth].map((depth) => writer.expressions.plain(depth).text).join(', ');
  const ends = [node.startVariable, node.targetVariable].map((variable) => writer.expressions.variable(variable).text);
  const { source, options, kind } = node;
  const read = partsRead(writer.nodes.slice(position + 1), node.pathOutVariable) ?? ['vertices', 'edges'];
  const lookedAt = { vertices: read.includes('vertices'), edges: read.includes('edges') || options.weightAttribute !== undefined };
  const inputs = ['q', writer.program.constant({ source, options, kind, lookedAt }), ...ends, `[${depths}]`];
  writer.body.open(`for (const ${found} of ${writer.program.use('enumeratePaths')}(${inputs.join(', ')})) {`);
  const parts = { vertices: `${found}.vertices`, edges: `${found}.edges` };
  declarePath(writer, node.pathOutVariable, `${found}.path`, parts, position);
}

/** The attributes of a variable that are read; undefined if it is read as a whole somewhere. */
function partsRead(nodes: Pipeline, variable: Variable): readonly string[] | undefined {
  const names = new Set<string>();
  const isByParts = (expression: Expression): boolean => {
    const chain = attributePathOf(expression);
    if (chain?.variable === variable) {
      const [first] = chain.path;
      if (first !== undefined) names.add(first);
      return first !== undefined;
    }
    return operandsOf(expression).every(isByParts);
  };
  const readsByParts = (node: ExecutionNode): boolean => {
    if (!variablesReadBy(node).has(variable)) return true;
    if (node.type === 'SubqueryNode') return node.nodes.every(readsByParts);
    const rest = mapExpressions(node, () => ({ type: 'constant', value: null }));
    return !variablesReadBy(rest).has(variable) && expressionsOf(node).every(isByParts);
  };
  return nodes.every(readsByParts) ? [...names] : undefined;
}
