import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { printJson, printTable } from './print.ts';

interface Finding {
  readonly part: string;
  readonly found: string;
  /** What works without it, what does not. Empty when nothing is lacking. */
  readonly consequence: string;
}

/** `gatehouse doctor`: exit 0 always: what is missing switches a part off, it breaks nothing else. */
export async function doctor(options: { json?: boolean }): Promise<void> {
  const findings: Finding[] = [
    { part: 'Bun', found: process.versions['bun'] ?? 'none', consequence: '' },
    program('node', ['--version'], 'Node.js functions', 'nodejs functions are refused when they are invoked'),
    program(
      'python3',
      ['--version'],
      'Python functions',
      'python functions are refused when they are invoked',
    ),
    program(
      'python3',
      ['-c', 'import boto3; print("boto3", boto3.__version__)'],
      'boto3',
      'Python functions that import boto3 must bring it in their package',
    ),
    {
      part: 'Container images',
      found: 'not used',
      consequence: 'functions of PackageType Image are refused by name',
    },
    memoryLimits(),
  ];
  if (options.json) return printJson(findings);
  printTable(
    ['PART', 'FOUND', 'WHAT THAT MEANS'],
    findings.map((row) => [row.part, row.found, row.consequence || 'nothing is lacking']),
    '',
  );
}

function program(command: string, args: readonly string[], part: string, consequence: string): Finding {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return { part, found: stdout.trim(), consequence: '' };
  return { part, found: 'missing', consequence };
}

function memoryLimits(): Finding {
  const found = existsSync('/proc/self/statm') ? 'by /proc' : 'by ps';
  return {
    part: 'Memory limit of functions',
    found,
    consequence:
      'watched, and the process ended when it is over; the share of a CPU that goes with memory is not enforced',
  };
}
