/** Cuts what a process writes into lines, each a log event; a line too long becomes several. */
export interface OutputLines {
  push(bytes: Uint8Array): void;
  /** What has no end yet is a line too. */
  end(): void;
}

const NEWLINE = 10;

export function createOutputLines(maxBytes: number, onLine: (text: string) => void): OutputLines {
  let rest: Buffer[] = [];
  let restBytes = 0;
  const emit = (bytes: Buffer): void => {
    const whole = rest.length === 0 ? bytes : Buffer.concat([...rest, bytes]);
    rest = [];
    restBytes = 0;
    for (let at = 0; at < whole.length || at === 0; at += maxBytes)
      onLine(whole.toString('utf8', at, Math.min(at + maxBytes, whole.length)));
  };
  return {
    push(bytes) {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      let from = 0;
      for (let to = buffer.indexOf(NEWLINE); to >= 0; to = buffer.indexOf(NEWLINE, from)) {
        emit(buffer.subarray(from, to));
        from = to + 1;
      }
      if (from === buffer.length) return;
      if (restBytes + buffer.length - from >= maxBytes) return emit(buffer.subarray(from));
      rest.push(buffer.subarray(from));
      restBytes += buffer.length - from;
    },
    end() {
      if (restBytes > 0) emit(Buffer.alloc(0));
    },
  };
}
