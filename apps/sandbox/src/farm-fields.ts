import type { FarmField } from './farm-types';

/** Custom field values as answers show them, where the field is meant to be shown: `print_queue` or `print_job`. */
export function shownFields(
  known: FarmField[],
  values: Record<string, unknown>,
  place: 'print_queue' | 'print_job',
): { id: string; value: unknown }[] {
  return Object.entries(values).flatMap(([id, value]) => {
    const field = known.find((each) => each.fieldId === id);
    const visible = field !== undefined && (field.subCategory.length === 0 || field.subCategory.includes(place));
    return visible ? [{ id, value }] : [];
  });
}
