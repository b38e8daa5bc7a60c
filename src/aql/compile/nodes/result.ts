/** RETURN: rows leave the function as values or as text. */
import type { Variable } from '../../bound-query.ts';
import type { Expression } from '../../expression.ts';
import { PRIMITIVE } from '../expressions.ts';
import type { FunctionWriter } from '../function-writer.ts';
import { jsonText } from '../json.ts';
import { literal } from '../program.ts';

export function writeReturn(writer: FunctionWriter, variable: Variable): void {
  const expression = writer.expressionOf(variable);
  switch (writer.sink) {
    case 'array': {
      const code = writer.expressions.compile(expression);
      writer.resultKind = code.kind;
      const value = writer.program.name('v');
      writer.body.line(`const ${value} = ${code.text};`);
      writer.body.line(`out.push(${value}); q.charge(${writer.program.use('sizeOf')}(${value}));`);
      return;
    }
    case 'json': {
      const text = writer.program.name('text');
      writer.body.line(`const ${text} = ${jsonText(writer.expressions, expression)};`);
      giveOut(writer, text, `${text}.length`);
      return;
    }
    case 'values': {
      const value = writer.program.name('v');
      writer.body.line(`const ${value} = ${freshText(writer, expression)};`);
      giveOut(writer, value, `${writer.program.use('sizeOf')}(${value})`);
      return;
    }
  }
}

/** Results leave in batches of a certain number, or earlier if they are large. */
function giveOut(writer: FunctionWriter, result: string, size: string): void {
  writer.body.line(`out.push(${result}); bytes += ${size};`);
  writer.body.line('if (out.length === q.batchSize || bytes > q.batchBytes) { q.give(bytes); yield out; out = []; bytes = 0; }');
}

/** A value that belongs to whoever gets it. */
function freshText(writer: FunctionWriter, expression: Expression): string {
  switch (expression.type) {
    case 'constant':
      return literal(expression.value);
    case 'array':
      return `[${expression.elements.map((element) => freshText(writer, element)).join(', ')}]`;
    case 'object':
      return writer.expressions.objectText(expression.members, (value) => freshText(writer, value));
    default: {
      const { text, kind } = writer.expressions.compile(expression);
      return (kind & ~PRIMITIVE) === 0 ? text : `${writer.program.use('fresh')}(${text})`;
    }
  }
}
