import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

import type { Scheduler } from './scheduler';

/** One query may cost so much at most. */
export const MOST_POINTS = 1000;

const MUTATION_POINTS = 10;

/**
 * The cost of an operation in points, before it runs. Shopify's published rules: scalars cost nothing, an object one point, a mutation ten, a
 * connection two and its `first` times what one node costs. Its real formula is cheaper for large pages, but not published: who fits here fits there.
 */
export function requestedCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
): number {
  const fragments = new Map(
    document.definitions.flatMap((each) => (each.kind === 'FragmentDefinition' ? [[each.name.value, each] as const] : [])),
  );
  const root = operation.operation === 'mutation' ? schema.getMutationType() : schema.getQueryType();
  if (!root) return 0;
  const base = operation.operation === 'mutation' ? MUTATION_POINTS : 0;
  return base + selectionCost({ schema, fragments, variables }, operation.selectionSet, root.name, undefined);
}

interface CostContext {
  schema: GraphQLSchema;
  fragments: Map<string, FragmentDefinitionNode>;
  variables: Record<string, unknown>;
}

function selectionCost(context: CostContext, set: SelectionSetNode, typeName: string, pageSize: number | undefined): number {
  let cost = 0;
  for (const selection of set.selections) {
    if (selection.kind === 'InlineFragment') {
      cost += selectionCost(context, selection.selectionSet, selection.typeCondition?.name.value ?? typeName, pageSize);
    } else if (selection.kind === 'FragmentSpread') {
      const fragment = context.fragments.get(selection.name.value);
      if (fragment) cost += selectionCost(context, fragment.selectionSet, fragment.typeCondition.name.value, pageSize);
    } else {
      cost += fieldCost(context, selection, typeName, pageSize);
    }
  }
  return cost;
}

function fieldCost(context: CostContext, field: FieldNode, parentName: string, pageSize: number | undefined): number {
  const parent = context.schema.getType(parentName);
  const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[field.name.value] : undefined;
  if (!definition || !field.selectionSet) return 0;
  const type = getNamedType(definition.type);
  if (!isCompositeType(type) || isUnionType(type)) return 1;
  const size = numberArgument(context, field, 'first') ?? numberArgument(context, field, 'last');
  if (type.name.endsWith('Connection')) {
    return 2 + selectionCost(context, field.selectionSet, type.name, size ?? 1);
  }
  if (type.name === 'PageInfo') return 0;
  // `edges` is only a wrapper; `node` and `nodes` are the objects that a page has many of.
  if (type.name.endsWith('Edge')) return selectionCost(context, field.selectionSet, type.name, pageSize);
  const inner = selectionCost(context, field.selectionSet, type.name, undefined);
  const many = pageSize ?? (isList(definition.type) ? (size ?? 1) : 1);
  return many * (1 + inner);
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(type) || (isNonNullType(type) && isListType(type.ofType));
}

function numberArgument(context: CostContext, field: FieldNode, name: string): number | undefined {
  const value = field.arguments?.find((argument) => argument.name.value === name)?.value;
  if (value?.kind === 'IntValue') return Number(value.value);
  if (value?.kind !== 'Variable') return undefined;
  const given = context.variables[value.name.value];
  return typeof given === 'number' ? given : undefined;
}

/** What an answer really cost: its objects, connections by what they hold. Never more than was asked for. */
export function actualCost(data: unknown, requested: number, isMutation: boolean): number {
  const count = (value: unknown): number => {
    if (Array.isArray(value)) return value.reduce((total: number, item) => total + count(item), 0);
    if (value === null || typeof value !== 'object') return 0;
    return Object.values(value).reduce((total: number, inner) => total + count(inner), 1);
  };
  const objects = Math.max(0, count(data) - 1);
  return Math.min(requested, Math.max(isMutation ? MUTATION_POINTS : 1, objects));
}

/** The leaky bucket of one app and shop: points come back at a constant rate. */
export class PointBucket {
  private available: number;
  private at: number;

  constructor(
    private readonly scheduler: Scheduler,
    public maximum: number,
    public restoreRate: number,
  ) {
    this.available = maximum;
    this.at = scheduler.now().getTime();
  }

  resize(maximum: number, restoreRate: number): void {
    this.maximum = maximum;
    this.restoreRate = restoreRate;
    this.available = maximum;
  }

  /** Takes the points if they are there. */
  take(points: number): boolean {
    this.refill();
    if (points > this.available) return false;
    this.available -= points;
    return true;
  }

  giveBack(points: number): void {
    this.refill();
    this.available = Math.min(this.maximum, this.available + points);
  }

  status(): { maximumAvailable: number; currentlyAvailable: number; restoreRate: number } {
    this.refill();
    return { maximumAvailable: this.maximum, currentlyAvailable: Math.floor(this.available), restoreRate: this.restoreRate };
  }

  private refill(): void {
    const now = this.scheduler.now().getTime();
    this.available = Math.min(this.maximum, this.available + ((now - this.at) / 1000) * this.restoreRate);
    this.at = now;
  }
}
