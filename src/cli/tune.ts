import { readFileSync } from 'node:fs';
import { limits } from '../base/limits.ts';
import { CliFailure } from './failure.ts';
import prices from './lambda-prices.json' with { type: 'json' };
import { printJson, printLines, printTable } from './print.ts';
import { createRemote, type RemoteOptions } from './remote.ts';
import { chartLines, HEADER, recommend, tableRows } from './tune-chart.ts';
import { measure } from './tune-measure.ts';

interface TuneOptions extends RemoteOptions {
  readonly memory: string;
  readonly runs: string;
  readonly payload: string;
  readonly json?: boolean;
}

/** `gatehouse tune <function>`: time and cost by memory. The function is left as it was. */
export async function tune(functionName: string, options: TuneOptions): Promise<void> {
  const memoriesMb = readMemories(options.memory);
  const runs = Number(options.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new CliFailure(`--runs ${options.runs} is no number of runs`, 2);
  const payload = options.payload.startsWith('@') ? readPayload(options.payload.slice(1)) : options.payload;
  const [first, ...rest] = await measure(createRemote(options), {
    functionName,
    memoriesMb,
    runs,
    payload,
    onProgress: (memoryMb, at) => {
      if (!options.json)
        process.stderr.write(`${at + 1}/${memoriesMb.length}: ${runs} runs with ${memoryMb} MB\n`);
    },
  });
  if (first === undefined) return;
  const measured = [first, ...rest] as const;
  const recommendation = recommend([first, ...rest]);
  if (options.json) {
    const { cheapest, fastest, balanced } = recommendation;
    return printJson({
      function: functionName,
      measured,
      cheapestMb: cheapest.memoryMb,
      fastestMb: fastest.memoryMb,
      balancedMb: balanced.memoryMb,
      prices: { region: prices.region, date: prices.date },
    });
  }
  printTable(HEADER, tableRows(measured, recommendation), '');
  printLines([
    '',
    ...chartLines(measured),
    '',
    `prices of ${prices.region}, ${prices.date}, without the free tier`,
  ]);
}

function readMemories(text: string): number[] {
  const { min, max } = limits.lambdaMemoryMb;
  const sizes = text.split(',').map(Number);
  const wrong = sizes.find((size) => !Number.isInteger(size) || size < min || size > max);
  if (wrong !== undefined)
    throw new CliFailure(`--memory ${text}: sizes are whole megabytes from ${min} to ${max}`, 2);
  return [...new Set(sizes)].toSorted((one, other) => one - other);
}

function readPayload(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new CliFailure(`cannot read the payload from ${file}`, 2);
  }
}
