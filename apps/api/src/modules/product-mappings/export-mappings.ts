import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { headLine, mappingLines, type Separator } from './mapping-csv';
import { MappingBatchRepository } from './mapping-batch.repository';

/** The mappings of a store as a file that `ImportMappings` reads back to the same. */
@Injectable()
export class ExportMappings {
  constructor(private readonly batches: MappingBatchRepository) {}

  /** Resolves when the first mappings are read, so that trouble before is a refusal; the rest is read as fast as it is taken. */
  async stream(storeId: string, separator: Separator): Promise<Readable> {
    const pages = this.batches.all(storeId);
    const first = await pages.next();
    async function* text(): AsyncGenerator<string, void> {
      yield headLine(separator);
      for (let page = first; page.done !== true; page = await pages.next()) {
        yield page.value.map((mapping) => mappingLines(mapping, separator)).join('');
      }
    }
    return Readable.from(text());
  }
}
