/** nginx as a proxy before the same backend, when it is installed. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSubject, type Subject } from './subject.ts';

const PORT = 14320;

export async function startNginx(folder: string, backendUrl: string): Promise<Subject | undefined> {
  if (spawnSync('nginx', ['-v']).status !== 0) return undefined;
  const home = join(folder, 'nginx');
  mkdirSync(home, { recursive: true });
  const file = join(home, 'nginx.conf');
  writeFileSync(
    file,
    `daemon off; worker_processes 1; pid ${home}/pid; error_log stderr notice;
events { worker_connections 1024; }
http { access_log off; client_body_temp_path ${home}; proxy_temp_path ${home}; fastcgi_temp_path ${home}; uwsgi_temp_path ${home}; scgi_temp_path ${home};
upstream backend { server ${new URL(backendUrl).host}; keepalive 64; }
server { listen 127.0.0.1:${PORT}; location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; } } }`,
  );
  const subject = await startSubject({
    command: 'nginx',
    args: ['-p', home, '-c', file],
    ready: /start worker process/,
  });
  return { ...subject, caught: `http://127.0.0.1:${PORT}/` };
}
