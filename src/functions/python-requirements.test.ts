/** Requirements of Python functions come from a folder of wheels, never from a network. */
import { afterAll, expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { createBench, functionOf } from './testing/bench.ts';

const wheelsFolder = mkdtempSync(join(tmpdir(), 'gatehouse-wheels-'));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
/** The least a wheel may be: https://packaging.python.org/en/latest/specifications/binary-distribution-format/ */
writeFileSync(
  join(wheelsFolder, 'greeting-1.0-py3-none-any.whl'),
  zipSync({
    'greeting.py': bytes('WORD = "hello"\n'),
    'greeting-1.0.dist-info/METADATA': bytes('Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n'),
    'greeting-1.0.dist-info/WHEEL': bytes(
      'Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    ),
    'greeting-1.0.dist-info/RECORD': bytes(
      'greeting.py,,\ngreeting-1.0.dist-info/METADATA,,\ngreeting-1.0.dist-info/WHEEL,,\ngreeting-1.0.dist-info/RECORD,,\n',
    ),
  }),
);
const bench = createBench({}, { wheelsFolder });
afterAll(async () => {
  await bench.close();
  rmSync(wheelsFolder, { recursive: true, force: true });
});

const hasPip = ((): boolean => {
  try {
    execFileSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

const pythonOf = (functionName: string, requirements: string) =>
  functionOf(
    bench.folder({
      'app.py': 'import greeting\ndef handler(event, context):\n    return greeting.WORD\n',
      'requirements.txt': requirements,
    }),
    { functionName, runtime: 'python3.12', handler: 'app.handler' },
  );

test('a package of a wheel is there; without pip its absence is told', async () => {
  const config = pythonOf('wheel', 'greeting==1.0\n');
  if (hasPip) expect((await bench.invoke(config)).json).toBe('hello');
  else await expect(bench.invoke(config)).rejects.toThrow('No module named pip');
});

test('a package that is in no wheel is refused with the reason', async () => {
  await expect(bench.invoke(pythonOf('absent', 'greeting==2.0\n'))).rejects.toThrow(
    `requirements.txt cannot be installed from GATEHOUSE_WHEELS=${wheelsFolder}: `,
  );
});
