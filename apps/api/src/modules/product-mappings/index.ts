export { ProductMappingsModule } from './product-mappings.module';
export { Recipes, type MappableLine, type Recipe } from './recipes';
