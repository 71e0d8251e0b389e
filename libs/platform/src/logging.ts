import { currentScope } from '@forma3d/database';
import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { calmLog } from './calm-log';

/** Values under these names never reach the log, at the top or one level down. */
const SECRET_NAMES = [
  'authorization', 'cookie', '"set-cookie"', 'accessToken', 'apiKey', 'token', 'password', 'pass', 'secret', 'adminToken', 'secretsKey',
  '"x-api-key"', '"x-sp-secret"', '"x-sp-token"', '"x-shopify-access-token"', '"x-shopify-hmac-sha256"',
];

const bracketed = (name: string): string => (name.startsWith('"') ? `[${name}]` : `.${name}`);

/** JSON lines on stdout, each with the correlation id and the task of the work it tells of. */
export function makeLogger(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: fromScope,
    hooks: { logMethod: calmLog() },
    serializers: { err: withoutRows },
    redact: {
      paths: SECRET_NAMES.flatMap((name) => [
        name.startsWith('"') ? `[${name}]` : name,
        `*${bracketed(name)}`,
        `*.headers${bracketed(name)}`,
      ]),
      censor: '[redacted]',
    },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** PostgreSQL's `detail` and `where` repeat the row or the values at fault, which may be anybody's name and address. */
function withoutRows(error: Error): unknown {
  const { detail: _row, where: _values, ...said } = pino.stdSerializers.err(error) as Record<string, unknown>;
  return said;
}

function fromScope(): Record<string, unknown> {
  const scope = currentScope();
  return {
    ...(scope.correlationId === null ? {} : { correlation_id: scope.correlationId }),
    ...(scope.task === null ? {} : { task: scope.task.type, task_id: scope.task.id }),
  };
}
