/** The clients that the tests drive besides the JavaScript SDK: Python 3 with boto3, the AWS CLI, and a browser. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const works = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Where tests/examples/chromium.ts looks. */
const BROWSERS = [
  process.env.GATEHOUSE_CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

const NEEDED = [
  { name: 'Python 3', there: () => works('python3', '--version'), packages: ['python3'] },
  { name: 'boto3', there: () => works('python3', '-c', 'import boto3'), packages: ['python3-boto3'] },
  { name: 'the AWS CLI', there: () => works('aws', '--version'), packages: ['awscli'] },
  { name: 'Chromium', there: () => BROWSERS.some((path) => existsSync(path)), packages: ['chromium'] },
];

export function installTestClients() {
  const missing = NEEDED.filter((client) => !client.there());
  if (missing.length === 0) return;
  const names = missing.map((client) => client.name).join(', ');
  const packages = missing.flatMap((client) => client.packages);
  console.error(`gatehouse: installing what the tests need: ${names}`);
  const installed = installWithApt(packages) || installWithBrew(packages);
  const still = NEEDED.filter((client) => !client.there());
  if (installed && still.length === 0) return;
  console.error(`gatehouse: the tests need ${still.map((client) => client.name).join(', ')}; install them and run npm test again`);
  process.exit(1);
}

function installWithApt(packages) {
  if (!works('apt-get', '--version')) return false;
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, 'apt-get', ...args];
    return spawnSync(command, rest, { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
  };
  return apt('update', '-q') && apt('install', '-y', '-q', '--no-install-recommends', ...packages);
}

function installWithBrew(packages) {
  if (!works('brew', '--version')) return false;
  const formulas = { python3: 'python3', 'python3-boto3': null, awscli: 'awscli' };
  const brewed = packages.map((name) => formulas[name]).filter(Boolean);
  if (packages.includes('chromium') && !works('brew', 'install', '--cask', 'chromium')) return false;
  if (brewed.length > 0 && spawnSync('brew', ['install', ...brewed], { stdio: ['ignore', 2, 2] }).status !== 0) return false;
  return works('python3', '-c', 'import boto3') || works('python3', '-m', 'pip', 'install', '--user', '--break-system-packages', 'boto3');
}
