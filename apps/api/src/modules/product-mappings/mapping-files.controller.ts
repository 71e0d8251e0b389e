import { productMappingExportQuery, productMappingImport, productMappingImportQuery, type ProductMappingImport } from '@forma3d/contracts';
import { DomainError } from '@forma3d/kernel';
import { CurrentStore, TakesCsv } from '@forma3d/platform';
import { Body, Controller, Get, HttpCode, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiProduces, ApiResponse, ApiTags } from '@nestjs/swagger';
import { createZodDto, ZodResponse } from 'nestjs-zod';
import { MOST_LINES } from './csv-lines';
import { ExportMappings } from './export-mappings';
import { ImportMappings } from './import-mappings';
import { COLUMNS } from './mapping-csv';

class ExportQueryDto extends createZodDto(productMappingExportQuery) {}
class ImportQueryDto extends createZodDto(productMappingImportQuery) {}
class ImportDto extends createZodDto(productMappingImport) {}

const MIB = 1024 * 1024;
const LARGEST_FILE_MIB = 5;
const EXAMPLE = [
  COLUMNS.join(','),
  'PLANTER-S,,"Planter, small",parts,pot,c00489ef361771ac098b5a60e6740757,pot.gcode,1,1,PLA,,black|matte',
  'PLANTER-S,,"Planter, small",parts,foot,1a077dd6296417fe75555bf806b68089,,4,4,,,',
  ',44012345678,Gift card,none,,,,,,,,',
].join('\r\n');
const ABOUT =
  `One line for each part, one for each mapping of kind \`none\`; lines of one SKU or variant make one mapping, their order is that of its parts. Columns: ${COLUMNS.join(', ')}. ` +
  'Tags stand between bars. A cell that a spreadsheet would take for a formula has an apostrophe before it.';

/** Mappings as files for spreadsheets. */
@ApiTags('Product mappings')
@Controller('product-mappings')
export class MappingFilesController {
  constructor(
    private readonly exports: ExportMappings,
    private readonly imports: ImportMappings,
  ) {}

  @Get('export')
  @ApiOperation({ summary: 'All mappings as a CSV file', description: `${ABOUT} Imported again, it changes nothing.` })
  @ApiProduces('text/csv')
  @ApiResponse({ status: 200, description: 'The file.', content: { 'text/csv': { schema: { type: 'string' }, example: EXAMPLE } } })
  async export(@CurrentStore() storeId: string, @Query() { separator }: ExportQueryDto): Promise<StreamableFile> {
    return new StreamableFile(await this.exports.stream(storeId, separator), { type: 'text/csv; charset=utf-8', disposition: 'attachment; filename="product-mappings.csv"' });
  }

  @Post('import')
  @HttpCode(200)
  @TakesCsv(LARGEST_FILE_MIB * MIB)
  @ApiOperation({
    summary: 'Make mappings as a CSV file says, all or none; orders that waited for them go on',
    description:
      `${ABOUT} Columns may come in any order, and be left out where empty is meant; comma or semicolon stands between cells. Mappings that the file does not name stay. ` +
      `At most ${MOST_LINES} lines. With \`dry_run=true\` nothing changes, and lines with errors are told one by one; without, any error refuses the file.`,
  })
  @ApiConsumes('text/csv')
  @ApiBody({ schema: { type: 'string' }, examples: { mappings: { value: EXAMPLE } } })
  @ApiResponse({ status: 413, description: `The file is larger than ${LARGEST_FILE_MIB} MiB or has more than ${MOST_LINES} lines.` })
  @ApiResponse({ status: 415, description: 'The body is not CSV in UTF-8.' })
  @ApiResponse({ status: 409, description: 'Others are changing the same mappings. Nothing was imported.' })
  @ZodResponse({ status: 200, type: ImportDto })
  import(@CurrentStore() storeId: string, @Query() query: ImportQueryDto, @Body() text: unknown): Promise<ProductMappingImport> {
    if (typeof text !== 'string') throw new DomainError('invalid', 'The file is missing.', { errors: [{ path: '', message: 'must be a CSV file' }] });
    return query.dry_run ? this.imports.dryRun(storeId, text) : this.imports.import(storeId, text);
  }
}
