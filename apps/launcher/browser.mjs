/** Finds a Chromium that starts: the one you name, an installed one, Playwright's own, or, on Linux, one from npm. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Refusal } from './terminal.mjs';

const IN_PATH = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const ELSEWHERE = {
  darwin: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
  win32: ['ProgramFiles', 'ProgramFiles(x86)', 'LocalAppData'].filter((name) => process.env[name]).map((name) => path.join(process.env[name], 'Google/Chrome/Application/chrome.exe')),
};

/** @returns {Promise<null | { path: string, env: Record<string, string> }>} the browser and what it needs in its environment */
export async function findBrowser() {
  if (process.env.CHROMIUM_PATH) {
    if (!fs.existsSync(process.env.CHROMIUM_PATH)) throw new Refusal('CHROMIUM_PATH names no file');
    return { path: process.env.CHROMIUM_PATH, env: {} };
  }
  const candidates = [...installed(), ...(await ofPlaywright()), ...(await fromNpm())];
  return candidates.find(starts) ?? null;
}

function installed() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const files = [...IN_PATH.flatMap((name) => folders.map((folder) => path.join(folder, name))), ...(ELSEWHERE[process.platform] ?? [])];
  return files.filter((file) => fs.existsSync(file)).map((file) => ({ path: file, env: {} }));
}

async function ofPlaywright() {
  const { chromium } = await import('@playwright/test');
  const file = chromium.executablePath();
  return fs.existsSync(file) ? [{ path: file, env: {} }] : [];
}

/** A build for cloud functions that brings its own libraries; it unpacks them only where it takes the machine for such a function. */
async function fromNpm() {
  if (process.platform !== 'linux') return [];
  process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs20.x';
  const { default: chromium } = await import('@sparticuz/chromium');
  try {
    const file = await chromium.executablePath();
    return [{ path: file, env: { AWS_EXECUTION_ENV: process.env.AWS_EXECUTION_ENV, LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH ?? '' } }];
  } catch {
    return []; // not made for this processor
  }
}

/** `--version` on Windows opens a window instead, so there the file's being there must do. */
function starts({ path: file, env }) {
  if (process.platform === 'win32') return true;
  return spawnSync(file, ['--version'], { env: { ...process.env, ...env }, timeout: 20_000, stdio: 'ignore' }).status === 0;
}
