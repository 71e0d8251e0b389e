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

/** The refusal of input that a schema refused. */
export function invalidInput(issues: readonly { path: readonly PropertyKey[]; message: string }[]): DomainError<'invalid'> {
  return new DomainError('invalid', 'The input is not valid.', {
    errors: issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message })),
  });
}
