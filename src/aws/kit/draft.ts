/** A row's copy that an update may change: rows themselves are readonly. */
export type Draft<Row> = Row extends readonly (infer Item)[]
  ? Draft<Item>[]
  : Row extends object
    ? { -readonly [Key in keyof Row]: Draft<Row[Key]> }
    : Row;

/** A deep copy of a row (rows are JSON documents). */
export const draftOf = <Row>(row: Row): Draft<Row> => structuredClone(row) as Draft<Row>; // same shape, only writable
