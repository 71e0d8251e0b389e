import type { OpenAPIObject } from '@nestjs/swagger';
import { cleanupOpenApiDoc } from 'nestjs-zod';
import { z } from 'zod';

/**
 * What nestjs-zod 5.5 makes of a DTO whose schema has a name of its own (`meta({ id })`) with zod 4.6: a property `root` that refers to the
 * schema among definitions beside it. Its clean-up then takes the reference for a second schema of that name, and throws.
 */
const namedDto = z.object({
  properties: z.object({
    root: z.looseObject({
      $ref: z.string().startsWith('#/$defs/'),
      'x-nestjs_zod-$defs': z.record(z.string(), z.record(z.string(), z.unknown())),
    }),
  }),
});

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** The document of the library with every named schema under its name, once. */
export function tidyOpenApi(document: OpenAPIObject): OpenAPIObject {
  const others: Schemas = {};
  const named: Schemas = {};
  const renamed = new Map<string, string>();
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
    const parsed = namedDto.safeParse(schema);
    if (!parsed.success) {
      others[name] = schema;
      continue;
    }
    const { root } = parsed.data.properties;
    renamed.set(name, root.$ref.slice('#/$defs/'.length));
    Object.assign(named, root['x-nestjs_zod-$defs']);
  }
  const clean = cleanupOpenApiDoc({ ...document, components: { ...document.components, schemas: others } });
  const whole = { ...clean, components: { ...clean.components, schemas: { ...clean.components?.schemas, ...named } } };
  return withReferences(whole, renamed);
}

/** Bounds that every JavaScript number has, and patterns that repeat a format, say nothing and spoil the examples that pages make of them. */
function withoutNoise(schema: object): object {
  const { minimum, maximum, format, pattern, ...rest } = schema as Record<string, unknown>;
  return {
    ...rest,
    ...(minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
    ...(format === undefined ? {} : { format }),
    ...(pattern === undefined || format === 'uuid' || format === 'date-time' || format === 'date' ? {} : { pattern }),
  };
}

function withReferences(document: OpenAPIObject, renamed: ReadonlyMap<string, string>): OpenAPIObject {
  const follow = (reference: string): string => {
    const name = reference.replace(/^#\/(\$defs|components\/schemas)\//, '');
    return name === reference ? reference : `#/components/schemas/${renamed.get(name) ?? name}`;
  };
  return JSON.parse(JSON.stringify(document), (key, value: unknown) => {
    if (key === '$ref' && typeof value === 'string') return follow(value);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return withoutNoise(value);
    return value;
  }) as OpenAPIObject;
}
