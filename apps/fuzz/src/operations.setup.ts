import { z } from 'zod';

const schema = z.record(z.string(), z.unknown());
const parameter = z.looseObject({ name: z.string(), in: z.enum(['path', 'query', 'header', 'cookie']), schema: schema.optional() });
const operation = z.looseObject({
  parameters: z.array(parameter).optional(),
  requestBody: z.looseObject({ content: z.record(z.string(), z.looseObject({ schema: schema.optional() })) }).optional(),
  responses: z.record(z.string(), z.unknown()),
  security: z.array(z.unknown()).optional(),
});
const document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.looseObject({ schemas: z.record(z.string(), schema).default({}) }),
});

export type Schema = z.output<typeof schema>;

/** What the product's own document promises of one operation. */
export interface Operation {
  method: string;
  /** With `{names}`. */
  path: string;
  parameters: z.output<typeof parameter>[];
  /** Null when it takes none. */
  body: Schema | null;
  /** Of the body. */
  type: string;
  /** Statuses that it may answer. */
  documented: ReadonlySet<number>;
  open: boolean;
}

export interface Api {
  operations: Operation[];
  /** By `#/components/schemas/` name. */
  schemas: Readonly<Record<string, Schema>>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'options', 'head'];

/** Every operation of an OpenAPI document: one that is new is in it by itself. */
export function operationsOf(openApi: unknown): Api {
  const { paths, components } = document.parse(openApi);
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, described]): Operation => {
        const { parameters = [], requestBody, responses, security } = operation.parse(described);
        const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? ['application/json', {}];
        return {
          method: method.toUpperCase(),
          path,
          parameters,
          body: requestBody === undefined ? null : (content.schema ?? {}),
          type,
          documented: new Set(Object.keys(responses).map(Number)),
          open: security?.length === 0,
        };
      }),
  );
  return { operations, schemas: components.schemas };
}
