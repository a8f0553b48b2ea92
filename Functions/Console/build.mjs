// Builds the console into dist/: index.html and assets whose names hold a hash of their content.
//   node build.mjs          installs the locked packages where they are not, checks the types, bundles
//   node build.mjs --test   the same without bundling, and runs the unit tests
// Everything is made in a folder of this process's own and moved into place, so that builds may run at the same time: each does the
// whole work, and the same sources give the same files.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, cpSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

/** The most that all scripts and styles but the hash library may have together, compressed. */
const budget = 50 * 1024;

const keptFor = 86_400_000;

const root = path.dirname(fileURLToPath(import.meta.url));
const own = path.join(root, '..', 'obj', `console-${process.pid}`);
const modules = path.join(root, 'node_modules');
const dist = path.join(root, 'dist');

/** Ends the build with a sentence instead of a stack. */
function fail(message) {
  console.error(`The console could not be built: ${message}`);
  process.exitCode = 1;
  throw new Stop();
}

class Stop extends Error {}

/** Runs a program to its end and shows what it says only when it fails. */
function run(program, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', cwd: root, ...options });
  if (error || status !== 0) {
    process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
    fail(`'${path.basename(program)} ${args[0]}' failed${error ? `: ${error.message}` : '.'}`);
  }
}

/** npm ci, unless what package-lock.json names is there. */
function install() {
  const lock = readFileSync(path.join(root, 'package-lock.json'));
  const installed = () => {
    try {
      return readFileSync(path.join(modules, '.installed')).equals(lock);
    } catch {
      return false;
    }
  };
  if (installed()) {
    return;
  }

  for (const file of ['package.json', 'package-lock.json']) {
    cpSync(path.join(root, file), path.join(own, file));
  }
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: own, shell: process.platform === 'win32' });
  writeFileSync(path.join(own, 'node_modules', '.installed'), lock);
  try {
    if (!installed()) {
      if (existsSync(modules)) {
        renameSync(modules, path.join(own, 'former'));
      }
      renameSync(path.join(own, 'node_modules'), modules);
    }
  } catch (error) {
    // Another build may have put the same there in between.
    if (!installed()) {
      throw error;
    }
  }
}

function checkTypes() {
  run(process.execPath, [path.join(modules, 'typescript', 'bin', 'tsc'), '--noEmit']);
}

const common = { absWorkingDir: root, bundle: true, target: 'es2023', jsx: 'automatic', jsxImportSource: 'preact', logLevel: 'warning' };

/** A file that is served as it is, under a name with the hash of its content. */
function copyOf(file) {
  const contents = readFileSync(path.join(root, 'src', file));
  const { name, ext } = path.parse(file);
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 8).toUpperCase();
  return { path: path.join(dist, 'assets', `${name}-${hash}${ext}`), contents };
}

async function bundle(esbuild) {
  const options = { ...common, minify: true, metafile: true, write: false, outdir: 'dist/assets', charset: 'utf8', legalComments: 'none' };
  const named = { ...options, entryNames: '[name]-[hash]', assetNames: '[name]-[hash]' };
  const worker = await esbuild.build({ ...named, entryPoints: { hash: 'src/uploads/hash-worker.ts' }, format: 'iife' });
  const workerFile = path.basename(worker.outputFiles[0].path);
  const app = await esbuild.build({
    ...named,
    entryPoints: { console: 'src/main.tsx', theme: 'src/theme-early.ts' },
    format: 'esm',
    define: { HASH_WORKER: JSON.stringify(`assets/${workerFile}`) },
  });
  const icon = copyOf('icon.svg');
  const files = [...app.outputFiles, ...worker.outputFiles, icon];
  const name = (stem, ext) =>
    path.basename(files.find(file => path.basename(file.path).startsWith(`${stem}-`) && file.path.endsWith(ext)).path);
  const page = readFileSync(path.join(root, 'src', 'index.html'), 'utf8')
    .replaceAll('{icon}', `assets/${path.basename(icon.path)}`)
    .replaceAll('{style}', `assets/${name('console', '.css')}`)
    .replaceAll('{script}', `assets/${name('console', '.js')}`)
    .replaceAll('{theme}', `assets/${name('theme', '.js')}`);
  return { page, files, measured: app.outputFiles };
}

function measure(files) {
  const sizes = files.map(file => [path.basename(file.path), gzipSync(file.contents, { level: 9 }).length]);
  const total = sizes.reduce((sum, [, size]) => sum + size, 0);
  const kib = size => `${(size / 1024).toFixed(1)} KiB`;
  const parts = sizes.map(([name, size]) => `${name} ${kib(size)}`).join(', ');
  console.log(`Console: ${kib(total)} of ${kib(budget)} gzipped, without the hash library (${parts}).`);
  if (total > budget) {
    fail(`${kib(total)} of scripts and styles are more than ${kib(budget)}.`);
  }
}

/**
 * Assets first, then the page that names them and the list of what belongs together. What an earlier build made stays for a day, because
 * another build may be embedding it right now.
 */
function publish({ page, files }) {
  const put = (file, contents) => {
    const fresh = path.join(own, path.basename(file));
    writeFileSync(fresh, contents);
    renameSync(fresh, file);
  };
  const assets = path.join(dist, 'assets');
  mkdirSync(assets, { recursive: true });
  for (const file of files) {
    const target = path.join(assets, path.basename(file.path));
    put(target, file.contents);
  }
  const names = files.map(file => path.basename(file.path));
  put(path.join(dist, 'index.html'), page);
  // Written last, and even when it is the same: its time is what MSBuild compares with that of the sources.
  put(path.join(dist, 'files.txt'), ['index.html', ...names.map(name => `assets/${name}`), ''].join('\n'));
  for (const name of readdirSync(assets).filter(name => !names.includes(name))) {
    const file = path.join(assets, name);
    if (Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > keptFor) {
      rmSync(file, { force: true });
    }
  }
}

async function test(esbuild) {
  const suites = readdirSync(path.join(root, 'test')).filter(name => name.endsWith('.test.ts'));
  await esbuild.build({
    ...common,
    entryPoints: suites.map(name => `test/${name}`),
    outdir: path.join(own, 'test'),
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    platform: 'node',
  });
  const { status } = spawnSync(process.execPath, ['--test', '--test-reporter=dot', path.join(own, 'test')], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

mkdirSync(own, { recursive: true });
try {
  install();
  checkTypes();
  const esbuild = await import(pathToFileURL(path.join(modules, 'esbuild', 'lib', 'main.js')).href);
  if (process.argv.includes('--test')) {
    await test(esbuild);
  } else {
    const built = await bundle(esbuild);
    measure(built.measured);
    publish(built);
  }
} catch (error) {
  if (!(error instanceof Stop)) {
    console.error(error.errors ? 'The console could not be built.' : error);
    process.exitCode = 1;
  }
} finally {
  rmSync(own, { recursive: true, force: true });
}
