/** How API Gateway leaves things out of its answers. */

/** The map, or nothing when it is empty. */
export const filled = <Value>(map: Record<string, Value> | undefined): Record<string, Value> | undefined =>
  map && Object.keys(map).length > 0 ? map : undefined;

/** The object without its undefined members: rows are JSON documents and compare as such. */
export const withoutEmpty = <Shape extends object>(shape: Shape): Shape =>
  Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as Shape; // only undefined members went
