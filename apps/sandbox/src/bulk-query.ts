import {
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  validate,
  type FieldNode,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** How many items of each connection are read at once. */
export const BULK_PAGE = 250;

export interface BulkQuery {
  /** The root connection's answer key: its alias or its name. */
  rootKey: string;
  /** The query with a page of everything, `$after` for the root connection, and its `pageInfo`. */
  paged: OperationDefinitionNode;
  /** Answer keys of connections below the root, which become lines of their own. */
  nested: Set<string>;
}

/** A query that bulk operations cannot run. The texts follow Shopify's where they are known. */
export class BulkRefusal extends Error {}

/**
 * Checks a bulk query by Shopify's rules: it fits the schema, has one root connection, at most five connections, at most two levels deep, none
 * inside a list, and selects `edges { node { id … } }` alone.
 *
 * @throws BulkRefusal
 */
export function planBulkQuery(schema: GraphQLSchema, text: string): BulkQuery {
  const document = parseBulk(text);
  const problems = validate(schema, document);
  if (problems[0]) throw new BulkRefusal(`Invalid bulk query: ${problems[0].message}`);
  const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  if (!operation || operation.operation !== 'query') throw new BulkRefusal('Bulk query is not valid: a query is needed.');
  if (document.definitions.length > 1) throw new BulkRefusal('The sandbox runs no fragments in bulk queries.');
  const [root, ...others] = operation.selectionSet.selections;
  if (others.length > 0) throw new BulkRefusal('Bulk queries must contain a single top-level field.');
  const queryType = schema.getQueryType();
  if (root?.kind !== Kind.FIELD || !queryType) throw new BulkRefusal('Bulk queries must contain a single top-level field.');
  const definition = queryType.getFields()[root.name.value];
  if (!definition || !isConnection(definition.type)) throw new BulkRefusal('Bulk queries must contain at least one connection.');
  const state = { connections: 0, nested: new Set<string>() };
  const paged = pageConnection(schema, root, definition.type, 1, state, true);
  if (state.connections > 5) throw new BulkRefusal('Bulk queries cannot contain more than 5 connections.');
  return {
    rootKey: root.alias?.value ?? root.name.value,
    nested: state.nested,
    paged: {
      ...operation,
      variableDefinitions: [
        {
          kind: Kind.VARIABLE_DEFINITION,
          variable: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: 'after' } },
          type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: 'String' } },
        },
      ],
      selectionSet: { kind: Kind.SELECTION_SET, selections: [paged] },
    },
  };
}

interface PlanState {
  connections: number;
  nested: Set<string>;
}

function pageConnection(
  schema: GraphQLSchema,
  field: FieldNode,
  type: GraphQLOutputType,
  depth: number,
  state: PlanState,
  isRoot: boolean,
): FieldNode {
  if (depth > 2) throw new BulkRefusal('Bulk queries cannot contain connections with a nesting depth greater than 2.');
  state.connections += 1;
  const nodeField = edgeNode(field);
  const nodeType = getNamedType(type).name.replace(/Connection$/, '');
  const inner = nodeField.selectionSet?.selections ?? [];
  if (!inner.some((each) => each.kind === Kind.FIELD && each.name.value === 'id' && !each.alias)) {
    throw new BulkRefusal("The 'node' field of a connection must select the 'id' field without an alias.");
  }
  const selections = pageSelections(schema, { kind: Kind.SELECTION_SET, selections: inner }, nodeType, depth, false, state);
  const kept = (field.arguments ?? []).filter((argument) => !['first', 'last', 'after', 'before'].includes(argument.name.value));
  const name = (value: string) => ({ kind: Kind.NAME as const, value });
  const plain = (value: string): FieldNode => ({ kind: Kind.FIELD, name: name(value) });
  const wrap = (value: string, children: SelectionSetNode['selections']): FieldNode => ({
    kind: Kind.FIELD,
    name: name(value),
    selectionSet: { kind: Kind.SELECTION_SET, selections: children },
  });
  return {
    ...field,
    arguments: [
      ...kept,
      { kind: Kind.ARGUMENT, name: name('first'), value: { kind: Kind.INT, value: String(BULK_PAGE) } },
      ...(isRoot
        ? [{ kind: Kind.ARGUMENT as const, name: name('after'), value: { kind: Kind.VARIABLE as const, name: name('after') } }]
        : []),
    ],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: [
        wrap('edges', [wrap('node', selections.selections)]),
        ...(isRoot ? [wrap('pageInfo', [plain('hasNextPage'), plain('endCursor')])] : []),
      ],
    },
  };
}

function pageSelections(
  schema: GraphQLSchema,
  set: SelectionSetNode,
  typeName: string,
  depth: number,
  inList: boolean,
  state: PlanState,
): SelectionSetNode {
  const type = schema.getType(typeName);
  const selections = set.selections.map((selection) => {
    if (selection.kind !== Kind.FIELD || !selection.selectionSet || !isObjectType(type)) return selection;
    const definition = type.getFields()[selection.name.value];
    if (!definition) return selection;
    if (isConnection(definition.type)) {
      if (inList) {
        throw new BulkRefusal('Queries that contain a connection field within a list field are not currently supported.');
      }
      state.nested.add(selection.alias?.value ?? selection.name.value);
      return pageConnection(schema, selection, definition.type, depth + 1, state, false);
    }
    const list = inList || isListType(isNonNullType(definition.type) ? definition.type.ofType : definition.type);
    const inner = getNamedType(definition.type).name;
    return { ...selection, selectionSet: pageSelections(schema, selection.selectionSet, inner, depth, list, state) };
  });
  return { kind: Kind.SELECTION_SET, selections };
}

function edgeNode(field: FieldNode): FieldNode {
  const selections = field.selectionSet?.selections ?? [];
  const edges = selections[0];
  const nodes = edges?.kind === Kind.FIELD ? (edges.selectionSet?.selections ?? []) : [];
  const node = nodes.find((each) => each.kind === Kind.FIELD && each.name.value === 'node');
  if (selections.length !== 1 || edges?.kind !== Kind.FIELD || edges.name.value !== 'edges' || node?.kind !== Kind.FIELD) {
    throw new BulkRefusal("Bulk queries select connections as 'edges { node { id … } }' and nothing else of them.");
  }
  return node;
}

function isConnection(type: GraphQLOutputType): boolean {
  return getNamedType(type).name.endsWith('Connection');
}

function parseBulk(text: string) {
  try {
    return parse(text);
  } catch (error) {
    throw new BulkRefusal(`Invalid bulk query: ${error instanceof Error ? error.message : 'it does not parse'}`);
  }
}
