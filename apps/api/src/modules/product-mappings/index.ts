export { ProductMappingsModule } from './product-mappings.module';
export { Recipes, type MappableLine } from './recipes';
export type { Recipe } from './product-mappings.repository';
