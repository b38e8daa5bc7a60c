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
      writer.body.line(`out.push(${code.text}); q.charge(${code.isSimple ? `${writer.program.use('sizeOf')}(${code.text})` : '64'});`);
      return;
    }
    case 'json':
      writer.body.line(`out.push(${jsonText(writer.expressions, expression)});`);
      break;
    case 'values':
      writer.body.line(`out.push(${freshText(writer, expression)});`);
      break;
  }
  writer.body.line('if (out.length === q.batchSize) { yield out; out = []; }');
}

/** A value that belongs to whoever gets it. */
function freshText(writer: FunctionWriter, expression: Expression): string {
  switch (expression.type) {
    case 'constant':
      return literal(expression.value);
    case 'array':
      return `[${expression.elements.map((element) => freshText(writer, element)).join(', ')}]`;
    case 'object': {
      const members = expression.members.map(({ name, value }) => `${writer.expressions.memberName(name)}: ${freshText(writer, value)}`);
      return `({ ${members.join(', ')} })`;
    }
    default: {
      const { text, kind } = writer.expressions.compile(expression);
      return (kind & ~PRIMITIVE) === 0 ? text : `${writer.program.use('fresh')}(${text})`;
    }
  }
}
