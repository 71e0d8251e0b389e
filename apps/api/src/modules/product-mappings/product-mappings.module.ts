import { Module } from '@nestjs/common';
import { AttentionModule } from '../attention';
import { OrdersModule } from '../orders';
import { ExportMappings } from './export-mappings';
import { ImportMappings } from './import-mappings';
import { MappingBatchRepository } from './mapping-batch.repository';
import { MappingFilesController } from './mapping-files.controller';
import { MappingNews } from './mapping-news';
import { ProductMappingsController } from './product-mappings.controller';
import { ProductMappingsRepository } from './product-mappings.repository';
import { Recipes } from './recipes';
import { SaveMapping } from './save-mapping';
import { SuggestMappings } from './suggest-mappings';

@Module({
  imports: [AttentionModule, OrdersModule],
  controllers: [MappingFilesController, ProductMappingsController],
  providers: [ExportMappings, ImportMappings, MappingBatchRepository, MappingNews, ProductMappingsRepository, Recipes, SaveMapping, SuggestMappings],
  exports: [Recipes],
})
export class ProductMappingsModule {}
