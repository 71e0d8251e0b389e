import { Module } from '@nestjs/common';
import { AttentionModule } from '../attention';
import { OrdersModule } from '../orders';
import { ProductMappingsController } from './product-mappings.controller';
import { ProductMappingsRepository } from './product-mappings.repository';
import { Recipes } from './recipes';
import { SaveMapping } from './save-mapping';

@Module({
  imports: [AttentionModule, OrdersModule],
  controllers: [ProductMappingsController],
  providers: [ProductMappingsRepository, Recipes, SaveMapping],
  exports: [Recipes],
})
export class ProductMappingsModule {}
