import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { createZodValidationPipe } from 'nestjs-zod';
import { DomainError } from '@forma3d/kernel';
import { ZodError } from 'zod';
import { unstorableTexts } from './unstorable-text';

const SchemaPipe = createZodValidationPipe({
  createValidationException: (error) => (error instanceof ZodError ? invalidInput(error.issues) : error as Error),
});

/** Checks what comes in against the zod schema of its DTO class (`createZodDto`); 422 naming every field that is wrong. */
@Injectable()
export class InputPipe implements PipeTransform {
  private readonly schemas = new SchemaPipe();

  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    if (metadata.type === 'body' || metadata.type === 'query') {
      const unstorable = unstorableTexts(value);
      if (unstorable.length > 0) throw invalidInput(unstorable);
    }
    return this.schemas.transform(value, metadata);
  }
}

/** More would tell nobody more: an answer stays small however much is wrong, and however long the names are that were sent. */
const MOST_TOLD = 20;
const LONGEST_WORDS = 300;
const DEEPEST_PATH = 20;

/** The refusal of input that a schema refused; `more_errors` says how many more there were than are told. */
export function invalidInput(issues: readonly { path: readonly PropertyKey[]; message: string }[], detail = 'The input is not valid.'): DomainError<'invalid'> {
  const errors = issues.slice(0, MOST_TOLD).map(({ path, message }) => ({
    path: shortened(path.slice(0, DEEPEST_PATH).map(String).join('.')),
    message: shortened(message),
  }));
  const untold = issues.length - errors.length;
  return new DomainError('invalid', detail, { errors, ...(untold > 0 ? { more_errors: untold } : {}) });
}

/** By characters, so that none is cut in half. */
function shortened(text: string): string {
  return text.length <= LONGEST_WORDS ? text : `${[...text.slice(0, LONGEST_WORDS)].slice(0, -1).join('')}…`;
}
