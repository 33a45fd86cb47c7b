import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT, run } from './run.mjs';

const SDK = path.join(ROOT, 'sdks', 'python');
const REQUIREMENTS = path.join(ROOT, 'tools', 'packages', 'python-requirements.txt');
const CACHE = path.join(ROOT, '.cache', 'python');

/** Uses that a program may rely on, and uses that mypy must refuse. */
const PROGRAM = `from orbit_billing import OrbitApiError, OrbitClient, OrbitError, pages

orbit: OrbitClient = OrbitClient(api_key="dv_live_sk_1", base_url="http://127.0.0.1:9", retries_max=0)


def use() -> int:
    total = 0
    try:
        total += int(orbit.billing.get_balance().data.balance_cents)
        for transaction in pages(orbit.billing.list_transactions, limit=100):
            total += len(transaction.id)
    except OrbitApiError as error:
        code: str = error.code
        total += len(code) + error.status
    except OrbitError as error:
        total += len(str(error))
    return total


assert use() > 0
OrbitClient(api_keys="x")  # type: ignore[call-arg]
`;
const BUILD = `import sys, setuptools.build_meta as backend
kind, target = sys.argv[1:]
print(getattr(backend, "build_" + kind)(target))`;

/** The name of what was built is the last line that setuptools prints. */
const lastLine = (text) => text.trim().split('\n').at(-1);

export async function checkPython(folder) {
  const tools = await toolsOf();
  if (tools.missing) return `NOT CHECKED: ${tools.missing}`;
  const { python } = tools;
  // Of a copy: setuptools writes beside what it reads.
  const source = path.join(folder, 'source');
  fs.cpSync(SDK, source, {
    recursive: true,
    filter: (name) => !/(__pycache__|\.egg-info|\/build)$/.test(name),
  });
  const build = async (kind, cwd) =>
    path.join(folder, lastLine(await run(python, ['-c', BUILD, kind, folder], { cwd })));
  const sdist = await build('sdist', source);
  await run(python, ['-m', 'tarfile', '-e', sdist, folder]);
  // From the source distribution, so that it is seen to be whole.
  const wheel = await build('wheel', sdist.replace(/\.tar\.gz$/, ''));

  const home = path.join(folder, 'venv');
  await run(python, ['-m', 'venv', '--without-pip', home]);
  const installed = pythonOf(home);
  await run(python, [
    '-m',
    'pip',
    '--python',
    installed,
    'install',
    '--no-index',
    '--no-deps',
    '-q',
    wheel,
  ]);
  const program = path.join(folder, 'program.py');
  fs.writeFileSync(program, PROGRAM);
  const strict = ['--strict', '--warn-unused-ignores', '--cache-dir', path.join(CACHE, 'mypy')];
  const package_ = ['-p', 'orbit_billing'];
  await run(python, ['-m', 'mypy', ...strict, '--python-executable', installed, program], {
    cwd: folder,
  });
  await run(python, ['-m', 'mypy', ...strict, '--python-executable', installed, ...package_], {
    cwd: folder,
  });
  await run(installed, ['-c', PROGRAM.replace(/^OrbitClient\(api_keys.*$/m, '')], { cwd: folder });
  const where = await run(
    installed,
    ['-c', 'import orbit_billing; print(orbit_billing.__file__)'],
    { cwd: folder },
  );
  if (!where.startsWith(home))
    throw new Error(`The tests would not see the installed package but ${where}`);
  await run(installed, ['-m', 'unittest', 'discover', '-s', path.join(SDK, 'tests')], {
    cwd: folder,
    env: { PYTHONDONTWRITEBYTECODE: '1' },
  });
  return `${path.basename(sdist)} and ${path.basename(wheel)} build, install, pass mypy --strict and their tests`;
}

const pythonOf = (venv) =>
  process.platform === 'win32'
    ? path.join(venv, 'Scripts', 'python.exe')
    : path.join(venv, 'bin', 'python');

/** A Python with setuptools and mypy, made once per list of requirements; else what is missing. */
async function toolsOf() {
  const version = await run('python3', [
    '-c',
    'import sys; print("%d.%d" % sys.version_info[:2])',
  ]).catch(() => null);
  if (version === null) return { missing: 'there is no python3 on this machine.' };
  const [major, minor] = version.trim().split('.').map(Number);
  if (major < 3 || minor < 9) return { missing: `python3 is ${version.trim()}, older than 3.9.` };
  const hash = createHash('sha256')
    .update(fs.readFileSync(REQUIREMENTS))
    .update(version)
    .digest('hex');
  const home = path.join(CACHE, hash.slice(0, 12));
  const stamp = path.join(home, 'complete');
  if (fs.existsSync(stamp)) return { python: pythonOf(home) };
  fs.rmSync(home, { recursive: true, force: true });
  try {
    await run('python3', ['-m', 'venv', home]);
  } catch (error) {
    return {
      missing: `python3 cannot make a virtual environment (Debian: python3-venv).\n${error.message}`,
    };
  }
  const install = ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', '-r', REQUIREMENTS];
  try {
    await run(pythonOf(home), install);
  } catch (error) {
    return {
      missing: `setuptools and mypy could not be installed; is the registry of Python packages reachable?\n${error.message}`,
    };
  }
  fs.writeFileSync(stamp, '');
  return { python: pythonOf(home) };
}
