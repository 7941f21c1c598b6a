/** What `scripts/models` takes out of a service's model. */
export interface ConstraintData {
  /** The input shape of each operation that has constraints. */
  readonly operations: Readonly<Record<string, string>>;
  readonly shapes: Readonly<Record<string, ShapeRule>>;
}

export interface ShapeRule {
  /** Structures: members that must be there, and the shapes of those that are constrained. */
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, string>>;
  /** Lists and maps: the shapes of items, keys and values, when constrained. */
  readonly item?: string;
  readonly key?: string;
  readonly value?: string;
  /** Lengths: characters, bytes or items. */
  readonly min?: number;
  readonly max?: number;
  /** Numbers; those with a fraction are shown with one (`1.0`). */
  readonly double?: true;
  readonly least?: number;
  readonly most?: number;
  /** A Java regular expression that must match the whole text. */
  readonly pattern?: string;
  readonly enum?: readonly string[];
  /** The value is not shown in errors. */
  readonly sensitive?: true;
}
