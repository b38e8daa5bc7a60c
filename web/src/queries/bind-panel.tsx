/** The values of a query's bind parameters: a field for each, by its type, or all of them as JSON. */
import { Braces, TextCursorInput } from 'lucide';
import { useState } from 'preact/hooks';
import { Button } from '../components/button.tsx';
import { SelectField, TextArea, TextField } from '../components/field.tsx';
import { fieldText, fieldTypeOf, readField, type BindParameter, type BindValues, type FieldType } from './aql/bind-parameters.ts';
import { isObject } from './results/shape.ts';

export interface BindPanelProps {
  readonly parameters: readonly BindParameter[];
  readonly values: BindValues;
  readonly collections: readonly string[];
  /** Gives those that are others now. */
  readonly onChange: (changes: BindValues) => void;
}

export function BindPanel({ parameters, values, collections, onChange }: BindPanelProps) {
  const [isJson, setJson] = useState(false);
  return (
    <section class="bind-panel frame" aria-label="Bind parameters">
      <div class="row bind-head">
        <h2>Parameters</h2>
        <Button kind="quiet" isSmall icon={isJson ? TextCursorInput : Braces} onPress={() => setJson(!isJson)}>
          {isJson ? 'Fields' : 'JSON'}
        </Button>
      </div>
      {isJson ? (
        <JsonValues parameters={parameters} values={values} onChange={onChange} />
      ) : (
        parameters.map((parameter) => (
          <ParameterField
            key={parameter.key}
            parameter={parameter}
            values={values}
            collections={collections}
            onChange={(value) => onChange({ [parameter.key]: value })}
          />
        ))
      )}
    </section>
  );
}

interface ParameterFieldProps {
  readonly parameter: BindParameter;
  readonly values: BindValues;
  readonly collections: readonly string[];
  readonly onChange: (value: BindValues[string]) => void;
}

function ParameterField({ parameter: { key, isCollection }, values, collections, onChange }: ParameterFieldProps) {
  const value = values[key];
  const [type, setType] = useState<FieldType>(fieldTypeOf(value));
  const [text, setText] = useState(fieldText(value));
  const name = `@${key}`;
  const change = (nextText: string, nextType: FieldType): void => {
    setText(nextText);
    setType(nextType);
    const read = readField(nextText, nextType);
    if (read !== undefined) onChange(read);
  };
  if (isCollection) {
    return (
      <TextField
        label={name}
        isMono
        value={text}
        suggestions={collections}
        placeholder="collection"
        onChange={(next) => change(next, 'text')}
      />
    );
  }
  const error = readField(text, type) === undefined && text !== '' ? `This is no ${type === 'json' ? 'JSON' : type}.` : undefined;
  return (
    <div class="bind-field">
      {type === 'boolean' ? (
        <SelectField
          label={name}
          value={text === 'true' ? 'true' : 'false'}
          onChange={(next) => change(next, type)}
          options={[
            ['true', 'true'],
            ['false', 'false'],
          ]}
        />
      ) : type === 'json' ? (
        <TextArea label={name} isMono rows={3} value={text} error={error} onChange={(next) => change(next, type)} />
      ) : (
        <TextField
          label={name}
          isMono
          isDisabled={type === 'null'}
          value={type === 'null' ? 'null' : text}
          error={error}
          onChange={(next) => change(next, type)}
        />
      )}
      <SelectField<FieldType>
        label={`Type of ${name}`}
        isLabelHidden
        value={type}
        onChange={(next) => change(next === 'boolean' && text !== 'true' ? 'false' : text, next)}
        options={[
          ['text', 'Text'],
          ['number', 'Number'],
          ['boolean', 'Boolean'],
          ['null', 'null'],
          ['json', 'JSON'],
        ]}
      />
    </div>
  );
}

function JsonValues({ parameters, values, onChange }: Pick<BindPanelProps, 'parameters' | 'values' | 'onChange'>) {
  const [text, setText] = useState(() =>
    JSON.stringify(Object.fromEntries(parameters.map(({ key }) => [key, values[key] ?? null])), undefined, 2),
  );
  const [error, setError] = useState<string>();
  return (
    <TextArea
      label="Parameters as JSON"
      isMono
      rows={Math.min(12, text.split('\n').length + 1)}
      value={text}
      error={error}
      onChange={(next) => {
        setText(next);
        try {
          const read: unknown = JSON.parse(next);
          if (!isObject(read)) throw new Error('Parameters are a JSON object.');
          setError(undefined);
          onChange(read as BindValues);
        } catch (thrown) {
          setError(thrown instanceof Error ? thrown.message : String(thrown));
        }
      }}
    />
  );
}
