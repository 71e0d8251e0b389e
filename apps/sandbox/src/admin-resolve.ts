import { GraphQLError, type GraphQLFieldResolver, type GraphQLTypeResolver } from 'graphql';

/**
 * Reads a field of an object that `admin-nodes` made. A field of the schema that the sandbox does not simulate is a clear error instead of a
 * silent null, so that nobody builds on an answer that means nothing.
 */
export const resolveField: GraphQLFieldResolver<unknown, unknown, Record<string, unknown>> = (source, args, _context, info) => {
  const value = isObject(source) ? source[info.fieldName] : undefined;
  if (value === undefined) {
    throw new GraphQLError(`The sandbox does not simulate ${info.parentType.name}.${info.fieldName}.`, {
      extensions: { code: 'NOT_SIMULATED' },
    });
  }
  return isFieldFunction(value) ? value(args) : value;
};

export const resolveType: GraphQLTypeResolver<unknown, unknown> = (value) =>
  isObject(value) && typeof value.__typename === 'string' ? value.__typename : undefined;

function isFieldFunction(value: unknown): value is (args: Record<string, unknown>) => unknown {
  return typeof value === 'function';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
