import fc from 'fast-check';
import type { Tree } from './hostile-json.setup';
import type { Schema } from './operations.setup';

type Values = fc.Arbitrary<Tree>;

const records = (value: unknown): Schema[] => (Array.isArray(value) ? (value as Schema[]) : []);
const record = (value: unknown): Record<string, Schema> => (typeof value === 'object' && value !== null ? (value as Record<string, Schema>) : {});
const number = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);

const FORMATS: Readonly<Record<string, Values>> = {
  uuid: fc.uuid(),
  'date-time': fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map((date) => date.toISOString()),
  date: fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10)),
  uri: fc.webUrl(),
  email: fc.emailAddress(),
};

/** Values that a JSON schema of the document lets through, by and large: what else holds for them only the product knows. */
export function valuesOf(schema: Schema, schemas: Readonly<Record<string, Schema>>, depth = 0): Values {
  const { $ref: reference, example, type } = schema;
  if (typeof reference === 'string') return valuesOf(schemas[reference.slice(reference.lastIndexOf('/') + 1)] ?? {}, schemas, depth + 1);
  const made = madeOf(schema, schemas, depth, Array.isArray(type) ? type.map(String) : [String(type)]);
  return example === undefined ? made : fc.oneof(made, fc.constant(example as Tree));
}

function madeOf(schema: Schema, schemas: Readonly<Record<string, Schema>>, depth: number, types: string[]): Values {
  if ('const' in schema) return fc.constant(schema['const'] as Tree);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as Tree[]));
  const choices = [...records(schema['anyOf']), ...records(schema['oneOf'])];
  if (choices.length > 0) return fc.oneof(...choices.map((each) => valuesOf(each, schemas, depth + 1)));
  const whole = records(schema['allOf']);
  if (whole.length > 0) return fc.tuple(...whole.map((each) => valuesOf(each, schemas, depth + 1))).map((parts) => Object.assign({}, ...parts) as Tree);
  return fc.oneof(...types.map((type) => ofType(type, schema, schemas, depth)));
}

function ofType(type: string, schema: Schema, schemas: Readonly<Record<string, Schema>>, depth: number): Values {
  switch (type) {
    case 'object': {
      const properties = record(schema['properties']);
      const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
      const values = Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, valuesOf(each, schemas, depth + 1)]));
      return fc.record(values, { requiredKeys: required.filter((name) => name in values) });
    }
    case 'array':
      return fc.array(valuesOf(record(schema)['items'] ?? {}, schemas, depth + 1), { minLength: number(schema['minItems'], 0), maxLength: Math.min(3, number(schema['maxItems'], 3)) });
    case 'string':
      return texts(schema);
    case 'integer':
      return fc.integer({ min: number(schema['minimum'], -5), max: number(schema['maximum'], 1_000) });
    case 'number':
      return fc.double({ min: number(schema['minimum'], -1_000), max: number(schema['maximum'], 1_000), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return depth > 6 ? fc.constant(null) : (fc.jsonValue({ maxDepth: 2 }) as Values);
  }
}

function texts({ format, pattern, minLength, maxLength }: Schema): Values {
  const formatted = typeof format === 'string' ? FORMATS[format] : undefined;
  if (formatted) return formatted;
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern, 'u'), { size: 'small' });
  return fc.string({ minLength: number(minLength, 0), maxLength: Math.min(20, number(maxLength, 20)), unit: 'grapheme' });
}
