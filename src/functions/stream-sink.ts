/** Chunks of a streamed answer go to who asked for a stream, and are collected for who did not. */
import { limits } from '../base/limits.ts';
import type { RunRequest } from './config.ts';

export interface StreamSink {
  readonly take: (chunk: Uint8Array) => void | Promise<void>;
  readonly tooLarge: boolean;
  collected(): Uint8Array;
}

const NOTHING = new Uint8Array();

export function createStreamSink({ onChunk }: RunRequest): StreamSink {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const most = onChunk ? limits.lambdaStreamedResponseBytes : limits.lambdaResponseBytes;
  return {
    take(chunk) {
      bytes += chunk.length;
      if (bytes > most) return;
      if (onChunk) return onChunk(chunk);
      parts.push(chunk);
    },
    get tooLarge() {
      return bytes > most;
    },
    collected: () => (parts.length === 0 ? NOTHING : Buffer.concat(parts, bytes)),
  };
}
