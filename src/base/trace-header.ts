/** X-Ray's trace header: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */

export interface TraceHeader {
  /** `1-5759e988-bd862e3fe1be46a994272793`. */
  readonly root: string | undefined;
  /** The segment that sent it: 16 hex digits. */
  readonly parent: string | undefined;
  /** Undefined: nobody has decided yet. */
  readonly sampled: boolean | undefined;
}

const ROOT = /Root=([^;,\s]{1,64})/;
const PARENT = /Parent=([0-9a-fA-F]{16})(?:[;,\s]|$)/;
const SAMPLED = /Sampled=([01])(?:[;,\s]|$)/;

export function readTraceHeader(text: string | undefined): TraceHeader {
  if (text === undefined) return NOTHING;
  const sampled = SAMPLED.exec(text)?.[1];
  return {
    root: ROOT.exec(text)?.[1],
    parent: PARENT.exec(text)?.[1],
    sampled: sampled === undefined ? undefined : sampled === '1',
  };
}

const NOTHING: TraceHeader = { root: undefined, parent: undefined, sampled: undefined };

/** Whether Root is one that X-Ray can find again. */
export const isTraceId = (root: string): boolean => /^1-[0-9a-f]{8}-[0-9a-f]{24}$/.test(root);

/** A trace of one's own, which nobody samples. */
export function newTraceHeader(now: number): string {
  const hex = (digits: number): string =>
    Math.floor(Math.random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  const seconds = Math.floor(now / 1000).toString(16);
  return `Root=1-${seconds}-${hex(12)}${hex(12)};Parent=${hex(8)}${hex(8)};Sampled=0`;
}
