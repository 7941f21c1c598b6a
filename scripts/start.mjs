/** `npm start`: installs what is missing, starts the server, deploys the example into an empty data folder. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { bunPath, installMissing, root } from './install.mjs';

installMissing();
const args = process.argv.slice(2);
const bare = args.includes('--bare');
const rest = args.filter((arg) => arg !== '--bare');
const example = bare ? [] : ['--example', join(root, 'examples', 'orders')];
const server = spawn(bunPath(), [join(root, 'src', 'cli', 'main.ts'), 'start', ...example, ...rest], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
server.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
