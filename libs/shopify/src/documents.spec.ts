import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import {
  buildClientSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isListType,
  isNonNullType,
  Kind,
  parse,
  validate,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type IntrospectionQuery,
  OperationTypeNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

import { DOCUMENTS } from './documents';

const SCHEMA = join(__dirname, '../../../apps/sandbox/schema/admin_2026-10.json.gz');

function loadSchema(): GraphQLSchema {
  const file = JSON.parse(gunzipSync(readFileSync(SCHEMA)).toString()) as { data?: IntrospectionQuery } & IntrospectionQuery;
  return buildClientSchema(file.data ?? file);
}

const schema = loadSchema();

function operationOf(text: string): OperationDefinitionNode {
  const [definition] = parse(text).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('not one operation');
  return definition;
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(type) || (isNonNullType(type) && isList(type.ofType));
}

/** Shopify's static price: 1 an object, 2 + n × a node for a connection, n × an item for a list that takes `first`. */
function costOf(selections: SelectionSetNode, parent: GraphQLObjectType): number {
  let cost = 0;
  for (const field of selections.selections) {
    if (field.kind !== Kind.FIELD || !field.selectionSet) continue;
    const type = parent.getFields()[field.name.value]?.type;
    const named = type && getNamedType(type);
    if (!type || !isCompositeType(named) || isAbstractType(named)) throw new Error(`cannot price ${field.name.value}`);
    const first = field.arguments?.find((argument) => argument.name.value === 'first')?.value;
    if (first && first.kind !== Kind.INT) throw new Error(`the page size of ${field.name.value} is no literal`);
    const count = first ? Number(first.value) : 1;
    const inner = costOf(field.selectionSet, named);
    if (named.name.endsWith('Connection')) cost += 2 + count * inner;
    else if (named.name !== 'PageInfo') cost += (isList(type) ? count : 1) * (1 + inner);
  }
  return cost;
}

const documents = Object.entries(DOCUMENTS);

test.each(documents)('%s is valid on the published Admin schema of 2026-10', (_name, document) => {
  expect(validate(schema, parse(document.text)).map((error) => error.message)).toEqual([]);
});

test.each(documents)('%s says its operation, its kind and its price', (_name, document) => {
  const operation = operationOf(document.text);
  const root = operation.operation === OperationTypeNode.MUTATION ? schema.getMutationType() : schema.getQueryType();
  if (!root) throw new Error('no root type');
  const base = operation.operation === OperationTypeNode.MUTATION ? 10 : 0;

  expect({ kind: operation.operation, operation: operation.name?.value, cost: base + costOf(operation.selectionSet, root) }).toEqual({
    kind: document.kind,
    operation: document.operation,
    cost: document.cost,
  });
});

test.each(documents)('%s stays below the thousand points that one query may cost', (_name, document) => {
  expect(document.cost).toBeGreaterThan(0);
  expect(document.cost).toBeLessThan(1_000);
});

test('every file in documents/ is loaded', () => {
  const texts = new Set<string>(documents.map(([, document]) => document.text));
  const files = readdirSync(join(__dirname, 'documents'));

  expect(files.filter((file) => !texts.has(readFileSync(join(__dirname, 'documents', file), 'utf8')))).toEqual([]);
  expect(files).toHaveLength(documents.length);
});
