import { CliFailure } from './failure.ts';

interface StartFlags {
  readonly port: string;
  readonly httpsPort?: string;
  readonly host: string;
  readonly data: string;
  readonly ephemeral?: boolean;
  readonly database?: string;
  readonly shared?: string;
  readonly auth: 'open' | 'enforce';
  readonly explain: 'memory' | 'disk' | 'off';
  readonly example?: string;
  readonly json?: boolean;
}

/** `gatehouse start`: runs until SIGTERM or SIGINT, then drains. */
export async function start(flags: StartFlags): Promise<void> {
  if (flags.database || flags.shared)
    throw new CliFailure('cluster mode (--database, --shared) is not built yet', 2);
  const { startServer } = await import('../server/start.ts');
  const server = await startServer({
    host: flags.host,
    port: portOf(flags.port, '--port'),
    ...httpsPortOf(flags.httpsPort),
    data: flags.ephemeral ? null : flags.data,
    auth: flags.auth,
    explain: flags.explain,
  });
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return process.exit(1);
    stopping = true;
    await server.close();
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Since the process began, not since this file was loaded: what the user waited.
  const readyMs = Math.round(performance.now());
  const { url, httpsUrl } = server;
  if (flags.json) process.stdout.write(`${JSON.stringify({ status: 'ready', url, httpsUrl, readyMs })}\n`);
  else {
    process.stdout.write(`gatehouse ready on ${url} in ${readyMs} ms\n`);
    if (httpsUrl !== undefined) process.stdout.write(`and on ${httpsUrl}\n`);
  }
  if (flags.example)
    await (await import('./example.ts')).showExample(flags.example, server.url, server.isEmpty);
}

/** Without the option: beside the other port. */
function httpsPortOf(flag: string | undefined): { httpsPort?: number | null } {
  if (flag === undefined) return {};
  return { httpsPort: flag === 'off' ? null : portOf(flag, '--https-port') };
}

function portOf(text: string, option: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new CliFailure(`${option} ${text} is not a port`, 2);
  return port;
}
