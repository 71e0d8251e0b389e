import {
  newProductMapping,
  productMapping,
  productMappingChange,
  productMappingCopy,
  productMappingPage,
  productMappingQuery,
  unmappedLinePage,
  pageQuery,
  type Page,
  type ProductMapping,
  type UnmappedLine,
} from '@forma3d/contracts';
import { CurrentStore, decodeCursor, pageFrom, UuidParam } from '@forma3d/platform';
import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiConflictResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { createZodDto, ZodResponse } from 'nestjs-zod';
import { z } from 'zod';
import { UnmappedLines } from '../orders';
import { ProductMappingsRepository } from './product-mappings.repository';
import { SaveMapping } from './save-mapping';
import { SuggestMappings } from './suggest-mappings';

class NewProductMappingDto extends createZodDto(newProductMapping) {}
class ProductMappingChangeDto extends createZodDto(productMappingChange) {}
class ProductMappingCopyDto extends createZodDto(productMappingCopy) {}
class ProductMappingQueryDto extends createZodDto(productMappingQuery) {}
class PageQueryDto extends createZodDto(pageQuery) {}
class ProductMappingDto extends createZodDto(productMapping) {}
class ProductMappingPageDto extends createZodDto(productMappingPage) {}
class UnmappedLinePageDto extends createZodDto(unmappedLinePage) {}

const cursorId = z.uuid();

@ApiTags('Product mappings')
@Controller('product-mappings')
export class ProductMappingsController {
  constructor(
    private readonly repository: ProductMappingsRepository,
    private readonly save: SaveMapping,
    private readonly unmappedLines: UnmappedLines,
    private readonly suggestions: SuggestMappings,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What SKUs and variants mean in production, newest first' })
  @ZodResponse({ type: ProductMappingPageDto })
  async list(@CurrentStore() storeId: string, @Query() query: ProductMappingQueryDto): Promise<Page<ProductMapping>> {
    const rows = await this.repository.list(storeId, query, decodeCursor(cursorId, query.cursor));
    return pageFrom(rows, query.limit, (row) => row.id);
  }

  @Get('unmapped')
  @ApiOperation({ summary: 'Lines of paid orders that wait for a mapping, with mappings whose SKU is almost the same' })
  @ZodResponse({ type: UnmappedLinePageDto })
  async unmapped(@CurrentStore() storeId: string, @Query() query: PageQueryDto): Promise<Page<UnmappedLine>> {
    const rows = await this.unmappedLines.list(storeId, query.limit + 1, decodeCursor(cursorId, query.cursor));
    const { data, pagination } = pageFrom(rows, query.limit, (row) => row.line_item_id);
    const suggestions = await this.suggestions.for(storeId, data.map(({ sku }) => sku));
    return { data: data.map((line, index) => ({ ...line, suggestions: suggestions[index] ?? [] })), pagination };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One mapping' })
  @ZodResponse({ type: ProductMappingDto })
  get(@CurrentStore() storeId: string, @UuidParam('id') id: string): Promise<ProductMapping> {
    return this.repository.get(storeId, id);
  }

  @Post()
  @ApiConflictResponse({ description: 'There is a mapping of this SKU or variant.' })
  @ApiOperation({ summary: 'Map a SKU or a variant; orders that waited for it go on' })
  @ZodResponse({ status: 201, type: ProductMappingDto })
  create(@CurrentStore() storeId: string, @Body() body: NewProductMappingDto): Promise<ProductMapping> {
    return this.save.create(storeId, body);
  }

  @Post(':id/copy')
  @ApiConflictResponse({ description: 'There is a mapping of this SKU or variant.' })
  @ApiOperation({ summary: 'Map another SKU or variant to the same parts; orders that waited for it go on' })
  @ZodResponse({ status: 201, type: ProductMappingDto })
  copy(@CurrentStore() storeId: string, @UuidParam('id') id: string, @Body() body: ProductMappingCopyDto): Promise<ProductMapping> {
    return this.save.copy(storeId, id, body);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change a mapping; orders already planned keep what they were planned with' })
  @ZodResponse({ type: ProductMappingDto })
  change(
    @CurrentStore() storeId: string,
    @UuidParam('id') id: string,
    @Body() body: ProductMappingChangeDto,
  ): Promise<ProductMapping> {
    return this.save.change(storeId, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Delete a mapping' })
  delete(@CurrentStore() storeId: string, @UuidParam('id') id: string): Promise<void> {
    return this.save.delete(storeId, id);
  }
}
