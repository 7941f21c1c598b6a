/**
 * X-Ray's trace header, which also carries the way that led to an invocation:
 * https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
 */
export function newTraceHeader(now: number): string {
  const hex = (digits: number): string =>
    Math.floor(Math.random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  const seconds = Math.floor(now / 1000).toString(16);
  return `Root=1-${seconds}-${hex(12)}${hex(12)};Parent=${hex(8)}${hex(8)};Sampled=0`;
}
