/**
 * A request that cannot be read as the operation's input. Codecs throw it; the protocol gives it the code and
 * the words its service has for it (`SerializationException`, `MalformedInput`, `MalformedXML`).
 */
export type Mistake =
  /** The text is no JSON, XML or CBOR at all. */
  | { readonly kind: 'syntax'; readonly text: string }
  /** A list, structure or map stands where something else belongs. */
  | { readonly kind: 'unexpected'; readonly found: 'list' | 'structure' }
  /** A scalar stands where a list, map or structure belongs. */
  | { readonly kind: 'expected'; readonly what: 'list' | 'map' | 'structure' }
  /** A scalar of another type. `found` is the JSON token: `STRING_VALUE`, `NUMBER_VALUE`, `TRUE_VALUE`, ... */
  | { readonly kind: 'scalar'; readonly found: string; readonly wanted: ScalarName; readonly text?: string }
  | { readonly kind: 'timestamp'; readonly found: string; readonly text: string }
  | { readonly kind: 'blob'; readonly text: string; readonly reason: string }
  | { readonly kind: 'union'; readonly text: string };

export type ScalarName = 'String' | 'Integer' | 'Double' | 'Boolean' | 'Timestamp' | 'Blob';

export class Malformed extends Error {
  readonly mistake: Mistake;
  constructor(mistake: Mistake) {
    super(mistake.kind === 'syntax' ? mistake.text : mistake.kind);
    this.name = 'Malformed';
    this.mistake = mistake;
  }
}
